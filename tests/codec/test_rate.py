"""The searches find what is wished, within what is promised, in few attempts."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from sdz.codec.rate import MOST_TRIES, search_score, search_size
from sdz.errors import ScoreNotReached, TargetTooSmall

FINEST, COARSEST = 4000, 52000


def falling(code: int) -> int:
    """A size that halves every 5000 codes, from 131,072 bytes."""
    return round(131072 * 2 ** (-(code - FINEST) / 5000))


def bent(code: int) -> int:
    """A size whose logarithm bends hard: little is gained at first, then a lot."""
    return round(200_000 * (1 - ((code - FINEST) / (COARSEST - FINEST)) ** 6) + 60)


def jumping(code: int) -> int:
    """As ``falling``, but up to 1 % up or down from one code to the next."""
    return round(falling(code) * (1 + 0.01 * math.sin(code * 1.7)))


def search(size_of: Callable[[int], int], target: int) -> tuple[int, list[int]]:
    """(size found, codes tried)."""
    tried: list[int] = []

    def attempt(code: int) -> tuple[int, int]:
        tried.append(code)
        return size_of(code), code

    found = search_size(target, attempt, FINEST, COARSEST, "fake")
    assert found in tried
    return size_of(found), tried


@pytest.mark.parametrize("size_of", [falling, bent, jumping])
@pytest.mark.parametrize("target", [1000, 4321, 20_000, 99_999, 130_000])
def test_within_two_percent_and_never_over(size_of: Callable[[int], int], target: int) -> None:
    size, tried = search(size_of, target)
    assert 0.98 * target <= size <= target
    assert len(tried) <= MOST_TRIES + 3
    assert len(set(tried)) == len(tried)


def test_a_plain_curve_takes_few_attempts() -> None:
    assert len(search(falling, 12_345)[1]) <= 6


def test_more_than_the_finest_needs_takes_the_finest() -> None:
    size, tried = search(falling, 10**9)
    assert size == falling(FINEST)
    assert tried[-1] == FINEST
    assert len(tried) <= 3


def test_what_is_far_dearer_than_the_target_is_not_tried() -> None:
    assert max(map(falling, search(falling, 2000)[1])) < 10 * 2000


def test_just_what_the_coarsest_needs() -> None:
    least = falling(COARSEST)
    assert search(falling, least)[0] == least


def test_one_byte_too_few() -> None:
    least = falling(COARSEST)
    with pytest.raises(TargetTooSmall) as caught:
        search(falling, least - 1)
    assert (caught.value.target, caught.value.least) == (least - 1, least)


def test_the_best_that_fits_is_kept_where_sizes_are_steps() -> None:
    size, _ = search(lambda code: 5000 if code < 20_000 else 1000, 4000)
    assert size == 1000


class TestScore:
    @staticmethod
    def found(wanted: float, score_of: Callable[[int], float]) -> tuple[int, list[int]]:
        tried: list[int] = []

        def attempt(code: int) -> tuple[float, int]:
            tried.append(code)
            return score_of(code), code

        return search_score(wanted, attempt, round, "fake"), tried

    @pytest.mark.parametrize("wanted", [-500, 1, 33.2, 50, 89.9, 90])
    def test_lowest_quality_that_reaches_it(self, wanted: float) -> None:
        quality, tried = self.found(wanted, lambda q: 0.9 * q)
        assert 0.9 * quality >= wanted
        assert quality == 1 or 0.9 * (quality - 1) < wanted
        assert len(tried) <= 8

    def test_out_of_reach(self) -> None:
        with pytest.raises(ScoreNotReached) as caught:
            self.found(90.1, lambda q: 0.9 * q)
        assert (caught.value.wanted, caught.value.best) == (90.1, 90)

    def test_a_score_that_dips_is_reached_all_the_same(self) -> None:
        quality, _ = self.found(60, lambda q: q - 15 * (60 <= q < 80))
        assert quality - 15 * (60 <= quality < 80) >= 60
