"""Alpha comes back with its ends untouched, masks exactly, the rest within half a level."""

from __future__ import annotations

import drawn
import numpy as np
import pytest
from numpy.typing import NDArray

from sdz import container
from sdz.codec.alpha import ALL_LEVELS, SOME_LEVELS, levels_for, pack_alpha, unpack_alpha
from sdz.entropy import encode_symbols
from sdz.errors import BadField, BadSymbols

EVERY_VALUE = np.arange(256, dtype=np.uint8).reshape(8, 32)


def there_and_back(alpha: NDArray[np.uint8], levels: int) -> NDArray[np.uint8]:
    return unpack_alpha(pack_alpha(alpha, levels), *alpha.shape)


@pytest.mark.parametrize("levels", range(1, 256))
def test_ends_stay_and_errors_are_half_a_level(levels: int) -> None:
    back = there_and_back(EVERY_VALUE, levels)
    assert back[0, 0] == 0
    assert back[-1, -1] == 255
    error = np.abs(back.astype(int) - EVERY_VALUE)
    # Half a step, and half of one for the rounding of the level's own value.
    assert error.max() <= 255 / levels / 2 + 0.5
    assert np.all(np.diff(back.astype(int).ravel()) >= 0)


def test_all_levels_are_exact() -> None:
    assert np.array_equal(there_and_back(EVERY_VALUE, ALL_LEVELS), EVERY_VALUE)


def test_some_levels_are_off_by_two_and_a_half_at_most() -> None:
    assert np.abs(there_and_back(EVERY_VALUE, SOME_LEVELS).astype(int) - EVERY_VALUE).max() <= 2


def test_masks_are_exact_at_any_quality() -> None:
    mask = np.where(drawn.soft_alpha(37, 53) > 100, 255, 0).astype(np.uint8)
    for quality in (1.0, 50.0, 100.0):
        levels = levels_for(mask, quality)
        assert levels == 1
        assert np.array_equal(there_and_back(mask, levels), mask)


def test_levels_grow_with_quality() -> None:
    alpha = drawn.soft_alpha(20, 20)
    assert levels_for(alpha, 50) == SOME_LEVELS
    assert levels_for(alpha, 85) == ALL_LEVELS


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1)])
def test_odd_shapes(shape: tuple[int, int]) -> None:
    alpha = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert np.array_equal(there_and_back(alpha, ALL_LEVELS), alpha)


def test_smooth_alpha_is_small() -> None:
    stored = pack_alpha(drawn.soft_alpha(128, 128), SOME_LEVELS)
    assert len(stored.data) < 128 * 128 / 8


def test_another_checksum_is_bad_symbols() -> None:
    stored = pack_alpha(EVERY_VALUE, 51)
    wrong = container.Alpha(stored.levels, stored.check ^ 1, stored.data)
    with pytest.raises(BadSymbols, match="the alpha channel"):
        unpack_alpha(wrong, *EVERY_VALUE.shape)


@pytest.mark.parametrize("steps", [[5, 90], [-1, 0], [2**31 - 1, 2**31 - 1]])
def test_levels_out_of_range_are_a_bad_field(steps: list[int]) -> None:
    symbols = np.array([[steps]], np.int32)
    check = container.symbol_check(symbols.astype("<i4").tobytes())
    with pytest.raises(BadField, match="levels 0 to 51"):
        unpack_alpha(container.Alpha(51, check, encode_symbols(symbols)), 1, 2)
