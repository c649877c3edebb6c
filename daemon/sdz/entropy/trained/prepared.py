"""Statistics as the kernel takes them: sums of frequencies, prices, weights in its order."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdz.entropy.trained.layout import BLOCK, OWN, TOTAL, Sizes
from sdz.entropy.trained.pairs import squared

Array = NDArray[np.generic]
PRICE = 256
"""Prices are bits in 1/256."""
SCORE = 64
"""Scores are likelihoods' logarithms a level in 1/64."""

_FIELDS = (
    *("near", "cross", "own", "earlier", "pools", "share", "bias", "out", "rest"),
    *("blocks", "offsets", "windows", "plane_bias", "ring", "half", "later", "plane_out"),
    *("plane_rest", "rows", "plane_rows", "shifts", "map", "prices", "plane_prices"),
    *("used", "scores", "plane_scores"),
)


class Pointers(ctypes.Structure):
    """``struct statistics`` of job.h."""

    _fields_ = (
        *((name, ctypes.c_int32) for name in (*Sizes._fields, "unused")),
        *((name, ctypes.c_void_p) for name in _FIELDS),
    )


@dataclass(frozen=True, eq=False)
class Prepared:
    """``pointers`` into ``arrays``, which it keeps alive."""

    pointers: Pointers
    arrays: Mapping[str, Array]


def prepare(sizes: Sizes, arrays: Mapping[str, Array]) -> Prepared:
    """All that the kernel needs, from checked arrays."""
    kept = dict(arrays)
    native = {name: np.ascontiguousarray(a, a.dtype.newbyteorder("=")) for name, a in kept.items()}
    n, hidden = sizes.causal, sizes.hidden
    native["cross"] = squared(native["cross"], n)
    native["pools"] = np.ascontiguousarray(squared(native["pools"], n).transpose(0, 2, 1))
    pairs = squared(_paired(native["earlier"]), n)  # [n, n, hidden]
    more = -hidden % 8  # units that weigh nothing, so that their number is a multiple of 8
    native["earlier"] = np.pad(pairs, ((0, 0), (0, 0), (0, more)))
    own = _paired(native["own"].reshape(n, hidden, OWN // 2, 2)).transpose(0, 2, 1)
    native["own"] = np.pad(own, ((0, 0), (0, 0), (0, more)))
    weighs = (native["out"] != 0) * (np.arange(hidden) + 1)
    native["used"] = (weighs.max(1, initial=0) + 7) // 8 * 8
    native["used"] = native["used"].astype(np.int32)
    native["out"] = np.pad(native["out"].astype(np.int32), ((0, 0), (0, more)))
    native["blocks"], native["offsets"] = _blocks(sizes, _paired(native.pop("plane_earlier")))
    shifts = native["shifts"].astype(np.int64)
    native["prices"] = _prices(native["rows"], shifts[:, None, None])
    native["plane_prices"] = _size_prices(native["plane_rows"], shifts)
    native["scores"] = _scores(native["rows"], shifts)
    native["plane_scores"] = _scores(native["plane_rows"], shifts)
    native["rows"], native["plane_rows"] = _sums(native["rows"]), _sums(native["plane_rows"])
    pointers = Pointers(*sizes, 0, *(native[name].ctypes.data for name in _FIELDS))
    return Prepared(pointers, native)


def _paired(weights: Array) -> NDArray[np.int32]:
    """Two 16-bit weights (the last axis) as one number of 32, the first in its lower half."""
    wide = weights.astype(np.int32)
    return (wide[..., 0] & 0xFFFF) | (wide[..., 1] << 16)


def _blocks(sizes: Sizes, pairs: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Weights by blocks of channels: for each channel before a block's last, those of its units."""
    first, units = sizes.causal, sizes.second
    blocks, offsets, at = [], [0], 0
    for start in range(first, sizes.channels, BLOCK):
        block = np.zeros((start + BLOCK - 1, BLOCK, units), np.int32)
        for k, channel in enumerate(range(start, min(start + BLOCK, sizes.channels))):
            block[:channel, k] = pairs[at : at + channel]
            at += channel
        blocks.append(block.ravel())
        offsets.append(offsets[-1] + block.size)
    joined = np.concatenate(blocks) if blocks else np.zeros(1, np.int32)
    return joined, np.array(offsets, np.int32)


def _sums(frequencies: Array) -> NDArray[np.uint16]:
    """Sums before each frequency, and the total."""
    total = np.zeros((*frequencies.shape[:-1], frequencies.shape[-1] + 1), np.uint16)
    np.cumsum(frequencies, -1, out=total[..., 1:])
    return total


def _scores(rows: Array, shifts: NDArray[np.int64]) -> NDArray[np.int8]:
    """What meeting a bin says of the level: how much likelier the next row has it than the one
    before, in 1/64 of its frequency. 0 where the rows' bins are not the same."""
    wide = rows.astype(np.int64)
    scores = np.zeros(rows.shape, np.int8)
    change, here = wide[2:] - wide[:-2], wide[1:-1]
    score = np.sign(change) * (np.abs(change) * SCORE // (2 * here))
    alike = (shifts[2:] == shifts[1:-1]) & (shifts[:-2] == shifts[1:-1])
    scores[1:-1] = np.where(alike.reshape(-1, *[1] * (rows.ndim - 1)), np.clip(score, -127, 127), 0)
    return scores


def _prices(rows: Array, shifts: NDArray[np.int64]) -> NDArray[np.uint16]:
    bits = np.log2(TOTAL / rows.astype(np.float64)) + shifts
    return np.ascontiguousarray(np.rint(bits * PRICE), np.uint16)


def _size_prices(rows: Array, shifts: NDArray[np.int64]) -> NDArray[np.uint16]:
    """As ``_prices``, the sign included; one more that is not used, so that rows are sums' long."""
    prices = _prices(rows, shifts[:, None])
    prices[:, 1:] += PRICE
    return np.ascontiguousarray(np.pad(prices, ((0, 0), (0, 1))))
