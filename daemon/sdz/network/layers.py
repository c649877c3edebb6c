"""What layers a network has, and whether its numbers are sound; the order is docs/network.md's.

The shape is told by the tensors: how many blocks, how wide. Nothing is believed of them: every sum
of 32 bits is shown to hold whatever the inputs, as the library computes without looking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PANEL = 32
"""Widths are multiples of it (types.h)."""
MAX_WIDTH, MAX_BLOCKS = 1024, 32  # packed.h
SHIFTS = range(2, 31)
"""What shifts may be: the library multiplies by 2^(32 - shift) where it cannot shift by lanes."""
LEVELS_LIMIT = 255
"""Pixels enter the encoder as odd numbers from -255 to 255."""
GRID_LIMIT = 32768
"""The largest size of an int16."""

Array = NDArray[Any]
Refuse = Callable[[str], Exception]
"""Makes the error for a reason."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Widths and numbers of blocks of an encoder or a decoder, at 1/16 and 1/8 of the picture."""

    encodes: bool
    latents: int
    width_16: int
    width_8: int
    blocks_16: int
    blocks_8: int

    def numbers(self) -> NDArray[np.int32]:
        """As the library takes them."""
        blocks = (self.blocks_16, self.blocks_8)
        widths = (self.latents, self.width_16, self.width_8)
        return np.array([int(self.encodes), *widths, *blocks], np.int32)

    def halo(self) -> int:
        """Radius, in latent positions, beyond which a latent and a pixel do not meet."""
        reach_8 = 1 + self.blocks_8
        return (reach_8 + 1) // 2 + self.blocks_16 + (2 if self.encodes else 1)


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights [outputs, inputs], biases and shifts [outputs].

    ``limit`` is the largest size of an input. ``inputs`` 0: a product of gates and values, which
    has shifts alone.
    """

    name: str
    outputs: int
    inputs: int
    limit: int = GRID_LIMIT


def layers(shape: Shape) -> Iterator[Layer]:
    """The layers of a network in their order."""
    n16, n8 = shape.width_16, shape.width_8
    blocks_16 = _blocks("blocks_16", n16, shape.blocks_16)
    blocks_8 = _blocks("blocks_8", n8, shape.blocks_8)
    if shape.encodes:
        yield Layer("encoder.lapped", n8, 3 * 16 * 16, LEVELS_LIMIT)
        yield from (_under("encoder", layer) for layer in blocks_8)
        yield Layer("encoder.down", n16, 9 * n8)
        yield from (_under("encoder", layer) for layer in blocks_16)
        yield Layer("encoder.latents", shape.latents, n16)
    else:
        yield Layer("decoder.enter", n16, shape.latents)
        yield from (_under("decoder", layer) for layer in blocks_16)
        yield Layer("decoder.up", 4 * n8, n16)
        yield from (_under("decoder", layer) for layer in blocks_8)
        yield Layer("decoder.lapped", 3 * 8 * 8, 4 * n8)


def _blocks(name: str, n: int, count: int) -> Iterator[Layer]:
    for index in range(count):
        block = f"{name}.{index}"
        yield Layer(f"{block}.inner", n, n)
        yield Layer(f"{block}.depth", n, 9)
        yield Layer(f"{block}.outer", n, n)
        yield Layer(f"{block}.expand", 4 * n, n)
        yield Layer(f"{block}.product", 2 * n, 0)
        yield Layer(f"{block}.shrink", n, 2 * n)


def _under(prefix: str, layer: Layer) -> Layer:
    return Layer(f"{prefix}.{layer.name}", layer.outputs, layer.inputs, layer.limit)


def shape_of(tensors: Mapping[str, Array], encodes: bool, refuse: Refuse) -> Shape:
    """The shape that the tensors tell. Raises what ``refuse`` makes where none can be run."""

    def sides(name: str) -> tuple[int, int]:
        weight = tensors.get(f"{name}.weight")
        if weight is None or weight.ndim != 2:
            raise refuse(f"has no matrix {name}.weight")
        return weight.shape[0], weight.shape[1]

    if encodes:
        width_8, (latents, width_16) = sides("encoder.lapped")[0], sides("encoder.latents")
    else:
        (width_16, latents), width_8 = sides("decoder.enter"), sides("decoder.lapped")[1] // 4
    part = "encoder" if encodes else "decoder"
    counts = [_count(tensors, f"{part}.blocks_{scale}") for scale in (16, 8)]
    for width in (latents, width_16, width_8):
        if width < 1 or width > MAX_WIDTH or width % PANEL:
            raise refuse(f"{part}: a width of {width}, not a multiple of {PANEL} up to {MAX_WIDTH}")
    if max(counts) > MAX_BLOCKS:
        raise refuse(f"{part}: {max(counts)} blocks, over {MAX_BLOCKS}")
    return Shape(encodes, latents, width_16, width_8, *counts)


def _count(tensors: Mapping[str, Array], prefix: str) -> int:
    """One more than the highest index; what then lacks is found by its name."""
    pattern = re.compile(re.escape(prefix) + r"\.(\d{1,4})\.")
    return max((int(found[1]) + 1 for name in tensors if (found := pattern.match(name))), default=0)


def gather(
    tensors: Mapping[str, Array], shape: Shape, refuse: Refuse
) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """All weights, and all biases and shifts, in the library's order; checked on the way."""
    weights: list[Array] = []
    numbers: list[Array] = []
    for layer in layers(shape):
        shift = _tensor(tensors, f"{layer.name}.shift", np.uint8, (layer.outputs,), refuse)
        if shift.min() < SHIFTS.start or shift.max() >= SHIFTS.stop:
            raise refuse(f"{layer.name}.shift: not within {SHIFTS.start} to {SHIFTS.stop - 1}")
        bias = np.zeros(layer.outputs, np.int32)
        if layer.inputs:
            form = (layer.outputs, layer.inputs)
            weight = _tensor(tensors, f"{layer.name}.weight", np.int16, form, refuse)
            bias = _tensor(tensors, f"{layer.name}.bias", np.int32, form[:1], refuse)
            if not sums_hold(weight, bias, shift, layer.limit):
                raise refuse(f"{layer.name}: its sums may pass 32 bits")
            weights.append(weight.ravel())
        numbers += [bias, shift.astype(np.int32)]
    return np.concatenate(weights), np.concatenate(numbers)


def sums_hold(weight: Array, bias: Array, shift: Array, limit: int) -> bool:
    """Whether no sum of a layer can reach 2^31 in size, nor any part of it in whatever order."""
    largest = np.abs(weight.astype(np.int64)).sum(1) * limit + np.abs(bias.astype(np.int64))
    return bool((largest + (1 << shift.astype(np.int64) >> 1) < 1 << 31).all())


def _tensor(
    tensors: Mapping[str, Array], name: str, dtype: Any, form: tuple[int, ...], refuse: Refuse
) -> Array:
    found = tensors.get(name)
    if found is None:
        raise refuse(f"has no tensor {name}")
    if found.dtype != dtype or found.shape != form:
        wanted = f"{np.dtype(dtype).name} {'x'.join(map(str, form))}"
        raise refuse(f"{name}: {found.dtype.name} {'x'.join(map(str, found.shape))}, not {wanted}")
    return np.ascontiguousarray(found)
