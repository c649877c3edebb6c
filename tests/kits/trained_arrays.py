"""Statistics and arrays for tests: drawn at random, small, and of every shape that matters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz.entropy.trained import Sizes, Statistics
from sdz.entropy.trained.layout import FIELDS, PHASES, REACH, TOTAL

SPREAD = {
    "near": 900, "cross": 120, "own": 260, "earlier": 90, "pools": 120, "share": 800,
    "bias": 60_000, "out": 220, "rest": 1 << 22, "plane_earlier": 60, "windows": 150,
    "plane_bias": 60_000, "ring": 150, "half": 200, "later": 30_000, "plane_out": 300,
    "plane_rest": 1 << 22,
}  # fmt: skip


def frequencies(weights: NDArray[np.float64], unit: int) -> NDArray[np.uint16]:
    """Rows that add up to TOTAL, all but the first a multiple of unit."""
    share = weights / weights.sum(-1, keepdims=True)
    found = np.maximum(np.floor(share * (TOTAL - 40 * unit) / unit), 1).astype(np.int64) * unit
    found[..., 0] += TOTAL - found.sum(-1)
    assert found.min() >= 1
    return found.astype(np.uint16)


def statistics(
    channels: int = 12,
    causal: int = 5,
    hidden: int = 3,
    second: int = 2,
    levels: int = 24,
    seed: int = 1,
) -> Statistics:
    """Weights drawn at random, rows of Laplacians from narrow to wide, the last with low bits."""
    rng = np.random.default_rng(seed)
    sizes = Sizes(channels, causal, hidden, second, levels, 1600, 1600)
    arrays: dict[str, NDArray[np.generic]] = {}
    for field in FIELDS:
        if field.name in SPREAD:
            drawn = rng.integers(-SPREAD[field.name], SPREAD[field.name], field.shape(sizes))
            arrays[field.name] = drawn
    shifts = np.maximum(np.arange(levels) - levels + 4, 0)
    scale = 0.12 * 1.25 ** np.arange(levels)[:, None, None] / 2.0 ** shifts[:, None, None]
    bins = np.arange(-REACH - 1, REACH + 2) - np.arange(PHASES)[:, None] / 16
    weights = np.exp(-np.abs(bins[None]) / scale)
    middle = REACH + 1
    turned = np.roll(weights, -middle, -1)  # so that what is left over goes to the middle
    arrays["rows"] = np.roll(frequencies(turned, 1), middle, -1)
    arrays["plane_rows"] = frequencies(np.exp(-np.arange(REACH + 1) / scale[:, 0]), 2)
    arrays["shifts"] = shifts.astype(np.uint8)
    arrays["map"] = rng.integers(3000, 30000, 9).astype(np.uint16)
    return Statistics.from_arrays(sizes, arrays)


def symbols(shape: tuple[int, int, int], seed: int = 0, spread: float = 3.0) -> NDArray[np.int16]:
    """Values with neighbours, ever smaller by channel, some channels empty."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(shape)
    smooth = noise + np.roll(noise, 1, 1) + np.roll(noise, 1, 2)
    falling = spread * 0.8 ** np.arange(shape[0])[:, None, None]
    found = np.rint(smooth * falling).astype(np.int16)
    found[rng.random(shape[0]) < 0.2] = 0
    return found
