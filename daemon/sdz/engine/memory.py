"""How much memory this process has, and giving back what it no longer uses."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from pathlib import Path
from typing import Final

_STATM: Final = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Memory of this process that is in RAM; where that cannot be told, its peak."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return _peak_bytes()


def _peak_bytes() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def give_back(device: str) -> None:
    """Return freed memory to the device and to the system."""
    gc.collect()
    if device != "cpu":
        import torch

        getattr(torch, device).empty_cache()
    trim()


def trim() -> None:
    """Return freed memory to the system: glibc keeps it for itself until it is told."""
    call_c("malloc_trim", 0)


def call_c(function: str, *args: int) -> None:
    """Call a function of the C library, where that is glibc, which has it."""
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), function):
        getattr(library, function)(*args)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, on whichever device.

    torch has a class of its own for accelerators; its allocator for the processor and that of
    Metal raise a plain RuntimeError (c10/core/impl/alloc_cpu.cpp, MPSAllocator.mm), and so do
    the libraries that run out within a kernel.
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and any(phrase in text for phrase in _PHRASES)


_PHRASES: Final = (
    "DefaultCPUAllocator",
    "MPS backend out of memory",
    "CUDA out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
