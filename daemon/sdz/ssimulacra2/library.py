"""The C library of the metric, found and loaded.

It lies next to this file, where ``setup.py`` builds it. It has no state of its own, so threads and
forked processes may use it as they like; ctypes lets go of the interpreter during a call.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import numpy as np

from sdz.compiled import SUFFIX, load
from sdz.ssimulacra2.formula import SCALES

VERSION = 1  # METRIC_VERSION in metric.c
HALVE, DESCRIBE, COMPARE = 0, 1, 2  # job.h
STOPPED = -1  # job.h

LIBRARY = Path(__file__).with_name("_metric" + SUFFIX)


class Picture(ctypes.Structure):
    """``Picture`` of job.h."""

    _fields_ = (
        ("rgb", ctypes.c_void_p),
        ("levels", ctypes.c_void_p * SCALES),
        ("scales", ctypes.c_int32),
        ("height", ctypes.c_int32 * SCALES),
        ("width", ctypes.c_int32 * SCALES),
    )


class Job(ctypes.Structure):
    """``Job`` of job.h."""

    _fields_ = (
        ("formula", ctypes.c_void_p),
        ("original", ctypes.POINTER(Picture)),
        ("candidate", ctypes.POINTER(Picture)),
        ("kept", ctypes.c_void_p),
        ("sums", ctypes.c_void_p * SCALES),
        ("stop", ctypes.c_void_p),
        ("next", ctypes.c_int32),
    )


@cache
def library(path: Path = LIBRARY) -> Library:
    """The loaded library. Raises KernelMissing where it is not built or not the one wanted."""
    return Library(path)


class Library:
    """The functions of metric.c with their types."""

    def __init__(self, path: Path) -> None:
        lib = load(path, "sdz_metric_version", VERSION)
        self._lib = lib
        lib.sdz_metric_kept.restype = lib.sdz_metric_scratch.restype = ctypes.c_size_t
        picture = [ctypes.POINTER(Picture)]
        lib.sdz_metric_kept.argtypes = lib.sdz_metric_scratch.argtypes = picture
        job = ctypes.POINTER(Job)
        lib.sdz_metric_work.argtypes = [job, ctypes.c_int, ctypes.c_void_p]

    def kept_bytes(self, picture: Picture) -> int:
        """What the statistics of a picture's tiles take."""
        return 4 * int(self._lib.sdz_metric_kept(picture))

    def work(self, job: Job, kind: int) -> int:
        """Take units of a kind until none are left, or STOPPED. Any number of threads at once."""
        scratch = np.empty(int(self._lib.sdz_metric_scratch(job.candidate)), np.uint8)
        return int(self._lib.sdz_metric_work(job, kind, scratch.ctypes.data))
