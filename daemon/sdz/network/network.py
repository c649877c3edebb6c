"""A network of integers: symbols to pixels and pixels to latents, the same bits on every machine.

docs/network.md says what is computed. A picture of any size takes memory for some rows of it beside
the arrays that go in and come out; tiles are nobody's business here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdz.errors import BadModel
from sdz.network import steps
from sdz.network.layers import Refuse, Shape, gather, shape_of
from sdz.network.library import Bytes, library
from sdz.network.running import MOST_USEFUL, run
from sdz.network.tensors import read_tensors

FACTOR = 16
MAX_SIDE = 4096
"""Latent positions a side (network.c)."""
UNIT = "latent_unit"
MAX_RATES = 64
MAX_LOGARITHM = 32 << 16

Symbols = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Layers:
    """One direction's layers as the library has packed them."""

    shape: Shape
    packed: Bytes

    @classmethod
    def of(cls, tensors: Mapping[str, NDArray[Any]], encodes: bool, refuse: Refuse) -> Layers:
        """Checked and packed."""
        shape = shape_of(tensors, encodes, refuse)
        weights, numbers = gather(tensors, shape, refuse)
        return cls(shape, library().pack(shape.numbers(), weights, numbers))


@dataclass(frozen=True, slots=True)
class Network:
    """A decoder, and an encoder where the edition has one.

    ``table`` [R, C]: see ``steps``. ``unit`` [C] float32: what a latent of 1 on the grid is in the
    units that the encoder's gains and the preview are meant in.
    """

    decoder: Layers
    encoder: Layers | None
    table: NDArray[np.int32]
    unit: NDArray[np.float32]

    @property
    def channels(self) -> int:
        """Number of latent channels."""
        return self.decoder.shape.latents

    def decode(
        self,
        symbols: Symbols,
        code: int,
        *,
        size: tuple[int, int] | None = None,
        channel_steps: Sequence[int] | None = None,
        threads: int = 1,
        variant: str | None = None,
    ) -> Bytes:
        """Pixels [16h, 16w, 3] uint8 sRGB of symbols [C, h, w] int16, or ``size`` of them.

        code: 0 to 65535. channel_steps: [C] of -128 to 127, as in a file. size: (height, width) of
        the picture. Raises Stopped, ValueError for arrays of another form.
        """
        channels, h, w = _checked(symbols, np.int16, self.channels)
        height, width = size or (FACTOR * h, FACTOR * w)
        if max(h, w) > MAX_SIDE or -(-height // FACTOR) != h or -(-width // FACTOR) != w:
            raise ValueError(f"a picture of {width} x {height} for {w} x {h} latents")
        if channel_steps is not None and len(channel_steps) != channels:
            raise ValueError(f"{len(channel_steps)} channel steps for {channels} channels")
        lib, shape = library(), self.decoder.shape
        chosen, numbers = lib.chosen(variant), shape.numbers()
        multipliers = steps.multipliers(self.table, code, channel_steps)
        symbols = np.ascontiguousarray(symbols)
        pixels = np.empty((height, width, 3), np.uint8)
        rooms = []
        for start, end in _bands(h, threads, shape.halo()):
            first, last = max(0, start - shape.halo()), min(h, end + shape.halo())
            room = lib.room(numbers, last - first, w)
            part = pixels[start * FACTOR : end * FACTOR]
            lib.begin_decoding(
                *(room, numbers, self.decoder.packed, chosen, symbols[:, first:last]),
                *(multipliers, part, (start - first) * FACTOR),
            )
            rooms.append(room)
        run(lib, rooms, threads)
        return pixels

    def encode(
        self,
        rgb: Bytes,
        *,
        threads: int = 1,
        variant: str | None = None,
    ) -> Symbols:
        """Latents [C, ceil(H / 16), ceil(W / 16)] int16 on the grid, of sRGB [H, W, 3] uint8.

        Times ``unit`` they are the encoder's floats. Raises Stopped, BadModel where the edition
        only reads, ValueError for arrays of another form.
        """
        if self.encoder is None:
            raise BadModel("this edition", "it only reads")
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
            raise ValueError(f"pixels {rgb.dtype} {rgb.shape}, not uint8 [H, W, 3]")
        h, w = -(-rgb.shape[0] // FACTOR), -(-rgb.shape[1] // FACTOR)
        if max(h, w) > MAX_SIDE:
            raise ValueError(f"a picture of {rgb.shape[1]} x {rgb.shape[0]}")
        lib, numbers = library(), self.encoder.shape.numbers()
        room = lib.room(numbers, h, w)
        rgb = np.ascontiguousarray(rgb)
        latents = np.empty((self.channels, h, w), np.int16)
        lib.begin_encoding(room, numbers, self.encoder.packed, lib.chosen(variant), rgb, latents)
        run(lib, [room], threads)
        return latents


def read_network(path: Path) -> Network:
    """The network of an edition's file. Raises BadModel where it is not whole or not sound."""
    tensors = read_tensors(path, ("decoder.", "encoder.", UNIT))
    return network_of(tensors, lambda reason: BadModel(str(path), reason))


def network_of(tensors: Mapping[str, NDArray[Any]], refuse: Refuse) -> Network:
    """The network of an edition's tensors. Raises what ``refuse`` makes of a reason."""
    decoder = Layers.of(tensors, False, refuse)
    channels = decoder.shape.latents
    table = tensors.get("decoder.steps")
    if table is None or table.dtype != np.int32 or table.ndim != 2 or table.shape[1] != channels:
        raise refuse(f"has no table decoder.steps of {channels} channels")
    if (
        not 1 <= len(table) <= MAX_RATES
        or np.abs(table.astype(np.int64)).max(initial=0) > MAX_LOGARITHM
    ):
        raise refuse("decoder.steps: rates or steps that cannot be")
    unit = tensors.get(UNIT)
    if unit is None or unit.dtype != np.float32 or unit.shape != (channels,):
        raise refuse(f"has no {UNIT} of {channels} channels")
    if not (np.isfinite(unit) & (unit > 0)).all():
        raise refuse(f"{UNIT}: not all above zero")
    if not any(name.startswith("encoder.") for name in tensors):
        return Network(decoder, None, table, unit)
    encoder = Layers.of(tensors, True, refuse)
    if encoder.shape.latents != channels:
        raise refuse(f"an encoder of {encoder.shape.latents} channels, a decoder of {channels}")
    return Network(decoder, encoder, table, unit)


def _bands(h: int, threads: int, halo: int) -> list[tuple[int, int]]:
    """Bands of latent rows that are worked on at once, each with its own stages and margins."""
    most = max(1, h // (4 * halo))  # margins cost at most a quarter
    count = min(-(-threads // MOST_USEFUL), most)
    edges = [index * h // count for index in range(count + 1)]
    return list(pairwise(edges))


def _checked(array: NDArray[Any], dtype: Any, channels: int) -> tuple[int, int, int]:
    if array.ndim != 3 or array.dtype != dtype or array.shape[0] != channels or not array.size:
        raise ValueError(f"symbols {array.dtype} {array.shape}, not int16 [{channels}, h, w]")
    return array.shape[0], array.shape[1], array.shape[2]
