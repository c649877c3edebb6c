"""Proof that every sum of the coder fits into 32 bits, and that every row can be decoded by.

Each input has a largest size (``layout``), so the sizes of a sum's weights bound all its partial
sums, in whatever order a processor adds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sdz.entropy.trained.layout import MOST_POOL, MOST_SIZE, MOST_VALUE, TOTAL, Sizes
from sdz.errors import BadStatistics

MOST_SUM = 2**31 - 1
MOST_UNIT = 32768
MOST_SHIFT = 12
_SHARE = 512  # of channels that are not empty, in 1/512
_ROUNDING = 128
MOST_DRIFT = 1 << 21  # half of it the lean

Wide = NDArray[np.int64]


def check_bounds(sizes: Sizes, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Raises BadStatistics for the first sum that could pass 32 bits or row that is none."""
    wide = {name: np.abs(array.astype(np.int64)) for name, array in arrays.items()}
    owner = np.repeat(np.arange(sizes.causal), np.arange(sizes.causal))

    def over_pairs(each: Wide, count: int, owners: NDArray[np.int64]) -> Wide:
        total = np.zeros((count, *each.shape[1:]), np.int64)
        np.add.at(total, owners, each)
        return total

    pooled = over_pairs(wide["pools"], sizes.causal, owner) * MOST_POOL + wide["share"] * _SHARE
    unit = (
        wide["bias"].max(2)
        + (pooled >> 4)
        + wide["own"].sum(2) * MOST_SIZE
        + over_pairs(wide["earlier"].sum(2), sizes.causal, owner) * MOST_SIZE
    )
    mean = wide["near"].max(2).sum(1) + over_pairs(wide["cross"].sum(1), sizes.causal, owner)
    _check("pools", pooled)
    _check("hidden units", unit)
    _check("means", mean * MOST_VALUE + _ROUNDING)
    _check("levels", wide["out"].sum(1) * MOST_UNIT + wide["rest"].max(1) + MOST_DRIFT)

    before = np.arange(sizes.causal, sizes.channels)
    owner = np.repeat(np.arange(sizes.planes), before)
    windows = wide["windows"].sum(2) * MOST_POOL
    halves = wide["half"] * MOST_POOL
    unit = (
        wide["plane_bias"].max(2)
        + (windows >> 4)
        + wide["later"]
        + (halves >> 4)
        + wide["ring"] * 4 * MOST_SIZE
        + over_pairs(wide["plane_earlier"].sum(2), sizes.planes, owner) * MOST_SIZE
    )
    _check("windows", windows)
    _check("hidden units of planes", unit + 2)  # >> rounds down
    levels = wide["plane_out"].sum(1) * MOST_UNIT + wide["plane_rest"].max(1) + MOST_DRIFT
    _check("levels of planes", levels)
    _check_rows(arrays)


def _check(what: str, bound: Wide) -> None:
    if bound.size and int(bound.max()) > MOST_SUM:
        raise BadStatistics(f"{what}: a sum may reach {int(bound.max())}, over {MOST_SUM}")


def _check_rows(arrays: Mapping[str, NDArray[np.generic]]) -> None:
    for name in ("rows", "plane_rows"):
        row = arrays[name].astype(np.int64)
        if row.size and (row.min() < 1 or np.any(row.sum(-1) != TOTAL)):
            raise BadStatistics(f"{name}: frequencies over 0 that add up to {TOTAL} expected")
    sizes = arrays["plane_rows"].astype(np.int64)[:, 1:]
    if np.any(sizes % 2):
        raise BadStatistics("plane_rows: even frequencies expected but for 0")
    chance = arrays["map"].astype(np.int64)
    if chance.min() < 1 or chance.max() >= TOTAL:
        raise BadStatistics(f"map: frequencies of 1 to {TOTAL - 1} expected")
    if arrays["shifts"].astype(np.int64).max() > MOST_SHIFT:
        raise BadStatistics(f"shifts: at most {MOST_SHIFT} expected")
