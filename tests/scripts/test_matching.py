"""The search for a setting by size."""

from __future__ import annotations

import pytest

from benchmarks.matching import closest


class Encoder:
    """Sizes that grow by 4 % a setting; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def size(self, setting: int) -> int:
        self.asked.append(setting)
        return round(1000 * 1.04**setting)


@pytest.mark.parametrize("wanted", [0, 1, 37, 80, 100])
@pytest.mark.parametrize("guess", [0, 50, 100])
def test_finds_the_setting_in_few_tries(wanted: int, guess: int) -> None:
    encoder = Encoder()
    target = round(1000 * 1.04**wanted) + 3
    assert closest(encoder.size, 0, 100, target, guess) == wanted
    assert len(encoder.asked) <= 9
    assert len(set(encoder.asked)) == len(encoder.asked)


def test_a_good_guess_is_cheap() -> None:
    encoder = Encoder()
    closest(encoder.size, 0, 100, encoder.size(40), 41)
    assert len(encoder.asked) <= 6


@pytest.mark.parametrize(("target", "end"), [(10, 5), (10**9, 95)])
def test_sizes_out_of_reach_give_the_nearest_end(target: int, end: int) -> None:
    assert closest(Encoder().size, 5, 95, target, 50) == end


def test_jumps_and_plateaus_do_not_stall_it() -> None:
    def size(setting: int) -> int:
        return 500 if setting < 60 else 9000

    assert size(closest(size, 0, 100, 8000, 10)) == 9000
