"""The calls on arrays: arguments checked, then the kernel's."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdz.entropy.allowance import allowed
from sdz.entropy.trained.library import BEST, DONE, STOPPED, VARIANTS, kernel
from sdz.entropy.trained.statistics import Statistics
from sdz.errors import BadField, LimitExceeded, Truncated
from sdz.stopping import Stopped

Symbols = NDArray[np.int16]

MOST_PLACES = 1 << 15
"""Height times width of one call, over twice what an encoder of ours puts into one: its workspace
takes 4 bytes a symbol, and many calls can share the work."""
CAUSAL_STEPS, PLANE_STEPS = 4, 2
"""Of an allowance, by symbol of a channel that is filled: 9 and 4 ns with AVX-512, 14 and 10 with
SSE2."""
MOST_SIDE = 1 << 16
LOG_STATES = 0
"""One state: a second, fourth and eighth cost 5, 11 and 21 bytes and save no time, since the
processor has the next levels to work out while it waits for a state (2.6 ms at 3 kB, 5 at 54)."""
PASSES = 2
"""Rounds of choosing: the second knows which channels the first has left empty."""


def encode_symbols(
    values: ArrayLike,
    statistics: Statistics,
    step_code: int,
    *,
    variant: str | None = None,
) -> bytes:
    """Code integers [C, h, w] of 16 bits without loss; ``step_code`` is the file's.

    Tries how far this picture's levels lean from the usual, 3 or 4 times for most.

    Raises ValueError for another shape than the statistics' or values beyond 16 bits,
    Stopped when what this thread heeds was set. ``variant``: the instructions to use, one of
    ``variants()``, for tests.
    """
    symbols = _symbols(values, statistics)
    if not symbols.size:
        return b""
    filled = _filled(symbols)

    def at(lean: int) -> bytes:
        operations, count = kernel().model(
            statistics.prepared, symbols, filled, step_code, lean, _number(variant)
        )
        if count == STOPPED:
            raise Stopped
        return kernel().pack(operations, count, LOG_STATES, lean)

    best = at(0)
    for direction in (-1, 1):
        found, lean = best, 0
        while found is best and -8 <= lean + direction <= 7:
            lean += direction
            found = at(lean)
            best = min(best, found, key=len)
        if lean != direction:  # the first step that way was one for the better
            break
    return best


def decode_symbols(
    data: bytes,
    shape: tuple[int, int, int],
    statistics: Statistics,
    step_code: int,
    *,
    whole: bool = True,
    variant: str | None = None,
) -> Symbols:
    """The integers of ``encode_symbols``, int16 of that shape.

    Without ``whole`` the shape may have fewer channels than were coded: they come one after the
    other, so the first are had without the rest, and in a fraction of the time.

    Memory and time grow with the shape and the number of filled channels, whatever else the bytes
    say. Raises LimitExceeded for more than ``MOST_PLACES``, TooMuchWork where what this thread may
    take does not suffice. Damaged bytes raise Truncated or BadField, or give wrong integers, which
    only a checksum can tell.
    """
    if len(shape) == 3 and shape[1] * shape[2] > MOST_PLACES:
        raise LimitExceeded("number of places of a group", MOST_PLACES, shape[1] * shape[2])
    channels = statistics.sizes.channels
    if whole or len(shape) != 3 or shape[0] > channels:
        _check_shape(shape, statistics)
    else:
        _check_shape((channels, *shape[1:]), statistics)
    symbols: Symbols = np.empty(shape, np.int16)
    if not symbols.size:
        if data and whole:
            raise BadField("a coded array", "no bytes for no symbols", f"{len(data)} bytes")
        return symbols
    if len(data) < 2:
        raise Truncated("a coded array", 2, len(data))
    _take_work(data, shape, statistics)
    status = kernel().decode(statistics.prepared, bytes(data), symbols, step_code, _number(variant))
    if status == STOPPED:
        raise Stopped
    if status != DONE:
        raise BadField("a coded array", "symbols that use up its bytes", f"{len(data)} other bytes")
    return symbols


def choose_symbols(
    wanted: ArrayLike,
    weights: ArrayLike,
    statistics: Statistics,
    step_code: int,
    *,
    passes: int = PASSES,
    variant: str | None = None,
) -> Symbols:
    """Integers near ``wanted`` [C, h, w] (in steps) for which weights * error^2 + bits is small.

    ``weights`` [C]: bits that a squared step of error is worth in each channel. Each symbol is
    chosen between the nearest integer and the one before it by the static costs, in the order of
    coding.

    Raises ValueError for arguments that do not fit together or are not finite.
    """
    values = np.ascontiguousarray(wanted, np.float32)
    _check_shape(values.shape, statistics)
    scale = np.ascontiguousarray(weights, np.float32)
    if scale.shape != values.shape[:1]:
        raise ValueError(f"expected {values.shape[0]} weights, found {scale.shape}")
    if not (np.isfinite(values).all() and np.isfinite(scale).all() and (scale >= 0).all()):
        raise ValueError("values and weights must be finite, weights not negative")
    symbols: Symbols = np.zeros(values.shape, np.int16)
    if not symbols.size:
        return symbols
    filled = _filled(np.rint(np.clip(values, -1, 1)).astype(np.int16))
    for _ in range(passes):
        status = kernel().choose(
            *(statistics.prepared, values, scale, filled, symbols, step_code),
            _number(variant),
        )
        if status == STOPPED:
            raise Stopped
        filled = _filled(symbols)
    return symbols


def encode_chosen(
    wanted: ArrayLike, weights: ArrayLike, statistics: Statistics, step_code: int
) -> tuple[Symbols, bytes]:
    """``choose_symbols`` and their bytes."""
    symbols = choose_symbols(wanted, weights, statistics, step_code)
    return symbols, encode_symbols(symbols, statistics, step_code)


def costs(values: ArrayLike, statistics: Statistics, step_code: int) -> NDArray[np.float64]:
    """Bits of each operation that codes the integers [C, h, w], in the order of coding.

    Their sum is about the stream's length, which may be less for its lean. An integer takes one
    operation, and up to three more where it is far from what was expected.
    """
    symbols = _symbols(values, statistics)
    filled = _filled(symbols)
    operations, count = kernel().model(statistics.prepared, symbols, filled, step_code, 0, BEST)
    frequencies = operations[:count] & 0xFFFF
    return np.asarray(15 - np.log2(frequencies), np.float64)


def variants() -> tuple[str, ...]:
    """The instructions that this machine can run the kernel with, the best last."""
    return kernel().variants


def _take_work(data: bytes, shape: tuple[int, int, int], statistics: Statistics) -> None:
    """Take what decoding will cost from this thread's allowance: the stream begins with that."""
    allowance = allowed()
    if allowance is None:
        return
    sizes = statistics.sizes
    filled = kernel().filled(statistics.prepared, bytes(data), sizes.channels)
    if filled is None:
        return  # the decoder says so
    filled = filled[: shape[0]]
    causal, planes = int(filled[: sizes.causal].sum()), int(filled[sizes.causal :].sum())
    allowance.take((CAUSAL_STEPS * causal + PLANE_STEPS * planes) * shape[1] * shape[2])


