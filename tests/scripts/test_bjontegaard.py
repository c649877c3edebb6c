"""Bjontegaard's difference on curves whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from benchmarks.bjontegaard import _integral, rate_difference

RATES = np.array([0.1, 0.17, 0.3, 0.52, 0.9, 1.4])
PSNR = np.array([25.1, 27.0, 29.2, 31.1, 33.4, 35.0])


def test_a_fifth_fewer_bits_at_every_quality() -> None:
    assert rate_difference(0.8 * RATES, PSNR, RATES, PSNR) == pytest.approx(-0.2)


def test_equal_curves_and_either_way_round() -> None:
    better = PSNR + np.linspace(0.4, 1.2, 6)
    assert rate_difference(RATES, PSNR, RATES, PSNR) == pytest.approx(0)
    one_way = rate_difference(RATES, better, RATES, PSNR)
    assert one_way < -0.05
    assert (1 + one_way) * (1 + rate_difference(RATES, PSNR, RATES, better)) == pytest.approx(1)


def test_straight_lines_over_the_shared_range_only() -> None:
    # log2 rate = quality, against log2 rate = quality / 2, on the shared qualities 1 to 3.
    first = [2.0**q for q in (0, 1, 2, 3)]
    second = [2.0 ** (q / 2) for q in (1, 2, 3, 5)]
    expected = 2 ** (4 / 4) - 1  # the mean of q - q / 2 is 1
    assert rate_difference(first, [0, 1, 2, 3], second, [1, 2, 3, 5]) == pytest.approx(expected)


def test_the_order_of_points_is_free() -> None:
    order = [3, 0, 5, 1, 4, 2]
    shuffled = rate_difference(0.5 * RATES[order], PSNR[order], RATES, PSNR)
    assert shuffled == pytest.approx(-0.5)


def test_a_point_that_costs_more_and_gives_less_is_left_out() -> None:
    rates, psnr = np.append(RATES, 1.6), np.append(PSNR, 34.0)
    assert rate_difference(rates, psnr, RATES, PSNR) == pytest.approx(0)


def test_no_shared_quality() -> None:
    assert math.isnan(rate_difference(RATES, PSNR, RATES, PSNR + 20))


def test_one_point_is_no_curve() -> None:
    with pytest.raises(ValueError, match="two points"):
        rate_difference([0.1], [30], RATES, PSNR)


@pytest.mark.parametrize("seed", range(5))
def test_the_interpolant_is_scipy_s(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.1, 3, 7))
    y = rng.normal(size=7) if seed % 2 else np.cumsum(rng.exponential(size=7))
    low, high = x[0] + 0.2, x[-1] - 0.3
    expected = PchipInterpolator(x, y).integrate(low, high)
    assert _integral(x, y, low, high) == pytest.approx(float(expected), rel=1e-9)
