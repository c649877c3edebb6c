"""The compiled kernel: found, loaded, and called with arrays.

The library lies next to this file, where ``setup.py`` builds it, and is loaded by the first call
that needs it. It keeps nothing between calls and ctypes lets go of the interpreter during one, so
threads and forked workers use it at will.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdz.compiled import SUFFIX, load
from sdz.entropy.trained.prepared import Prepared
from sdz.stopping import heeded

VERSION = 2  # sdz_trained_version of kernel.c
DONE, STOPPED, DAMAGED = 0, -1, -2  # job.h
OPERATIONS_EACH = 4  # job.h
BEST = -1
VARIANTS = ("plain", "simd", "avx2", "avx512")
"""What the work is compiled for, in the order of its numbers; simd: SSE2, NEON or WebAssembly's."""

LIBRARY = Path(__file__).with_name("_kernel" + SUFFIX)


@cache
def kernel(library: Path = LIBRARY) -> Kernel:
    """The loaded kernel. Raises KernelMissing where it is not built or not the one wanted."""
    return Kernel(library)


class Kernel:
    """The functions of kernel.c. Arrays must be C-contiguous and fit together: it does not look."""

    def __init__(self, library: Path) -> None:
        lib = load(library, "sdz_trained_version", VERSION)
        at, long, whole = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32
        picture = [long, long, whole]
        self._workspace, self._decode = lib.sdz_trained_workspace, lib.sdz_trained_decode
        self._model, self._choose = lib.sdz_trained_model, lib.sdz_trained_choose
        self._pack, self._map = lib.sdz_trained_pack, lib.sdz_trained_map
        self._map.argtypes = [at, ctypes.c_char_p, long, at]
        self._workspace.argtypes = [at, long, long]
        self._decode.argtypes = [
            at,
            ctypes.c_char_p,
            long,
            at,
            whole,
            *picture,
            at,
            at,
            ctypes.c_int,
        ]
        self._model.argtypes = [at, at, at, *picture, ctypes.c_int, at, at, at, ctypes.c_int]
        self._choose.argtypes = [at, at, at, at, at, *picture, at, at, ctypes.c_int]
        self._pack.argtypes = [at, long, ctypes.c_int, ctypes.c_int, at, long]
        for function in (self._workspace, self._model, self._pack):
            function.restype = long
        found = int(lib.sdz_trained_variants())
        self.variants = tuple(name for i, name in enumerate(VARIANTS) if found >> i & 1)

    def decode(
        self,
        prepared: Prepared,
        data: bytes,
        symbols: NDArray[np.int16],
        code: int,
        variant: int,
    ) -> int:
        """Decode into symbols [C or fewer, h, w]; returns DONE, STOPPED or DAMAGED."""
        channels, h, w = symbols.shape
        room, at = self._room(prepared, h, w)
        status = self._decode(
            *(ctypes.byref(prepared.pointers), data, len(data), symbols.ctypes.data),
            *(channels, h, w, code, at, _stop(), variant),
        )
        del room
        return int(status)

    def filled(self, prepared: Prepared, data: bytes, channels: int) -> NDArray[np.uint8] | None:
        """Which channels a stream has symbols for, [C] of 0 or 1; None where it is damaged."""
        filled = np.zeros(channels, np.uint8)
        pointers = ctypes.byref(prepared.pointers)
        status = self._map(pointers, data, len(data), filled.ctypes.data)
        return filled if status == DONE else None

    def model(
        self,
        prepared: Prepared,
        symbols: NDArray[np.int16],
        filled: NDArray[np.uint8],
        code: int,
        lean: int,
        variant: int,
    ) -> tuple[NDArray[np.uint32], int]:
        """The operations that code symbols [C, h, w], and how many, or STOPPED."""
        channels, h, w = symbols.shape
        room, at = self._room(prepared, h, w)
        most = OPERATIONS_EACH * int(filled.sum()) * h * w + channels
        operations = np.empty(most, np.uint32)
        count = self._model(
            *(ctypes.byref(prepared.pointers), symbols.ctypes.data, filled.ctypes.data),
            *(h, w, code, lean, operations.ctypes.data, at, _stop(), variant),
        )
        del room
        return operations, int(count)

    def choose(
        self,
        prepared: Prepared,
        wanted: NDArray[np.float32],
        weights: NDArray[np.float32],
        filled: NDArray[np.uint8],
        symbols: NDArray[np.int16],
        code: int,
        variant: int,
    ) -> int:
        """Choose symbols [C, h, w] near wanted, writing into them; returns DONE or STOPPED."""
        _, h, w = symbols.shape
        room, at = self._room(prepared, h, w)
        status = self._choose(
            *(ctypes.byref(prepared.pointers), wanted.ctypes.data, weights.ctypes.data),
            *(filled.ctypes.data, symbols.ctypes.data, h, w, code, at, _stop(), variant),
        )
        del room
        return int(status)

    def pack(self, operations: NDArray[np.uint32], count: int, log_lanes: int, lean: int) -> bytes:
        """The bytes of operations that were made at this lean, by 2 ** log_lanes states."""
        out = np.empty(2 * count + 40, np.uint8)
        length = self._pack(
            operations.ctypes.data, count, log_lanes, lean, out.ctypes.data, len(out)
        )
        return out[len(out) - length :].tobytes()

    def _room(self, prepared: Prepared, h: int, w: int) -> tuple[NDArray[np.uint8], int]:
        """A workspace, which must be kept, and where it begins."""
        size = self._workspace(ctypes.byref(prepared.pointers), h, w)
        room = np.empty(size + 64, np.uint8)
        return room, (room.ctypes.data + 63) & ~63


def _stop() -> int | None:
    """Where the flag of this thread's ``Stop`` lies; the call ends at the next row or plane."""
    stop = heeded()
    return None if stop is None else stop.address
