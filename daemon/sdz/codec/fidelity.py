"""How like the original a decoded picture is: SSIMULACRA2 (whole and worst region) and PSNR."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdz.container import CELL, Report
from sdz.ssimulacra2 import Original

Pixels = NDArray[np.uint8]
"""Bytes of a picture: [H, W, 3] sRGB; [H, W] for an alpha channel."""

_GREY = 128  # what shows through transparent pixels when they are measured


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A report, and the local scores [rows, columns] of all cells of 32 x 32 pixels."""

    report: Report
    cells: NDArray[np.float64]


class Reference:
    """An original that decoded candidates are compared with, by any number of threads at once.

    ``rgb``: uint8 [H, W, 3], any size from 1x1. ``alpha``: uint8 [H, W], or None where opaque.
    Neither may change meanwhile.
    """

    def __init__(self, rgb: Pixels, alpha: Pixels | None = None) -> None:
        self._rgb = over_grey(rgb, alpha)
        self._original = Original(self._rgb)

    def measure(
        self, rgb: Pixels, alpha: Pixels | None = None, *, threads: int | None = None
    ) -> Report:
        """The report of ``look``, and nothing else."""
        return self.look(rgb, alpha, threads=threads).report

    def look(
        self, rgb: Pixels, alpha: Pixels | None = None, *, threads: int | None = None
    ) -> Measured:
        """Compare ``rgb`` (uint8, the original's shape) and its ``alpha`` with the original.

        Pictures with alpha are compared as they look on mid-grey. ``threads``: the most to use;
        None: as many as this thread may (``processors``). They do not change the report.

        Raises ValueError for another shape than the original's, KernelMissing, and Stopped where
        what the caller heeds (``stopping``) was set.
        """
        if rgb.shape != self._rgb.shape:
            raise ValueError(f"candidate is {rgb.shape}, the original {self._rgb.shape}")
        shown = over_grey(rgb, alpha)
        noise = psnr(self._rgb, shown)
        if math.isinf(noise):
            rows, columns = (-(-side // CELL) for side in rgb.shape[:2])
            return Measured(Report(100.0, 100.0, noise), np.full((rows, columns), 100.0))
        found = self._original.compare(shown, threads=threads)
        return Measured(Report(found.whole, found.worst, noise), found.by_cell())


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
