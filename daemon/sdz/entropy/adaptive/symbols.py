"""The calls on arrays: arguments checked, then the kernel's; and reconstruction from tilts."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdz.entropy.adaptive.kernel import kernel
from sdz.errors import TrailingData

Symbols = NDArray[np.int32]
Tilts = NDArray[np.int8]
Floats = NDArray[np.float32]
Kind = TypeVar("Kind", np.int32, np.int8)

MOST_SIDE = 1 << 24  # of an array; the kernel counts in C's int
PASSES = 2  # rounds of pricing; a third gains 0.1 %
TILT_UNIT = 16
RECON_UNIT = 256
BLOCK = 1 << 18  # values placed at once: the whole at once took 40 bytes for each


class Recon(NamedTuple):
    """How values are placed from their integers, in 1/256 of a step; each fits into an i8.

    out1, out2: shift away from zero of |q| = 1 and of |q| >= 2 (negative: towards zero).
    lean0, lean1, lean2: shift per unit of tilt of q = 0, of |q| = 1 and of |q| >= 2.
    """

    out1: int = 0
    out2: int = 0
    lean0: int = 0
    lean1: int = 0
    lean2: int = 0


# What fit_recon finds on average; the encoder has to assume something before it can choose.
DEFAULT_RECON = {False: Recon(7, 4, 8, 8, 6), True: Recon(33, 3, 18, 18, 30)}


def encode_symbols(q: ArrayLike) -> bytes:
    """Code integers [C, h, w] without loss. Values must fit into 32 bits.

    Raises ValueError for another number of dimensions or values beyond int32.
    """
    array = _integers(q)
    return kernel().encode(array) if array.size else b""


def decode_symbols(blob: bytes, shape: tuple[int, int, int], *, whole: bool = True) -> Symbols:
    """The integers of ``encode_symbols`` or ``encode_rd``, int32 of that shape.

    Without ``whole`` the array that was coded may have more channels: they come one after the
    other, so the first are had without the rest, and in a fraction of the time.

    Limits on the shape are the caller's business: memory and time grow with it alone, whatever
    the bytes say, unless an ``Allowance`` holds them; channels that are empty take neither. Damaged
    bytes give wrong integers, which only a checksum can tell, or raise Truncated or TrailingData.
    """
    q = _zeros(shape, np.int32)
    _decode(blob, q, None, whole=whole)
    return q


def decode_tilted(
    blob: bytes, shape: tuple[int, int, int], *, whole: bool = True
) -> tuple[Symbols, Tilts]:
    """As decode_symbols, with the tilts, int8 of the same shape, for ``reconstruct``."""
    q, tilt = _zeros(shape, np.int32), _empty(shape, np.int8)
    _decode(blob, q, tilt, whole=whole)
    return q, tilt


def decode_rows(blob: bytes, shape: tuple[int, int, int], take: Callable[[Symbols], None]) -> None:
    """As decode_symbols, a few rows at a time, channel after channel: in next to no memory.

    ``take`` is given int32 [rows, w], which are overwritten by the next. What it raises ends it.
    """
    _check_shape(shape)
    _, h, w = shape
    if not (shape[0] and h and w):
        _decode(blob, _zeros(shape, np.int32), None, whole=True)
        return
    buffer = np.empty((min(h, max(1, BLOCK // w)), w), np.int32)
    kernel().decode_rows(blob, buffer, lambda rows: take(buffer[:rows]), *shape)


def encode_rd(
    y: ArrayLike,
    weights: ArrayLike,
    *,
    recon: Recon = Recon(),  # noqa: B008 - a tuple
    trellis: bool = True,
    passes: int = PASSES,
) -> tuple[Symbols, bytes]:
    """Round y [C, h, w] (floats, in steps) so that weights * squared error + bits is small.

    ``weights`` [C]: bits that a squared step of error is worth in each channel. ``recon``: how
    the integers will be placed; without leans, as here nothing is known of tilts. Returns the
    integers and their stream.

    ``trellis`` makes the step worth about 1.6 times as much: integers are then drawn from lattices
    of even or of odd values in turn, so at equal error y is to be scaled by a step 0.62
    times as large; weights near 4.5 bits are then the best, near 8 without. The first of the
    rounds decides alone, the others repair its short sight; 1 pass costs 0.7 % more than 2.

    Raises ValueError for arguments that do not fit together or are not finite.
    """
    q, _, blob = encode_tilted(y, weights, recon=recon, trellis=trellis, passes=passes)
    return q, blob


def encode_tilted(
    y: ArrayLike,
    weights: ArrayLike,
    *,
    recon: Recon | None = None,
    trellis: bool = True,
    passes: int = PASSES,
) -> tuple[Symbols, Tilts, bytes]:
    """As encode_rd, for values that ``reconstruct`` will place with ``recon`` (None: the usual).

    Returns the integers, their tilts (those that decode_tilted gives) and the stream.
    """
    values = np.ascontiguousarray(y, dtype=np.float32)
    if values.ndim != 3:
        raise ValueError(f"expected an array [C, h, w], found {values.ndim} dimensions")
    scale = np.ascontiguousarray(weights, dtype=np.float32)
    if scale.shape != values.shape[:1]:
        raise ValueError(f"expected {values.shape[0]} weights, found {scale.shape}")
    if not (np.isfinite(values).all() and np.isfinite(scale).all() and (scale >= 0).all()):
        raise ValueError("values and weights must be finite, weights not negative")
    if passes < 1:
        raise ValueError(f"expected at least 1 pass, found {passes}")
    q, tilt = _empty(values.shape, np.int32), _empty(values.shape, np.int8)
    if not q.size:
        return q, tilt, b""
    placed = np.array(DEFAULT_RECON[trellis] if recon is None else recon, np.float32)
    placed /= np.float32(RECON_UNIT)
    blob = kernel().encode_rd(values, scale, placed, trellis, passes, q, tilt)
    return q, tilt, blob


def reconstruct(q: Symbols, tilt: Tilts, recon: Recon, *, in_place: bool = False) -> Floats:
    """The values [C, h, w] in steps, float32, that stand behind integers and tilts.

    The sum is formed in integers, so that it has no rounding of its own. in_place: in the memory
    of ``q``, which must be contiguous, and is lost.
    """
    values = q.view(np.float32) if in_place else np.empty(q.shape, np.float32)
    flat, lean, placed = q.reshape(-1), tilt.reshape(-1), values.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        part = slice(start, start + BLOCK)
        if flat[part].any() or lean[part].any():
            placed[part] = _placed(flat[part], lean[part], recon)
        else:
            placed[part] = 0
    return values


def _placed(q: Symbols, tilt: Tilts, recon: Recon) -> Floats:
    size = np.minimum(np.abs(q), 2)
    out = np.array([0, recon.out1, recon.out2], np.int32)[size]
    lean = np.array([recon.lean0, recon.lean1, recon.lean2], np.int32)[size]
    shift = np.sign(q) * out * TILT_UNIT + lean * tilt.astype(np.int32)
    values: Floats = (q + shift / (RECON_UNIT * TILT_UNIT)).astype(np.float32)
    return values


def fit_recon(y: Floats, q: Symbols, tilt: Tilts) -> Recon:
    """The Recon that brings ``reconstruct(q, tilt, ...)`` nearest to y, by least squares."""
    size, sign, lean = np.abs(q), np.sign(q), tilt / TILT_UNIT
    error = np.asarray(y, np.float64) - q
    found = []
    for members in (size == 0, size == 1, size >= 2):
        e, s, t = error[members], sign[members].astype(np.float64), lean[members]
        # ridge of a few samples: classes nearly empty stay near no shift at all
        ss, st, tt = s @ s + 4.0, s @ t, t @ t + 4.0
        det = ss * tt - st * st
        found.append(((tt * (s @ e) - st * (t @ e)) / det, (ss * (t @ e) - st * (s @ e)) / det))
    (_, lean0), (out1, lean1), (out2, lean2) = found
    return Recon(*(_i8(v * RECON_UNIT) for v in (out1, out2, lean0, lean1, lean2)))


def _i8(value: float) -> int:
    return min(max(round(value), -128), 127)


def _integers(q: ArrayLike) -> Symbols:
    array = np.asarray(q)
    if array.ndim != 3:
        raise ValueError(f"expected an array [C, h, w], found {array.ndim} dimensions")
    if array.dtype.kind not in "iub":
        raise ValueError(f"expected integers, found {array.dtype}")
    limits = np.iinfo(np.int32)
    if array.size and array.dtype.kind != "b" and array.dtype.itemsize >= 4:
        low, high = int(array.min()), int(array.max())
        if low < limits.min or high > limits.max:
            raise ValueError(f"expected 32-bit integers, found {low} to {high}")
    _check_shape(array.shape)
    return np.ascontiguousarray(array, dtype=np.int32)


def _empty(shape: tuple[int, ...], kind: type[Kind]) -> NDArray[Kind]:
    _check_shape(shape)
    return np.empty(shape, kind)


def _zeros(shape: tuple[int, ...], kind: type[Kind]) -> NDArray[Kind]:
    """Pages that nobody writes to take no memory, and the kernel writes no zeros to empty ones."""
    _check_shape(shape)
    return np.zeros(shape, kind)


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) != 3 or any(side < 0 or side > MOST_SIDE for side in shape):
        raise ValueError(f"expected a shape (C, h, w) of at most {MOST_SIDE} a side, found {shape}")


def _decode(blob: bytes, q: Symbols, tilt: Tilts | None, *, whole: bool) -> None:
    data = bytes(blob)
    if not q.size:
        if data and whole:
            raise TrailingData("a coded array", len(data))
        return
    try:
        kernel().decode(data, q, tilt)
    except TrailingData:  # found when all of q had been decoded
        if whole:
            raise
