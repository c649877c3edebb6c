"""Tables of the trained coder: what was counted at each level, on a ground of logistics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz.entropy.trained.layout import PHASES, REACH, TOTAL

LOWEST, PER_LEVEL = -11.0, 8  # levels begin at LOWEST and are an eighth of a unit apart
LEVELS = 136
GROUND = 200.0  # counts that the logistic is worth
WIDEST = 2.0  # scale of a row, in bins

Floats = NDArray[np.float64]


def scales() -> Floats:
    """Scale of the logistic in the middle of each level."""
    middle = LOWEST + (np.arange(LEVELS) + 0.5) / PER_LEVEL
    return 0.5 / np.log1p(np.exp(-middle))


def shifts() -> NDArray[np.uint8]:
    """Low bits that are not modelled, so that no row is wider than WIDEST bins."""
    return np.ceil(np.log2(np.maximum(scales() / WIDEST, 1.0))).astype(np.uint8)


def _below(edge: Floats, scale: Floats) -> Floats:
    return 0.5 * (1 + np.tanh(edge / (2 * scale)))


def _edges() -> Floats:
    """Lower edges [L, 2 REACH + 2] of bins -REACH to REACH + 1."""
    width = 2.0 ** shifts()[:, None]
    low = np.where(width > 1, width / 2 + 0.5, 0.5)
    return np.arange(-REACH, REACH + 2) * width - low


def ground_rows() -> Floats:
    """Shares [L, PHASES, 2 REACH + 3] of the bins by the logistics alone."""
    means = np.arange(PHASES)[None, :, None] / 16
    edges = _below(_edges()[:, None] - means, scales()[:, None, None])
    ends = np.ones((LEVELS, PHASES, 1))
    return np.diff(np.concatenate([0 * ends, edges, ends], 2), axis=2)


def ground_sizes() -> Floats:
    """Shares [L, REACH + 1] of the sizes of bins around 0, the last of all beyond."""
    rows = ground_rows()[:, 0]
    half = rows[:, REACH + 1 : 2 * REACH + 2]
    return np.concatenate(
        [half[:, :1], 2 * half[:, 1:-1], 2 * rows[:, -2:].sum(1, keepdims=True)], 1
    )


def frequencies(shares: Floats, counts: Floats, *, even: bool) -> NDArray[np.uint16]:
    """Shares and counts [..., n] as frequencies that add up to TOTAL, each at least 1.

    even: those of all but the first are even, at least 2.
    """
    seen = counts + GROUND * shares / shares.sum(-1, keepdims=True)
    seen /= seen.sum(-1, keepdims=True)
    unit = 2 if even else 1
    floor = np.maximum(np.rint(seen * TOTAL / unit), 1).astype(np.int64) * unit
    largest = floor.argmax(-1) if not even else np.zeros(floor.shape[:-1], np.int64)
    over = floor.sum(-1) - TOTAL
    np.put_along_axis(
        floor,
        largest[..., None],
        np.take_along_axis(floor, largest[..., None], -1) - over[..., None],
        -1,
    )
    while even and floor[..., 0].min() < 1:  # a row so wide that 0 is not the largest
        row = np.unravel_index(floor[..., 0].argmin(), floor.shape[:-1])
        most = int(floor[row].argmax())
        floor[row][most] -= 2
        floor[row][0] += 2
    assert floor.min() >= unit or even
    assert np.all(floor.sum(-1) == TOTAL)
    return floor.astype(np.uint16)
