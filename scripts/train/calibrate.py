"""How large the activations of a network get on pictures, channel by channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from sdz.models.lite_net import Block, LiteNet

SIDE = (512, 384)
RATES_BEYOND = 2
"""Rates beyond the trained ones at both ends that symbols are tried at, too."""

RUNAWAY = 20.0
"""Times the median of how large a decoding gets, from where on it is one that has run away. Gates
multiply, and a network can leave all bounds on a picture unlike any that it was trained on: one of
``--grow`` reached 4e6 for 4 on stripes of two pixels. Grids that held that would be
too coarse for every other picture; in 16 bits it is cut off, which is the best for it, too."""

CLOSED = 1 / 8
"""What counts of a gate below zero."""

Pixels = NDArray[np.uint8]
Largest = dict[str, NDArray[np.float32]]


class Recorder:
    """Runs a network step by step and keeps the largest size of every channel."""

    def __init__(self) -> None:
        self.largest: Largest = {}

    def see(self, name: str, x: Tensor) -> Tensor:
        """Look at x [N, C, H, W] and pass it on."""
        found = x.abs().amax((0, 2, 3)).numpy()
        self.largest[name] = np.maximum(self.largest.get(name, np.zeros_like(found)), found)
        return x

    def blocks(self, prefix: str, scale: str, blocks: Iterable[nn.Module], x: Tensor) -> Tensor:
        """As ``Block.forward``; ``prefix``: encoder or decoder."""
        stream = f"{prefix}.stream_{scale}"
        self.see(stream, x)
        for index, block in enumerate(blocks):
            assert isinstance(block, Block)
            name = f"{prefix}.blocks_{scale}.{index}"
            # Before the slope: the limit of 16 bits is met there.
            t = self.see(f"{name}.inner", block.inner(x))
            d = self.see(f"{name}.depth", block.depth(functional.leaky_relu(t, 0.1)))
            x = self.see(stream, x + block.outer(d))
            gate, value = block.expand(x).chunk(2, dim=1)
            # Most gates are never open on photographs, and their grids must not become too fine.
            self.see(f"{name}.gate", functional.leaky_relu(gate, -CLOSED))
            value = self.see(f"{name}.value", value)
            product = self.see(f"{name}.product", functional.relu(gate) * value)
            x = self.see(stream, x + block.shrink(product))
        return x

    def encode(self, network: LiteNet, pixels: Tensor) -> Tensor:
        """Pixels around zero to latents."""
        encoder = network.encoder
        assert encoder is not None
        x = self.blocks("encoder", "8", encoder.blocks_8, encoder.lapped(pixels))
        x = self.blocks("encoder", "16", encoder.blocks_16, encoder.down(x))
        return self.see("latents", encoder.latents(x))

    def decode(self, network: LiteNet, latents: Tensor) -> None:
        """Latents as a reader has them, up to the last layer's input."""
        decoder = network.decoder
        self.see("latents", latents)
        x = self.blocks("decoder", "16", decoder.blocks_16, decoder.enter(latents))
        x = functional.pixel_shuffle(decoder.up(x), 2)
        self.blocks("decoder", "8", decoder.blocks_8, x)


def drawings() -> Iterator[Pixels]:
    """What no photograph has: hard edges of full contrast, full colours, noise."""
    draw = np.random.RandomState(1)
    h, w = SIDE[1], SIDE[0]
    y, x = np.mgrid[:h, :w]
    for size in (1, 2, 3, 4, 8, 16, 32):
        form = (-(-h // size), -(-w // size))
        cells = (np.ones((size, size, 1), np.int64), (slice(h), slice(w)))
        for colours in (1, 3):
            dots = np.kron(draw.randint(0, 2, (*form, colours)) * 255, cells[0])[cells[1]]
            yield np.broadcast_to(dots, (h, w, 3)).astype(np.uint8)
        checks = (x // size + y // size & 1)[..., None] * 255
        stripes = np.stack([x // size & 1, y // size & 1, x // size // 2 & 1], -1) * 255
        opposite = np.where(checks > 0, [255, 0, 255], [0, 255, 0])
        for made in (checks, stripes, opposite, 255 - opposite[..., [1, 2, 0]]):
            yield np.broadcast_to(made, (h, w, 3)).astype(np.uint8)
    yield draw.randint(0, 256, (h, w, 3)).astype(np.uint8)
    for colour in np.ndindex(2, 2, 2):
        yield np.broadcast_to(np.array(colour) * 255, (h, w, 3)).astype(np.uint8)


def largest_activations(
    network: LiteNet,
    encode_gain: NDArray[np.float32],
    decode_gain: NDArray[np.float32],
    pictures: Iterable[Pixels],
) -> Largest:
    """By the names that ``quantise.py`` asks for. The gains [R, C] are logarithms."""
    encodings, decodings = Recorder(), list[Largest]()
    slope = np.log(100) / 14
    with torch.inference_mode():
        for number, rgb in enumerate(pictures):
            pixels = torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].float() / 255 - 0.5
            latents = encodings.encode(network, pixels)
            last = len(encode_gain) - 1
            for rate in range(-RATES_BEYOND + number % 3, last + 1 + RATES_BEYOND, 3):
                row = min(max(rate, 0), last)
                before = np.exp(encode_gain[row] + (rate - row) * slope).astype(np.float32)
                after = np.exp(decode_gain[row] - (rate - row) * slope).astype(np.float32)
                q = (latents * torch.from_numpy(before)[:, None, None]).round()
                recorder = Recorder()
                recorder.decode(network, q * torch.from_numpy(after)[:, None, None])
                decodings.append(recorder.largest)
    return _joined([encodings.largest, *_tame(decodings)])


def _tame(decodings: list[Largest]) -> list[Largest]:
    """Those that have not run away; says how many have."""
    sizes = np.array([found["decoder.stream_8"].max() for found in decodings])
    tame = sizes <= RUNAWAY * np.median(sizes)
    if not tame.all():
        print(f"{np.sum(~tame)} of {len(sizes)} decodings run away, to {sizes.max():.3g}: left out")
    return [found for found, kept in zip(decodings, tame, strict=True) if kept]


def _joined(parts: list[Largest]) -> Largest:
    found: Largest = {}
    for part in parts:
        for name, sizes in part.items():
            found[name] = np.maximum(found.get(name, np.zeros_like(sizes)), sizes)
    return found


def photographs(paths: Iterable[Path]) -> Iterator[Pixels]:
    """Each at ``SIDE``."""
    for path in paths:
        with Image.open(path) as image:
            yield np.asarray(image.convert("RGB").resize(SIDE, Image.Resampling.LANCZOS))