def _filled(symbols: Symbols) -> NDArray[np.uint8]:
    """Which channels are not all 0: [C], 0 or 1."""
    return np.array([channel.any() for channel in symbols], np.uint8)


def _number(variant: str | None) -> int:
    if variant is None:
        return BEST
    if variant not in variants():
        raise ValueError(f"expected one of {', '.join(variants())}, found {variant!r}")
    return VARIANTS.index(variant)


def _symbols(values: ArrayLike, statistics: Statistics) -> Symbols:
    array = np.asarray(values)
    if array.dtype.kind not in "iub":
        raise ValueError(f"expected integers, found {array.dtype}")
    _check_shape(array.shape, statistics)
    if array.size and array.dtype.itemsize > 1:
        low, high = int(array.min()), int(array.max())
        if low < -32768 or high > 32767:
            raise ValueError(f"expected 16-bit integers, found {low} to {high}")
    return np.ascontiguousarray(array, np.int16)


def _check_shape(shape: tuple[int, ...], statistics: Statistics) -> None:
    channels = statistics.sizes.channels
    if len(shape) != 3 or shape[0] != channels or min(shape) < 0 or max(shape[1:]) > MOST_SIDE:
        raise ValueError(f"expected a shape ({channels}, h, w), found {shape}")
    if shape[1] * shape[2] > MOST_PLACES:
        raise ValueError(f"expected at most {MOST_PLACES} places, found {shape}")
