"""Rectangles that cover what is to be kept: few, and with little beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz.container import Box

Mask = NDArray[np.bool_]

WASTE = 3
"""Cells that a rectangle may cover in vain rather than that there are two: a region's own bytes
beside its picture, some 280, are those of two or three cells of 32 x 32 pixels."""
MOST_BOXES = 256
_MOST_JOINED = 512
"""Rectangles that are compared with each other; in a picture with more, rows alone are joined."""


def boxes_of(
    mask: Mask, cell: int, width: int, height: int, margin: int, waste: int = WASTE
) -> list[Box]:
    """Rectangles in pixels that cover the cells of ``mask`` [rows, columns] that are set.

    cell: pixels of a cell's side. margin: pixels more on each side, for a soft edge to lie in.
    waste: cells that a rectangle may cover in vain rather than that there are two. They
    are cut at the edges of the picture, width x height; there are ``MOST_BOXES`` at most.
    """
    found = _joined(_swept(mask, waste), waste)[:MOST_BOXES]
    return [_in_pixels(one, cell, width, height, margin) for one in found]


Cells = tuple[int, int, int, int]  # top, left, bottom, right


def _swept(mask: Mask, waste: int) -> list[Cells]:
    """Runs of each row, joined to what lies above where that wastes little."""
    done: list[Cells] = []
    above: list[Cells] = []
    for y, row in enumerate(mask):
        here: list[Cells] = []
        for left, right in _runs(row):
            run = (y, left, y + 1, right)
            touching = [one for one in above if one[1] < right and left < one[3]]
            best = min(touching, key=lambda one: _waste(one, run), default=None)
            if best is not None and _waste(best, run) <= waste:
                above.remove(best)
                run = _union(best, run)
            here.append(run)
        done += above
        above = here
    return done + above


def _runs(row: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _joined(boxes: list[Cells], waste: int) -> list[Cells]:
    """The largest first, with those joined that waste little together."""
    boxes = sorted(boxes, key=_area, reverse=True)
    if len(boxes) > _MOST_JOINED:
        return boxes
    done: list[Cells] = []
    while boxes:
        one = boxes.pop(0)
        other = min(boxes, key=lambda two: _waste(one, two), default=None)
        if other is not None and _waste(one, other) <= waste:
            boxes.remove(other)
            boxes.insert(0, _union(one, other))
        else:
            done.append(one)
    return sorted(done, key=_area, reverse=True)


def _area(one: Cells) -> int:
    return (one[2] - one[0]) * (one[3] - one[1])


def _union(one: Cells, two: Cells) -> Cells:
    top, left = min(one[0], two[0]), min(one[1], two[1])
    return top, left, max(one[2], two[2]), max(one[3], two[3])


def _waste(one: Cells, two: Cells) -> int:
    return _area(_union(one, two)) - _area(one) - _area(two)


def _in_pixels(one: Cells, cell: int, width: int, height: int, margin: int) -> Box:
    top, left, bottom, right = one
    left, top = max(0, left * cell - margin), max(0, top * cell - margin)
    return Box(
        left,
        top,
        min(width, right * cell + margin) - left,
        min(height, bottom * cell + margin) - top,
    )
