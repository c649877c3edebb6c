"""Block edges: none in a gradient, plain where blocks are flat, and only smooth regions count."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.looks import edge_ratio, luma, smooth_regions

SLOPE = np.tile(np.arange(64, dtype=np.float32) / 16, (64, 1))  # a quarter level every 4 pixels
ALL = np.ones((4, 4), bool)


def test_a_slope_has_no_edges_and_steps_on_block_lines_show() -> None:
    both_ways = SLOPE + SLOPE.T
    assert edge_ratio(both_ways, ALL) == pytest.approx(1)
    stairs = both_ways + 0.25 * (np.arange(64) // 8)[:, None] + 0.25 * (np.arange(64) // 8)
    assert edge_ratio(stairs, ALL) == pytest.approx(5)
    assert edge_ratio(np.roll(stairs, 3, (0, 1)), ALL) < 1.5  # the same steps, between the lines


def test_blocks_of_one_value_have_a_ratio_all_the_same() -> None:
    flat = np.kron(np.arange(64, dtype=np.float32).reshape(8, 8), np.ones((8, 8), np.float32))
    assert edge_ratio(flat, ALL) == 99


def test_texture_and_burnt_out_surfaces_are_not_smooth() -> None:
    noise = np.random.default_rng(1).normal(128, 20, (16, 16)).astype(np.float32)
    burnt = np.full((16, 16), 255, np.float32)
    sky = 2 * SLOPE[:16, :16]
    np.testing.assert_array_equal(
        smooth_regions(np.concatenate([noise, burnt, sky], 1)), [[False, False, True]]
    )


def test_luma_of_grey_is_itself() -> None:
    grey = np.full((2, 2, 3), 77, np.uint8)
    np.testing.assert_allclose(luma(grey), 77, rtol=1e-5)
