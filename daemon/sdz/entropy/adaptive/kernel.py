"""The C kernel, found and loaded: arrays in, bytes out, status codes as errors.

The library lies next to this file, where ``setup.py`` builds it, and is loaded once, by the first
call that needs it. ctypes lets go of the interpreter during a call, so threads code in parallel.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdz.compiled import SUFFIX, load
from sdz.entropy.allowance import allowed
from sdz.errors import TrailingData, Truncated
from sdz.stopping import Stopped, heeded

VERSION = 2  # KERNEL_VERSION in kernel.c
NO_MEMORY, TOO_SHORT, TOO_LONG, STOPPED, TOO_MUCH = -1, -2, -3, -4, -5  # range.c
RECON_NUMBERS = 5

LIBRARY = Path(__file__).with_name("_kernel" + SUFFIX)

_TAKE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)

_lock = threading.Lock()
_loaded: Kernel | None = None


if hasattr(os, "register_at_fork"):  # a child would have it locked for ever
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )


def kernel(library: Path = LIBRARY) -> Kernel:
    """The loaded kernel. Raises KernelMissing where it is not built or not the one wanted."""
    global _loaded
    with _lock:  # the tables are made once, before anyone may code
        if _loaded is None or _loaded.library != library:
            _loaded = Kernel(library)
        return _loaded


class Kernel:
    """The functions of kernel.c with their types. Arrays must be C-contiguous."""

    def __init__(self, library: Path) -> None:
        self.library = library
        lib = load(library, "sdz_version", VERSION)
        size, pointer, whole = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int
        shape: list[Any] = [whole, whole, whole]
        out: list[Any] = [ctypes.POINTER(pointer), ctypes.POINTER(size)]
        self._free, self._encode, self._decode, self._encode_rd = (
            lib.sdz_free,
            lib.sdz_encode,
            lib.sdz_decode,
            lib.sdz_encode_rd,
        )
        self._free.argtypes, self._free.restype = [pointer], None
        self._heed = lib.sdz_heed
        self._heed.argtypes, self._heed.restype = [pointer], None
        self._allow = lib.sdz_allow
        self._allow.argtypes, self._allow.restype = [pointer], None
        self._decode_rows = lib.sdz_decode_rows
        self._decode_rows.argtypes = [ctypes.c_char_p, size, pointer, whole, _TAKE, *shape]
        self._encode.argtypes = [pointer, *shape, *out]
        self._decode.argtypes = [ctypes.c_char_p, size, pointer, pointer, *shape]
        self._encode_rd.argtypes = [pointer] * 3 + shape + [whole, whole, pointer, pointer, *out]
        lib.sdz_start.restype = ctypes.c_uint32
        self.table_checksum = int(lib.sdz_start())

    def encode(self, q: NDArray[np.int32]) -> bytes:
        """Code q [C, h, w]."""
        data, length = ctypes.c_void_p(), ctypes.c_size_t()
        status = self._call(
            self._encode, _at(q), *q.shape, ctypes.byref(data), ctypes.byref(length)
        )
        return self._taken(status, data, length)

    def decode(self, blob: bytes, q: NDArray[np.int32], tilt: NDArray[np.int8] | None) -> None:
        """Decode into q [C, h, w] and, if asked for, the tilts. Raises Truncated, TrailingData."""
        status = self._call(self._decode, blob, len(blob), _at(q), _at(tilt), *q.shape)
        _check_decoded(status, blob)

    def decode_rows(
        self, blob: bytes, buffer: NDArray[np.int32], take: Callable[[int], None], *shape: int
    ) -> None:
        """Decode [C, h, w] through ``buffer`` [rows, w]: ``take`` is called with how many rows of a
        channel lie in it, each time it is full or a channel ends. What it raises ends it all.

        Raises Truncated, TrailingData.
        """
        raised: list[BaseException] = []

        def taken(rows: int) -> int:
            try:
                take(rows)
            except BaseException as error:
                raised.append(error)
            return len(raised)

        rows = len(buffer)
        status = self._call(
            self._decode_rows, blob, len(blob), _at(buffer), rows, _TAKE(taken), *shape
        )
        if raised:
            raise raised[0]
        _check_decoded(status, blob)

    def encode_rd(
        self,
        y: NDArray[np.float32],
        weights: NDArray[np.float32],
        recon: NDArray[np.float32],
        trellis: bool,
        passes: int,
        q: NDArray[np.int32],
        tilt: NDArray[np.int8],
    ) -> bytes:
        """Choose q and tilt for y [C, h, w], writing into them, and code q."""
        data, length = ctypes.c_void_p(), ctypes.c_size_t()
        status = self._call(
            self._encode_rd,
            *(_at(y), _at(weights), _at(recon), *y.shape, int(trellis), passes, _at(q), _at(tilt)),
            *(ctypes.byref(data), ctypes.byref(length)),
        )
        return self._taken(status, data, length)

    def _call(self, function: Any, *args: Any) -> int:
        """The status of a call that ends early where this thread's ``Stop`` is set, or what it may
        take is used up."""
        stop, allowance = heeded(), allowed()
        self._heed(None if stop is None else stop.address)
        self._allow(None if allowance is None else allowance.address)
        try:
            return int(function(*args))
        finally:
            self._heed(None)
            self._allow(None)

    def _taken(self, status: int, data: ctypes.c_void_p, length: ctypes.c_size_t) -> bytes:
        try:
            _check(status)
            return ctypes.string_at(data, length.value) if length.value else b""
        finally:
            self._free(data)


def _at(array: NDArray[np.generic] | None) -> int | None:
    return None if array is None else array.ctypes.data


def _check_decoded(status: int, blob: bytes) -> None:
    if status == TOO_SHORT:
        raise Truncated("a coded array", len(blob) + 1, len(blob))
    if status == TOO_LONG:
        raise TrailingData("a coded array", 1)
    if status == TOO_MUCH:
        allowance = allowed()
        assert allowance is not None
        raise allowance.exceeded()
    _check(status)


def _check(status: int) -> None:
    if status == NO_MEMORY:
        raise MemoryError("the entropy coder's model does not fit into memory")
    if status == STOPPED:
        raise Stopped
    assert status == 0, status
