"""Rectangles cover all that is to be kept, are few, and lie inside the picture."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from sdz.codec.kept.boxes import WASTE, boxes_of
from sdz.container import Box

masks = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12))


def covered(boxes: list[Box], height: int, width: int) -> NDArray[np.bool_]:
    found = np.zeros((height, width), np.bool_)
    for box in boxes:
        assert box.area > 0
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= width
        assert box.bottom <= height
        found[box.top : box.bottom, box.left : box.right] = True
    return found


@settings(max_examples=100, deadline=None)
@given(masks, st.integers(0, 5))
def test_all_that_is_set_is_covered(mask: NDArray[np.bool_], margin: int) -> None:
    height, width = 8 * mask.shape[0] - 3, 8 * mask.shape[1] - 5  # the last cells are cut
    found = covered(boxes_of(mask, 8, width, height, margin), height, width)
    pixels = mask.repeat(8, 0).repeat(8, 1)[:height, :width]
    assert not np.any(pixels & ~found)


@settings(max_examples=100, deadline=None)
@given(masks)
def test_little_is_covered_in_vain(mask: NDArray[np.bool_]) -> None:
    boxes = boxes_of(mask, 8, 8 * mask.shape[1], 8 * mask.shape[0], 0)
    assert sum(box.area for box in boxes) // 64 <= mask.sum() * (1 + WASTE)


def test_what_lies_together_is_one_rectangle() -> None:
    mask = np.zeros((9, 9), np.bool_)
    mask[2:5, 3:7] = True
    mask[3, 4] = False
    assert boxes_of(mask, 32, 288, 288, 4) == [Box(92, 60, 136, 104)]


def test_what_lies_apart_is_two() -> None:
    mask = np.zeros((9, 9), np.bool_)
    mask[0, 0] = mask[8, 8] = True
    assert len(boxes_of(mask, 32, 288, 288, 0)) == 2
