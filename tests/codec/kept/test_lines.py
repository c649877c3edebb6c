"""Lines of small letters are found, drawn without a font; waves, noise and single lines are not."""

from __future__ import annotations

import drawn
import numpy as np
import pytest

from sdz.codec.kept.lines import SURE, boxes_of_text

GROUND = (drawn.smooth(160, 400) // 3).astype(np.uint8)


@pytest.mark.parametrize("top", [40, 43, 100])
def test_a_line_is_found_and_hardly_more(top: int) -> None:
    boxes = boxes_of_text(drawn.letters(GROUND, top, 60, 30), SURE)
    assert boxes
    covered = np.zeros(GROUND.shape[:2], np.bool_)
    for box in boxes:
        covered[box.top : box.bottom, box.left : box.right] = True
    assert covered[top : top + 8, 70:260].mean() > 0.9
    assert covered.mean() < 0.3


def test_dark_letters_are_found_too() -> None:
    assert boxes_of_text(255 - drawn.letters(GROUND, 60, 60, 30), SURE)


def test_letters_of_low_contrast_are_found_too() -> None:
    grey = np.full((160, 400, 3), 90, np.uint8)
    assert boxes_of_text(drawn.letters(grey, 60, 60, 30, ink=138), SURE)


def test_a_line_is_hardly_cut() -> None:
    """Each has some 280 bytes beside its picture."""
    for top in range(56, 64):
        assert len(boxes_of_text(drawn.letters(GROUND, top, 60, 30), SURE)) <= 2


@pytest.mark.parametrize("care", ["sure", "seeking"])
def test_pictures_without_letters_have_none(care: str) -> None:
    options = (SURE,) if care == "sure" else ()
    noise = np.random.default_rng(0).integers(0, 256, (160, 400, 3), np.uint8)
    wire = GROUND.copy()
    wire[80:82] = 250
    fence = GROUND.copy()
    fence[:, ::6] = 250
    for picture in (GROUND, noise, drawn.scene(160, 400), wire, fence, GROUND[:9, :9]):
        assert boxes_of_text(picture, *options) == []


@pytest.mark.parametrize("size", [(1, 1), (7, 400), (400, 7), (17, 17), (1100, 40)])
def test_any_size(size: tuple[int, int]) -> None:
    assert boxes_of_text(drawn.smooth(*size)) == []
