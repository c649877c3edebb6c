"""Regions go where the local score is under the floor, the most points a byte first, in budget."""

from __future__ import annotations

import drawn
import numpy as np
import pytest

from sdz.codec.fidelity import Reference
from sdz.codec.kept.choosing import quality_for, under_floor
from sdz.codec.kept.opening import open_region
from sdz.codec.kept.writing import write_lossless, write_region
from sdz.container import Box

SOURCE = drawn.scene(320, 448)
SPOILT = SOURCE.copy()
NOISE = np.random.default_rng(0).integers(-25, 26, (64, 64, 3))
for TOP, LEFT in ((32, 64), (224, 320)):
    SPOILT[TOP : TOP + 64, LEFT : LEFT + 64] = np.clip(
        SOURCE[TOP : TOP + 64, LEFT : LEFT + 64] + NOISE, 0, 255
    )
REFERENCE = Reference(SOURCE)
CELLS = REFERENCE.look(SPOILT).cells


def chosen(budget: int, floor: float = 20) -> tuple[Box, ...]:
    regions = under_floor(
        SOURCE,
        SPOILT,
        CELLS,
        lambda pixels: REFERENCE.look(pixels).cells,
        floor=floor,
        quality=60,
        budget=budget,
    )
    assert sum(len(one.data) for one in regions) <= budget
    return tuple(one.box for one in regions)


def test_what_was_spoilt_is_chosen() -> None:
    boxes = chosen(10**6)
    for top, left in ((64, 96), (256, 352)):
        assert any(b.left <= left < b.right and b.top <= top < b.bottom for b in boxes)
    assert sum(box.area for box in boxes) < SOURCE.shape[0] * SOURCE.shape[1] / 2


def test_a_budget_is_kept() -> None:
    all_of_them = chosen(10**6)
    assert chosen(0) == ()
    assert len(chosen(900)) <= len(all_of_them)


def test_nothing_is_chosen_where_nothing_is_under_the_floor_or_all_is() -> None:
    assert chosen(10**6, floor=-1000) == ()
    assert chosen(10**6, floor=101) == ()


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (40, 3), (17, 33)])
def test_a_region_of_any_size_is_written_and_opened(size: tuple[int, int]) -> None:
    box = Box(5, 7, *size)
    lossless = open_region(write_lossless(SOURCE, box))
    assert np.array_equal(lossless, SOURCE[box.top : box.bottom, box.left : box.right])
    assert open_region(write_region(SOURCE, box, 70)).shape == (box.height, box.width, 3)


def test_plain_ground_is_kept_without_loss() -> None:
    flat = np.zeros((64, 200, 3), np.uint8)
    flat[20:24, 10:190] = 255
    assert write_region(flat, Box(0, 0, 200, 64), 60).kind == 2


def test_qualities_rise_with_scores() -> None:
    found = [quality_for(score) for score in (-50, 0, 30, 50, 70, 90, 100)]
    assert found == sorted(found)
    assert 0 <= found[0] <= found[-1] <= 100
