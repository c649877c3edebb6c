"""Which end of a name is an ending, and what outputs are called."""

from __future__ import annotations

import os
from itertools import islice

import pytest

from sdz.names import ending, output_names, stem


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        *(("photo.JPG", ".jpg"), ("a.b.tiff", ".tiff"), ("a.sdz", ".sdz"), ("a.jpg.sdz", ".sdz")),
        *(("IMG.2024", ""), ("scan.1", ""), ("v1.5 final", ""), ("photo", ""), ("photo.", "")),
        *((".jpg", ""), ("jpg", ""), ("", ""), ("a.", ""), ("a.constructor", "")),
    ],
)
def test_only_known_endings_are_endings(name: str, suffix: str) -> None:
    assert ending(name) == suffix
    assert stem(name) == name[: len(name) - len(suffix)]


def test_what_is_made_of_names_without_an_ending_is_told_apart() -> None:
    assert [next(output_names(name)) for name in ("IMG.2024", "scan.1", "scan.2", ".jpg")] == [
        *("IMG.2024.sdz", "scan.1.sdz", "scan.2.sdz", ".jpg.sdz")
    ]
    assert next(output_names("photo.jpg.sdz", ".png")) == "photo.jpg.png"


def test_outputs_take_the_stem_then_the_whole_name_then_numbers() -> None:
    assert list(islice(output_names("photo.jpg"), 4)) == [
        *("photo.sdz", "photo.jpg.sdz", "photo.jpg.2.sdz", "photo.jpg.3.sdz")
    ]
    assert next(output_names("a.b.png")) == "a.b.sdz"


@pytest.mark.parametrize("letter", ["a", "ü", "\udcff"])
def test_long_names_fit_and_stay_apart(letter: str) -> None:
    size = len(os.fsencode(letter))
    one = letter * ((255 - 4) // size - 1) + "1.jpg"
    two = letter * ((255 - 4) // size - 1) + "2.jpg"
    names = [*islice(output_names(one), 3), *islice(output_names(two), 3)]
    assert len(set(names)) == 6
    assert all(len(os.fsencode(name)) <= 255 for name in names)
