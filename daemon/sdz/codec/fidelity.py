"""How like the original a decoded picture is: SSIMULACRA2 (whole and worst region) and PSNR.

The metric runs tile by tile. Pictures are held as the bytes they came as; floats exist for one
tile at a time, for the smaller scales of the pyramid (at most 2 megapixels a level), and, where
the original is no larger than a megapixel, for its statistics, so that a search which measures
many candidates against it does half the work.

Every map of the metric is summed over squares of 256x256 picture pixels (the same squares at
every scale: 128 at half size, ... 8 at 1/32). Whole picture and regions are scored from those
sums, so the tiling leaves no trace in the result.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sdz.codec import ssimulacra2 as metric
from sdz.codec.ssimulacra2 import RADIUS, SCALES, TileStats
from sdz.container import Report

Pixels = NDArray[np.uint8]
"""Bytes of a picture: [H, W, 3] sRGB; [H, W] for an alpha channel."""

REGION = 256  # side of a region, in picture pixels; a power of two over 2 ** SCALES
_SMALLEST_REGION = 64  # a last row or column narrower than this belongs to the one before
_KEPT_LEVEL = 1 << 21  # pixels of the largest pyramid level held as floats (12 bytes each)
_KEPT_ORIGINAL = 1 << 20  # pixels of the largest original whose statistics are held (70 bytes each)
_GREY = 128  # what shows through transparent pixels when they are measured


class Reference:
    """An original that decoded candidates are compared with.

    ``rgb``: uint8 [H, W, 3], any size from 1x1. ``alpha``: uint8 [H, W], or None where opaque.
    ``tile``: side of the tiles in pixels, a power of two; it changes memory, not results.
    """

    def __init__(self, rgb: Pixels, alpha: Pixels | None = None, *, tile: int = 128) -> None:
        self._shape = rgb.shape
        self._rgb = over_grey(rgb, alpha)
        self._tile = tile
        height, width = rgb.shape[:2]
        self._keep = height * width <= _KEPT_ORIGINAL
        self._kept: dict[_Tile, TileStats] = {}

    @cached_property
    def _pyramid(self) -> _Pyramid:
        """Made when the first candidate comes: there may never be one."""
        return _Pyramid(self._rgb)

    def measure(self, rgb: Pixels, alpha: Pixels | None = None) -> Report:
        """Compare ``rgb`` (uint8, the original's shape) and its ``alpha`` with the original.

        Pictures with alpha are compared as they look on mid-grey. Raises ValueError for another
        shape than the original's.
        """
        if rgb.shape != self._shape:
            raise ValueError(f"candidate is {rgb.shape}, the original {self._shape}")
        shown = over_grey(rgb, alpha)
        noise = psnr(self._rgb, shown)
        if math.isinf(noise):
            return Report(100.0, 100.0, noise)
        with one_thread():
            score, worst = self._ssimulacra2(shown)
        return Report(score, worst, noise)

    @torch.inference_mode()
    def _ssimulacra2(self, rgb: Pixels) -> tuple[float, float]:
        """SSIMULACRA2 of the whole picture, and of its worst region."""
        candidate = _Pyramid(rgb)
        sizes = candidate.sizes
        height, width = sizes[0]
        grid = (-(-height // REGION), -(-width // REGION))
        sums = np.zeros((len(sizes), metric.MAPS, 2, *grid))
        for place in _tiles(sizes, self._tile):
            maps = metric.difference_maps(self._stats(place), candidate.stats(place))
            side = REGION >> place.scale
            part = metric.pooled_sums(maps, min(side, self._tile))
            y, x = place.y // side, place.x // side
            sums[place.scale, :, :, y : y + part.shape[2], x : x + part.shape[3]] += part

        scales = range(len(sizes))
        rows = np.array([_lengths(sizes[s][0], REGION >> s) for s in scales])
        columns = np.array([_lengths(sizes[s][1], REGION >> s) for s in scales])
        sums, rows = _merge_narrow(sums, rows, axis=3)
        sums, columns = _merge_narrow(sums, columns, axis=4)
        areas = (rows[:, :, None] * columns[:, None, :])[:, None, None]
        whole = metric.score(sums.sum((3, 4)) / areas.sum((3, 4)))
        return float(whole), float(min(whole, metric.score(sums / areas).min()))

    def _stats(self, place: _Tile) -> TileStats:
        found = self._kept.get(place)
        if found is None:
            found = self._pyramid.stats(place)
            if self._keep:
                self._kept[place] = found
        return found


def psnr(a: Pixels, b: Pixels) -> float:
    """Peak signal-to-noise ratio in dB of two uint8 arrays of one shape [H, W, ...].

    Exact: the squared error is summed in integers. Infinite when ``a`` equals ``b``.
    """
    total = 0
    for y in range(0, a.shape[0], 64):
        difference = np.subtract(a[y : y + 64], b[y : y + 64], dtype=np.int32)
        total += int(np.square(difference, out=difference).sum(dtype=np.int64))
    return 10 * math.log10(255**2 * a.size / total) if total else math.inf


def over_grey(rgb: Pixels, alpha: Pixels | None) -> Pixels:
    """``rgb`` [H, W, 3] seen through ``alpha`` [H, W] on mid-grey, the middle of all backgrounds.

    The blend is done on sRGB values, as browsers do. ``rgb`` itself is returned when opaque.
    """
    if alpha is None:
        return rgb
    shown = np.empty_like(rgb)
    for y in range(0, rgb.shape[0], 64):
        a = alpha[y : y + 64, :, None].astype(np.int32)
        blend = rgb[y : y + 64] * a + _GREY * (255 - a)
        shown[y : y + 64] = (blend + 127) // 255
    return shown


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread, for the block.

    The operations are small: on two cores that other work kept busy, waiting for a second thread
    in each of them took 768x512 from 33 ms to between 60 and 500. The count is the process's, so
    no other thread should make its first torch call meanwhile: it would keep it.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _linear_table() -> NDArray[np.float32]:
    """Linear light of each sRGB byte (IEC 61966-2-1), 0..1."""
    v = np.arange(256) / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


_LINEAR = _linear_table()


@dataclass(frozen=True)
class _Tile:
    """A rectangle of one scale of a picture, in that scale's pixels."""

    scale: int
    y: int
    x: int
    height: int
    width: int


def _tiles(sizes: list[tuple[int, int]], side: int, first: int = 0) -> Iterator[_Tile]:
    """All tiles of the scales with ``sizes`` (height, width), from scale ``first`` on."""
    for scale in range(first, len(sizes)):
        height, width = sizes[scale]
        for y in range(0, height, side):
            for x in range(0, width, side):
                yield _Tile(scale, y, x, min(side, height - y), min(side, width - x))


class _Pyramid:
    """The scales of one picture in linear light, each half the one before (rounded up).

    ``sizes``: (height, width) of each scale. Pictures under 8 pixels on a side are widened to 8
    by repeating their last row and column: the metric as published calls every such picture
    perfect, whatever was done to it.
    """

    @torch.inference_mode()
    def __init__(self, rgb: Pixels) -> None:
        height, width = rgb.shape[:2]
        short = [(0, max(0, metric.MIN_SIDE - side)) for side in (height, width)]
        self._rgb = np.pad(rgb, [*short, (0, 0)], mode="edge") if np.any(short) else rgb
        self.sizes = [(self._rgb.shape[0], self._rgb.shape[1])]
        while len(self.sizes) < SCALES:
            height, width = (-(-side // 2) for side in self.sizes[-1])
            if min(height, width) < metric.MIN_SIDE:
                break
            self.sizes.append((height, width))
        self._levels: dict[int, Tensor] = {}
        for scale, size in enumerate(self.sizes):
            if scale and size[0] * size[1] <= _KEPT_LEVEL:
                self._levels[scale] = self._level(scale)

    def _level(self, scale: int) -> Tensor:
        """The whole of one scale, [3, h, w], made tile by tile."""
        level = torch.empty(3, *self.sizes[scale])
        for t in _tiles(self.sizes[: scale + 1], REGION, first=scale):
            y, x = slice(t.y, t.y + t.height), slice(t.x, t.x + t.width)
            level[:, y, x] = self._linear(scale, y, x)
        return level

    def _linear(self, scale: int, y: slice, x: slice) -> Tensor:
        """Linear light [3, h, w] of a rectangle within one scale."""
        if scale in self._levels:
            return self._levels[scale][:, y, x]
        if scale == 0:
            return torch.from_numpy(_LINEAR.take(self._rgb[y, x].transpose(2, 0, 1)))
        height, width = self.sizes[scale - 1]
        finer_y = slice(2 * y.start, min(2 * y.stop, height))
        finer_x = slice(2 * x.start, min(2 * x.stop, width))
        return metric.halve(self._linear(scale - 1, finer_y, finer_x))

    def stats(self, t: _Tile) -> TileStats:
        """Statistics of tile ``t``, with what the picture and its borders hold around it."""
        height, width = self.sizes[t.scale]
        rows = np.arange(t.y - RADIUS, t.y + t.height + RADIUS)
        y = slice(max(rows[0], 0), min(rows[-1] + 1, height))
        left, right = t.x - RADIUS, t.x + t.width + RADIUS
        x = slice(max(left, 0), min(right, width))
        xyb = metric.positive_xyb(self._linear(t.scale, y, x))
        if len(rows) > y.stop - y.start:  # mirrored beyond top and bottom, the edge row twice
            mirrored = np.where(rows < 0, -1 - rows, np.minimum(rows, 2 * height - 1 - rows))
            xyb = xyb[:, torch.from_numpy(mirrored - y.start)]
        if x.stop - x.start < right - left:
            xyb = torch.nn.functional.pad(xyb, (x.start - left, right - x.stop))
        return TileStats.of(xyb)


def _lengths(size: int, side: int) -> list[int]:
    """Lengths of the pieces that ``size`` falls into when cut every ``side``."""
    return [min(side, size - start) for start in range(0, size, side)]


def _merge_narrow(
    sums: NDArray[np.float64], lengths: NDArray[np.int64], axis: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Add a last region narrower than 64 pixels to the one before it.

    ``lengths`` [S, regions] are the regions' sides along ``axis`` of ``sums`` at each scale.
    """
    if lengths.shape[1] < 2 or lengths[0, -1] >= _SMALLEST_REGION:
        return sums, lengths
    last = lengths.shape[1] - 1
    return np.add.reduceat(sums, range(last), axis), np.add.reduceat(lengths, range(last), 1)
