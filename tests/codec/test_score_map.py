"""The map of scores: its classes, and its way into a file and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sdz.codec.alpha import symbol_check
from sdz.codec.score_map import cells_of, classes_of, least_score, pack_scores, unpack_scores
from sdz.container import Header, Model, ScoreMap
from sdz.entropy import encode_symbols
from sdz.errors import BadField, BadSymbols, SdzError


def header_of(rows: int, columns: int) -> Header:
    return Header(32 * columns - 31, 32 * rows, Model(0, "fake", 3, 4), bytes(8), 0)


@pytest.mark.parametrize(
    ("score", "kind"),
    [
        *[(100, 0), (90, 0), (89.99, 1), (80, 1), (79.9, 2), (50, 4), (49.9, 5), (0, 9)],
        *[(-0.1, 10), (-50, 14), (-50.1, 15), (-1000, 15)],
    ],
)
def test_classes_are_those_of_the_page(score: float, kind: int) -> None:
    assert classes_of(np.array([[score]], np.float32)).tolist() == [[kind]]
    assert kind == 15 or least_score(kind) <= score < (least_score(kind - 1) if kind else 101)


def test_cells_cover_the_picture() -> None:
    assert cells_of(1, 1) == (1, 1)
    assert cells_of(32, 33) == (1, 2)
    assert cells_of(512, 768) == (16, 24)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.uint8, arrays.array_shapes(min_dims=2, max_dims=2), elements=st.integers(0, 15)
    )
)
def test_classes_come_back(classes: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    assert np.array_equal(unpack_scores(pack_scores(classes), header_of(*classes.shape)), classes)


CLASSES = np.random.default_rng(1).integers(3, 9, (16, 24), np.uint8)


def test_damage_is_found() -> None:
    stored, header = pack_scores(CLASSES), header_of(16, 24)
    for data in (stored.data[:-1], stored.data[1:], b"", stored.data + b"1"):
        with pytest.raises(SdzError):
            unpack_scores(replace(stored, data=data), header)
    with pytest.raises(BadSymbols, match="the map of scores"):
        unpack_scores(replace(stored, check=stored.check ^ 1), header)
    with pytest.raises(SdzError):
        unpack_scores(stored, header_of(15, 24))


@pytest.mark.parametrize("value", [-8, 8, 2**31 - 1, -(2**31)])
def test_classes_that_there_are_not_are_refused(value: int) -> None:
    symbols = np.zeros((1, 16, 24), np.int32)
    symbols[0, 3, 3] = value
    stored = ScoreMap(8 if value > 0 else 7, symbol_check(symbols), encode_symbols(symbols))
    with pytest.raises(BadField, match="classes 0 to 15"):
        unpack_scores(stored, header_of(16, 24))
