"""The C library of the layers, found and loaded: arrays in, pixels out.

It lies next to this file, where ``setup.py`` builds it. It has no state of its own, so threads and
forked processes may use it as they like; ctypes lets go of the interpreter during a call.

It holds the layers several times, for different processors: ``VARIANTS``. All give the same bits.
The environment variable ``SDZ_NETWORK_VARIANT`` names the one to use, for tests and for doubts.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdz.compiled import SUFFIX, load
from sdz.errors import KernelMissing

VERSION = 1  # NETWORK_VERSION in network.c
VARIANTS = ("plain", "sse2", "avx2", "avxvnni", "avx512", "avx512vnni", "neon", "wasm")
"""By their numbers in kernels.h."""
FORCED = "SDZ_NETWORK_VARIANT"
STOPPED, NOTHING_READY, FINISHED = -1, 0, 1  # work.h

LINE = 64  # bytes; packed layers and rooms begin at a multiple

LIBRARY = Path(__file__).with_name("_network" + SUFFIX)

Bytes = NDArray[np.uint8]


@cache
def library(path: Path = LIBRARY) -> Library:
    """The loaded library. Raises KernelMissing where it is not built or not the one wanted."""
    return Library(path)


class Library:
    """The functions of network.c with their types. Arrays must be C-contiguous."""

    def __init__(self, path: Path) -> None:
        lib = load(path, "sdz_network_version", VERSION)
        size, pointer, whole = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int
        self._lib = lib
        job: list[Any] = [pointer, pointer, pointer, whole]  # room, shape, packed, variant
        _declare(lib.sdz_network_has, [whole], whole)
        _declare(lib.sdz_network_best, [], whole)
        _declare(lib.sdz_network_packed, [pointer], size)
        _declare(lib.sdz_network_pack, [pointer] * 4, None)
        _declare(lib.sdz_network_room, [pointer, whole, whole], size)
        source: list[Any] = [pointer, size, pointer, pointer, whole, whole]
        _declare(lib.sdz_network_decode, [*job, *source, pointer, whole, whole, whole], whole)
        _declare(lib.sdz_network_encode, [*job, pointer, whole, whole, pointer], whole)
        _declare(lib.sdz_network_work, [pointer, pointer], whole)
        self.best = VARIANTS[int(lib.sdz_network_best())]

    def variants(self) -> list[str]:
        """Those that this machine has."""
        return [name for number, name in enumerate(VARIANTS) if self._lib.sdz_network_has(number)]

    def chosen(self, name: str | None = None) -> int:
        """The number of a variant: of ``name``, the environment's, or the best there is.

        Raises KernelMissing where this machine does not have it.
        """
        name = name or os.environ.get(FORCED) or self.best
        if name not in self.variants():
            raise KernelMissing(str(LIBRARY), f"has no variant {name!r} for this machine")
        return VARIANTS.index(name)

    def pack(
        self, shape: NDArray[np.int32], weights: NDArray[np.int16], numbers: NDArray[np.int32]
    ) -> Bytes:
        """A network's layers as the processor wants them; see packed.h."""
        packed = aligned(int(self._lib.sdz_network_packed(_at(shape))))
        self._lib.sdz_network_pack(_at(shape), _at(weights), _at(numbers), _at(packed))
        return packed

    def room(self, shape: NDArray[np.int32], h: int, w: int) -> Bytes:
        """Memory to work on a picture of h x w latent positions. Raises MemoryError."""
        size = int(self._lib.sdz_network_room(_at(shape), h, w))
        assert size, (shape, h, w)
        return aligned(size)

    def begin_decoding(
        self,
        room: Bytes,
        shape: NDArray[np.int32],
        packed: Bytes,
        variant: int,
        symbols: NDArray[np.int16],
        steps: tuple[NDArray[np.int32], NDArray[np.int32]],
        pixels: Bytes,
        top: int,
    ) -> None:
        """symbols [C, h, w]: rows may be cut out of a larger array; the rest is contiguous."""
        _, h, w = symbols.shape
        status = self._lib.sdz_network_decode(
            *(_at(room), _at(shape), _at(packed), variant),
            *(_at(symbols), symbols.strides[0] // symbols.itemsize, _at(steps[0]), _at(steps[1])),
            *(h, w, _at(pixels), *pixels.shape[:2], top),
        )
        assert status == 0, variant

    def begin_encoding(
        self,
        room: Bytes,
        shape: NDArray[np.int32],
        packed: Bytes,
        variant: int,
        picture: Bytes,
        latents: NDArray[np.int16],
    ) -> None:
        """picture [H, W, 3] to latents [C, ceil(H / 16), ceil(W / 16)]."""
        status = self._lib.sdz_network_encode(
            *(_at(room), _at(shape), _at(packed), variant),
            *(_at(picture), *picture.shape[:2], _at(latents)),
        )
        assert status == 0, variant

    def work(self, room: Bytes, stop: int) -> int:
        """Make rows until FINISHED, STOPPED or NOTHING_READY. Any number of threads at once."""
        return int(self._lib.sdz_network_work(_at(room), stop))


def aligned(size: int) -> Bytes:
    """Uninitialised bytes that begin at a multiple of LINE."""
    whole = np.empty(size + LINE, np.uint8)
    start = -whole.ctypes.data % LINE
    return whole[start : start + size]


def _declare(function: Any, arguments: list[Any], result: Any) -> None:
    function.argtypes, function.restype = arguments, result


def _at(array: NDArray[Any]) -> int:
    return int(array.ctypes.data)
