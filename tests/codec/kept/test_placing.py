"""Regions lie over the picture as the page says it, pixel by pixel, and nothing else is touched."""

from __future__ import annotations

import drawn
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sdz.codec.kept.placing import place
from sdz.container import Box

PICTURE, OTHER = drawn.scene(40, 56), drawn.scene(40, 56, seed=5)


def by_the_page(
    rgb: NDArray[np.uint8], box: Box, pixels: NDArray[np.uint8], soft: int
) -> NDArray[np.uint8]:
    """docs/format.md, "Placing", a pixel at a time."""
    out = rgb.astype(int)
    height, width, _ = rgb.shape
    n = soft + 1
    for j in range(box.height):
        for i in range(box.width):
            d = [soft]
            d += [i] if box.left else []
            d += [j] if box.top else []
            d += [box.width - 1 - i] if box.right < width else []
            d += [box.height - 1 - j] if box.bottom < height else []
            t = min(d) + 1
            below, own = out[box.top + j, box.left + i], pixels[j, i].astype(int)
            out[box.top + j, box.left + i] = (below * (n - t) + own * t + n // 2) // n
    return out.astype(np.uint8)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(st.integers(0, 55)), draw(st.integers(0, 39))
    return Box(left, top, draw(st.integers(1, 56 - left)), draw(st.integers(1, 40 - top)))


def cut(box: Box) -> NDArray[np.uint8]:
    return OTHER[box.top : box.bottom, box.left : box.right]


@settings(max_examples=60, deadline=None)
@given(boxes(), boxes(), st.integers(0, 16))
def test_two_regions_are_placed_as_the_page_says(first: Box, second: Box, soft: int) -> None:
    found, wanted = PICTURE.copy(), PICTURE
    place(found, [(box, cut(box)) for box in (first, second)], soft)
    for box in (first, second):
        wanted = by_the_page(wanted, box, cut(box), soft)
    assert np.array_equal(found, wanted)


def test_a_region_without_a_soft_edge_replaces_what_is_there() -> None:
    found, box = PICTURE.copy(), Box(10, 20, 30, 10)
    place(found, [(box, cut(box))], 0)
    wanted = PICTURE.copy()
    wanted[20:30, 10:40] = OTHER[20:30, 10:40]
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("soft", [0, 1, 4, 16])
def test_a_region_as_large_as_the_picture_has_no_soft_edge(soft: int) -> None:
    found, box = PICTURE.copy(), Box(0, 0, 56, 40)
    place(found, [(box, OTHER)], soft)
    assert np.array_equal(found, OTHER)


def test_a_region_equal_to_what_is_there_changes_nothing() -> None:
    found, box = PICTURE.copy(), Box(3, 4, 40, 30)
    place(found, [(box, PICTURE[4:34, 3:43])], 7)
    assert np.array_equal(found, PICTURE)


def test_the_edge_goes_over_evenly() -> None:
    black, white = np.zeros((9, 30, 3), np.uint8), np.full((9, 20, 3), 255, np.uint8)
    place(black, [(Box(10, 0, 20, 9), white)], 4)
    assert black[4, 8:16, 0].tolist() == [0, 0, 51, 102, 153, 204, 255, 255]
