"""Wishes are checked where they are made."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sdz.errors import BadOption
from sdz.wish import PRESETS, Wish, quality_of


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"quality": 1},
        {"quality": 100.0},
        {"target_bytes": 1},
        {"min_score": 100},
        {"min_score": -20.0},
    ],
)
def test_what_may_be_wished(wish: dict[str, Any]) -> None:
    assert Wish(**wish) == Wish(**wish)


@pytest.mark.parametrize(
    ("wish", "option"),
    [
        ({"quality": 0.9}, "quality"),
        ({"quality": 100.1}, "quality"),
        ({"quality": math.nan}, "quality"),
        ({"target_bytes": 0}, "target bytes"),
        ({"min_score": 100.5}, "min score"),
        ({"min_score": math.nan}, "min score"),
        ({"quality": 5, "target_bytes": 5}, "quality, target bytes and min score"),
        ({"target_bytes": 5, "min_score": 5}, "quality, target bytes and min score"),
    ],
)
def test_what_may_not(wish: dict[str, Any], option: str) -> None:
    with pytest.raises(BadOption) as caught:
        Wish(**wish)
    assert caught.value.option == option


def test_presets_rise_and_are_qualities() -> None:
    values = [quality_of(name) for name in ("tiny", "small", "standard", "fine")]
    assert values == sorted(set(values)) == list(PRESETS.values())
    assert all(1 <= value <= 100 for value in values)


def test_unknown_preset_names_the_known() -> None:
    with pytest.raises(BadOption, match="tiny or small or standard or fine, found 'huge'"):
        quality_of("huge")
