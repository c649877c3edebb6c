"""Networks of integers that tests make up: small ones with all layers, and numbers at their limits.

Drawn by RandomState, whose numbers are the same for ever: golden pixels hang on them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdz.network.layers import Layer, Shape, layers

Tensors = dict[str, NDArray[Any]]

DECODER = Shape(False, latents=64, width_16=96, width_8=32, blocks_16=2, blocks_8=3)
ENCODER = Shape(True, latents=64, width_16=64, width_8=96, blocks_16=1, blocks_8=2)
BARE = Shape(False, latents=32, width_16=32, width_8=32, blocks_16=0, blocks_8=0)
"""No blocks at all."""


def network(seed: int = 1, decoder: Shape = DECODER, encoder: Shape | None = ENCODER) -> Tensors:
    """Activations of all sizes, some of them limited."""
    draw = np.random.RandomState(seed)
    tensors: Tensors = {}
    for shape in (decoder, encoder):
        for layer in layers(shape) if shape else ():
            if layer.inputs:
                tensors |= _dense(layer, draw)
            else:
                tensors[f"{layer.name}.shift"] = draw.randint(10, 15, layer.outputs).astype(
                    np.uint8
                )
    steps = draw.randint(-3 * 65536, 6 * 65536, (8, decoder.latents))
    tensors["decoder.steps"] = np.sort(steps, axis=0)[::-1].astype(np.int32)
    tensors["latent_unit"] = draw.uniform(0.001, 0.1, decoder.latents).astype(np.float32)
    return tensors


def _dense(layer: Layer, draw: np.random.RandomState) -> Tensors:
    """Weights whose sums come near to 32 bits, and the shift that brings them back to about 13."""
    form = (layer.outputs, layer.inputs)
    share = (1 << 31) / layer.limit / layer.inputs
    size = np.minimum(2.0 ** draw.randint(4, 15, layer.outputs), 0.99 * share).astype(np.int64)
    weight = draw.randint(-(1 << 20), 1 << 20, form) * size[:, None] >> 20
    spread = size * layer.limit * 0.2 * np.sqrt(layer.inputs)
    wanted = 64 if layer.name == "decoder.lapped" else 6000
    shift = np.clip(np.log2(spread / wanted), 2, 30).astype(np.int64)
    bias = draw.randint(-200, 200, layer.outputs) * (1 << np.minimum(shift, 10))
    if layer.name == "decoder.lapped":
        bias = 128 << shift
    room = (1 << 31) - 1 - np.abs(weight).sum(1) * layer.limit - (1 << shift >> 1)
    bias = np.clip(bias, -room, room)
    return {
        f"{layer.name}.weight": weight.astype(np.int16),
        f"{layer.name}.bias": bias.astype(np.int32),
        f"{layer.name}.shift": shift.astype(np.uint8),
    }


def at_the_limit(seed: int = 1, shape: Shape = DECODER, encoder: Shape | None = ENCODER) -> Tensors:
    """As ``network``, but each row's sums can come within one weight of 2^31, with all shifts."""
    tensors = network(seed, shape, encoder)
    draw = np.random.RandomState(seed)
    for part in (shape, encoder):
        for layer in layers(part) if part else ():
            if not layer.inputs:
                tensors[f"{layer.name}.shift"][:] = draw.randint(2, 31, layer.outputs)
                continue
            shift = draw.randint(2, 31, layer.outputs)
            signs = draw.randint(0, 2, (layer.outputs, layer.inputs)) * 2 - 1
            room = (1 << 31) - 1 - (1 << shift >> 1)
            each = np.minimum(room // layer.limit // layer.inputs, 32767)
            left = room - each * layer.limit * layer.inputs
            bias = left * (draw.randint(0, 2, layer.outputs) * 2 - 1)
            tensors[f"{layer.name}.weight"] = (signs * each[:, None]).astype(np.int16)
            tensors[f"{layer.name}.bias"] = bias.astype(np.int32)
            tensors[f"{layer.name}.shift"] = shift.astype(np.uint8)
    return tensors


def symbols(seed: int, channels: int, h: int, w: int) -> NDArray[np.int16]:
    """Mostly small, some huge, some channels empty."""
    draw = np.random.RandomState(seed)
    found = draw.randint(-3, 4, (channels, h, w))
    found[draw.uniform(size=found.shape) < 0.01] = 32767
    found[draw.uniform(size=found.shape) < 0.01] = -32768
    found[draw.uniform(size=channels) < 0.3] = 0
    return found.astype(np.int16)


def picture(seed: int, height: int, width: int) -> NDArray[np.uint8]:
    """Noise with black and white areas."""
    draw = np.random.RandomState(seed)
    found = draw.randint(0, 256, (height, width, 3))
    found[: height // 3] = 0
    found[:, width // 2 :] |= 0xF0
    return found.astype(np.uint8)
