"""Bjontegaard's rate difference: how much more or fewer bits at equal quality.

G. Bjontegaard, "Calculation of average PSNR differences between RD-curves", VCEG-M33 (2001),
with the monotone piecewise cubic of F. Fritsch and R. Carlson (1980) in place of one polynomial
through all points, which swings between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def rate_difference(
    rates: ArrayLike, qualities: ArrayLike, other_rates: ArrayLike, other_qualities: ArrayLike
) -> float:
    """Mean rate of a curve over another's, minus one: -0.2 is a fifth smaller at equal quality.

    The mean is of the logarithm of the rate, over the qualities that both curves reach. Points
    need no order; where quality does not rise with rate, those that do not are left out. NaN
    when the curves share no quality.
    """
    curves = [_rising(rates, qualities), _rising(other_rates, other_qualities)]
    low = max(quality[0] for _, quality in curves)
    high = min(quality[-1] for _, quality in curves)
    if not low < high:
        return float("nan")
    areas = [_integral(quality, rate, low, high) for rate, quality in curves]
    return float(np.expm1((areas[0] - areas[1]) / (high - low)))


def _rising(rates: ArrayLike, qualities: ArrayLike) -> tuple[Floats, Floats]:
    """Log rates and qualities sorted by rate, without points that fall behind a cheaper one."""
    rate, quality = np.asarray(rates, float), np.asarray(qualities, float)
    order = np.argsort(rate)
    rate, quality = np.log(rate[order]), quality[order]
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(quality)[:-1]])
    keep = quality > best_before
    if keep.sum() < 2:
        raise ValueError("a curve needs two points of rising quality")
    return rate[keep], quality[keep]


def _slopes(x: Floats, y: Floats) -> Floats:
    """Slopes at the knots that keep the cubics monotone: weighted harmonic means inside."""
    h, d = np.diff(x), np.diff(y) / np.diff(x)
    if len(x) == 2:
        return np.array([d[0], d[0]])
    slopes = np.zeros_like(x)
    before, after = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    same = d[:-1] * d[1:] > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (before + after) / (before / d[:-1] + after / d[1:])
    slopes[1:-1] = np.where(same, mean, 0)
    slopes[0] = _end(h[0], h[1], d[0], d[1])
    slopes[-1] = _end(h[-1], h[-2], d[-1], d[-2])
    return slopes


def _end(h0: float, h1: float, d0: float, d1: float) -> float:
    """One-sided three-point slope at an end, held within what keeps the first cubic monotone."""
    slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
    if slope * d0 <= 0:
        return 0.0
    return 3 * d0 if d0 * d1 <= 0 and abs(slope) > 3 * abs(d0) else slope


def _integral(x: Floats, y: Floats, low: float, high: float) -> float:
    """Integral of the interpolant through (x, y) from ``low`` to ``high``, within x's range."""
    slopes = _slopes(x, y)
    cuts = np.unique(np.concatenate([[low, high], x[(x > low) & (x < high)]]))
    # Gauss-Legendre with two points is exact for cubics.
    middle, half = (cuts[1:] + cuts[:-1]) / 2, (cuts[1:] - cuts[:-1]) / 2
    total = 0.0
    for sign in (-1, 1):
        at = middle + sign * half / np.sqrt(3)
        total += float(np.sum(half * _interpolate(x, y, slopes, at)))
    return total


def _interpolate(x: Floats, y: Floats, slopes: Floats, at: Floats) -> Floats:
    """The cubic Hermite interpolant at ``at``."""
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    h = x[i + 1] - x[i]
    t = (at - x[i]) / h
    rise = y[i + 1] - y[i]
    return (
        y[i]
        + rise * t * t * (3 - 2 * t)
        + h * slopes[i] * t * (1 - t) ** 2
        - h * slopes[i + 1] * t * t * (1 - t)
    )
