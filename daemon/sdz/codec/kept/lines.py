"""Where there may be writing: lines of letters 9 to 20 pixels high.

``letters.py`` says how likely it is block by block; here is what makes a line of blocks. Not a
reader, and it may find other things than letters: bricks, fences, a row of windows far away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sdz.codec.kept.boxes import boxes_of
from sdz.codec.kept.letters import BLOCK, likelihood
from sdz.container import Box

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Care:
    """How sure a search is to be.

    block: the likelihood (see ``letters.py``) from which a block belongs to a line. line: what
    those of a line come to together, at least.
    """

    block: float
    line: float


SEEKING: Final = Care(-2, 20)
"""For who asks for text."""
SURE: Final = Care(-2, 50)
"""For who asked for nothing."""

RUN = 4
"""Blocks of a line, at least: a short word."""
GAP = 2
"""Blocks between two of a run: a wide space, or a letter that was missed."""
ENDS = 1
"""Blocks more at both ends of a line."""
LEAST = -4.0
"""A block that was missed takes no more from a line than this."""
WASTE = 12
"""Blocks in vain that a region more would take: of 20 to 30 bytes each, they are as much as what it
has beside its picture."""
MARGIN = 4
"""Pixels around a line, for the soft edge to lie in."""


def boxes_of_text(rgb: Pixels, care: Care = SEEKING) -> list[Box]:
    """Rectangles of ``rgb`` [H, W, 3] where there may be writing, the largest first."""
    height, width = rgb.shape[:2]
    if min(height, width) < 2 * BLOCK:
        return []
    likely = likelihood(np.asarray(Image.fromarray(rgb).convert("L")))
    return boxes_of(lines(likely, care), BLOCK, width, height, MARGIN, WASTE)


def lines(likely: Floats, care: Care) -> Mask:
    """Which blocks [rows, columns] are in a line: a run of a row that is likely enough, and what is
    likely above and below it, since letters seldom begin where a block does."""
    found = np.zeros(likely.shape, np.bool_)
    for row, mask in zip(likely, found, strict=True):
        for left, right in _runs(row > care.block):
            enough = np.maximum(row[left:right], LEAST).sum() >= care.line
            if enough and right - left >= RUN:
                mask[max(0, left - ENDS) : right + ENDS] = True
    beside = np.zeros_like(found)
    beside[1:] |= found[:-1]
    beside[:-1] |= found[1:]
    return np.asarray(found | (beside & (likely > care.block)))


def _runs(row: Mask) -> Iterator[tuple[int, int]]:
    """(first, behind the last) of those set, with up to ``GAP`` others between two."""
    places = np.flatnonzero(row)
    if not places.size:
        return
    cuts = np.flatnonzero(np.diff(places) > GAP + 1)
    starts = np.concatenate(([0], cuts + 1))
    ends = np.concatenate((cuts, [places.size - 1]))
    for start, end in zip(starts, ends, strict=True):
        yield int(places[start]), int(places[end]) + 1
