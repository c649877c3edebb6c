"""CIEDE2000 as in the paper's own table, and only of smooth regions."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.colour import ciede2000, lab_of_linear, smooth_colour_error

PAIRS = [  # of Sharma, Wu and Dalal, table 1
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "wanted"), PAIRS)
def test_the_table_of_the_paper(
    one: tuple[float, ...], other: tuple[float, ...], wanted: float
) -> None:
    a, b = np.array(one, float), np.array(other, float)
    assert ciede2000(a, b) == pytest.approx(wanted, abs=1e-4)
    assert ciede2000(b, a) == pytest.approx(wanted, abs=1e-4)
    assert ciede2000(a, a) == 0


def test_lab_of_white_black_and_red() -> None:
    found = lab_of_linear(np.array([[1, 1, 1], [0, 0, 0], [1, 0, 0]], float))
    wanted = [[100, 0, 0], [0, 0, 0], [53.24, 80.1, 67.2]]
    np.testing.assert_allclose(found, wanted, atol=0.15)


def test_a_grain_is_nothing_and_a_patch_is_seen_where_it_is_smooth() -> None:
    plain = np.full((64, 64, 3), 120, np.uint8)
    grain = plain.copy()
    grain[::2, ::2, 0] += 6
    grain[1::2, 1::2, 0] -= 6
    patch = plain.copy()
    patch[:16, :16, 0] += 6
    everywhere, elsewhere = np.ones((4, 4), bool), np.ones((4, 4), bool)
    elsewhere[0, 0] = False
    assert smooth_colour_error(plain, grain, everywhere) < 0.1
    assert smooth_colour_error(plain, patch, everywhere) > 0.1
    assert smooth_colour_error(plain, patch, elsewhere) == 0
    assert np.isnan(smooth_colour_error(plain, patch, np.zeros((4, 4), bool)))
