"""Hidden colours continue the visible ones, and say nothing of what was hidden."""

from __future__ import annotations

import drawn
import numpy as np
import pytest

from sdz.codec.hidden import fill_hidden


def test_visible_pixels_stay_and_hidden_ones_continue_them() -> None:
    rgb = np.zeros((32, 48, 3), np.uint8)
    rgb[:, :24], rgb[:, 24:] = (200, 0, 0), (0, 0, 200)
    alpha = np.zeros((32, 48), np.uint8)
    alpha[4:28, :20] = alpha[4:28, 28:] = 255
    noise = drawn.scene(32, 48)
    filled = fill_hidden(np.where(alpha[..., None] > 0, rgb, noise), alpha)
    assert np.array_equal(filled[alpha > 0], rgb[alpha > 0])
    assert np.array_equal(filled[0, 4], (200, 0, 0))
    assert np.array_equal(filled[0, 44], (0, 0, 200))


def test_they_do_not_depend_on_what_was_hidden() -> None:
    alpha = drawn.soft_alpha(33, 21)
    one, other = drawn.scene(33, 21, 1), drawn.scene(33, 21, 2)
    other[alpha > 0] = one[alpha > 0]
    assert np.array_equal(fill_hidden(one, alpha), fill_hidden(other, alpha))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 1), (64, 64), (7, 300)])
def test_nothing_visible_is_one_plain_colour(shape: tuple[int, int]) -> None:
    filled = fill_hidden(drawn.scene(*shape), np.zeros(shape, np.uint8))
    assert len(np.unique(filled.reshape(-1, 3), axis=0)) == 1


def test_a_single_row_is_continued_from_its_neighbours() -> None:
    rgb = np.full((1, 64, 3), 50, np.uint8)
    rgb[0, 32:] = 200
    alpha = np.full((1, 64), 255, np.uint8)
    alpha[0, 8:16] = alpha[0, 40:48] = 0
    filled = fill_hidden(np.where(alpha[..., None] > 0, rgb, 0).astype(np.uint8), alpha)
    assert np.array_equal(filled, rgb)
