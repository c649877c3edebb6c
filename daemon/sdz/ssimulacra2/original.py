"""An original, and how like it candidates are.

Pictures are held as the bytes they came as; floats exist for one tile at a time, for the smaller
scales of the pyramid, and, where the original is small enough, for its statistics, so that a search
which measures many candidates against it does half the work.
"""

from __future__ import annotations

import ctypes
import threading

import numpy as np
from numpy.typing import NDArray

from sdz.processors import threads_here
from sdz.ssimulacra2.formula import numbers
from sdz.ssimulacra2.library import COMPARE, DESCRIBE, HALVE, Job, library
from sdz.ssimulacra2.pyramid import HELD_LEVEL, Pixels, Pyramid
from sdz.ssimulacra2.regions import Comparison
from sdz.ssimulacra2.running import run, threads_for

KEPT_BYTES = 80 << 20
"""The most that statistics of an original may take to be kept: those of a megapixel take 67 MiB."""

_FORMULA = numbers()


class Original:
    """A picture, uint8 [H, W, 3] of any size from 1x1, that others are compared with.

    It must not change meanwhile. Any number of threads may compare at once.
    """

    def __init__(
        self, rgb: Pixels, *, kept_bytes: int = KEPT_BYTES, held_level: int = HELD_LEVEL
    ) -> None:
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
            raise ValueError(f"pixels are {rgb.dtype} {rgb.shape}, not uint8 [H, W, 3]")
        self._rgb = rgb
        self._kept_bytes, self._held_level = kept_bytes, held_level
        self._lock = threading.Lock()
        self._known: tuple[Pyramid, NDArray[np.float32] | None] | None = None

    def compare(self, rgb: Pixels, *, threads: int | None = None) -> Comparison:
        """SSIMULACRA2 of ``rgb`` (uint8, the original's shape).

        threads: the most to use; None: as many as this thread may (``processors``). They do not
        change the result.

        Raises ValueError for another shape, KernelMissing, and Stopped where what the caller heeds
        (``stopping``) was set.
        """
        if rgb.dtype != np.uint8 or rgb.shape != self._rgb.shape:
            raise ValueError(f"candidate is {rgb.dtype} {rgb.shape}, not uint8 {self._rgb.shape}")
        pixels = rgb.shape[0] * rgb.shape[1]
        threads = threads_for(pixels, threads or threads_here())
        original, kept = self._statistics(threads)
        candidate = self._halved(rgb, threads)
        found = Comparison.empty(candidate.sizes)
        job = _job(original, candidate, kept)
        for scale, array in enumerate(found.sums):
            job.sums[scale] = array.ctypes.data
        run(library(), job, COMPARE, threads)
        return found

    def _halved(self, rgb: Pixels, threads: int) -> Pyramid:
        made = Pyramid(rgb, self._held_level)
        run(library(), _job(made, made, None), HALVE, threads)
        return made

    def _statistics(self, threads: int) -> tuple[Pyramid, NDArray[np.float32] | None]:
        """Made when the first candidate comes: there may never be one."""
        with self._lock:
            if self._known is None:
                made = self._halved(self._rgb, threads)
                kept = None
                size = library().kept_bytes(made.struct)
                if size <= self._kept_bytes:
                    kept = np.empty(size // 4, np.float32)
                    run(library(), _job(made, made, kept), DESCRIBE, threads)
                self._known = made, kept
            return self._known


def _job(original: Pyramid, candidate: Pyramid, kept: NDArray[np.float32] | None) -> Job:
    return Job(
        formula=_FORMULA.ctypes.data,
        original=ctypes.pointer(original.struct),
        candidate=ctypes.pointer(candidate.struct),
        kept=None if kept is None else kept.ctypes.data,
    )
