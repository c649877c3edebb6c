"""Recipes: widths, and a name for what is made."""

from __future__ import annotations

import itertools

import pytest

from sdz.errors import BadOption
from sdz.publishing.recipe import Recipe
from sdz.wish import Wish


@pytest.mark.parametrize(
    ("width", "wanted"),
    [
        (4000, (480, 960, 1600)),
        (1600, (480, 960, 1600)),
        (1599, (480, 960, 1599)),
        (961, (480, 960, 961)),
        (960, (480, 960)),
        (480, (480,)),
        (1, (1,)),
    ],
)
def test_none_is_enlarged_and_none_is_there_twice(width: int, wanted: tuple[int, ...]) -> None:
    assert Recipe(Wish()).widths_of(width) == wanted


@pytest.mark.parametrize(
    "widths", [(), (480, 480), (960, 480), (15,), (16_384,), (*range(20, 29),)]
)
def test_widths_that_cannot_be(widths: tuple[int, ...]) -> None:
    with pytest.raises(BadOption):
        Recipe(Wish(), widths)


def test_what_changes_the_outputs_changes_the_key() -> None:
    recipes = [
        Recipe(Wish()),
        Recipe(Wish(quality=49)),
        Recipe(Wish(min_score=50.0)),
        Recipe(Wish(effort="high")),
        Recipe(Wish(keep_metadata=True)),
        Recipe(Wish("sd-mse")),
        Recipe(Wish(), (480, 960)),
        Recipe(Wish(), weights="ab"),
    ]
    for one, other in itertools.combinations(recipes, 2):
        assert one.key != other.key
    assert Recipe(Wish()).key == recipes[0].key
