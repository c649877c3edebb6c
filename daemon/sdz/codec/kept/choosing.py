"""Which regions are worth their bytes: where latents serve worst, the most points a byte first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sdz.codec.kept.boxes import boxes_of
from sdz.codec.kept.opening import Opened, Pixels, open_region
from sdz.codec.kept.placing import SOFT_EDGE
from sdz.codec.kept.writing import write_region
from sdz.container import CELL, Box, Region

MOST_AREA = 0.5
"""Of the picture: where more of it is under the floor, finer latents serve all of it better."""
MOST_REGIONS = 64
"""A file has 256, of text and by hand, too."""

_QUALITIES = (
    *((0, 15), (30, 31), (50, 40), (65, 52), (75, 63)),
    *((80, 70), (85, 80), (90, 90), (100, 99)),
)
"""Scores of Kodak pictures, and the qualities of AVIF (4:4:4, speed 6) that give them."""


def quality_for(score: float) -> int:
    """The quality of AVIF that gives most photographs about this score."""
    scores, qualities = zip(*_QUALITIES, strict=True)
    return round(float(np.interp(score, scores, qualities)))


Cells = NDArray[np.float64]
"""Local scores [rows, columns]."""


def under_floor(
    rgb: Pixels,
    shown: Pixels,
    cells: Cells,
    look: Callable[[Pixels], Cells],
    *,
    floor: float,
    quality: int,
    budget: int,
) -> tuple[Region, ...]:
    """Regions of ``rgb`` over the cells whose local score is under ``floor``, as many as ``budget``
    bytes buy, those that gain most points of theirs for a byte first.

    shown: what the file gives as yet, with the local scores ``cells``, and ``look`` gives those of
    other pixels. quality: AVIF's.
    """
    bad = cells < floor
    if not bad.any() or bad.mean() > MOST_AREA:
        return ()
    height, width = rgb.shape[:2]
    boxes = boxes_of(bad, CELL, width, height, SOFT_EDGE)[:MOST_REGIONS]
    offers = [write_region(rgb, box, quality) for box in boxes]
    with_all = shown.copy()
    Opened(SOFT_EDGE, tuple((one.box, open_region(one)) for one in offers)).over(with_all)
    gained = np.where(bad, np.maximum(look(with_all) - cells, 0), 0)
    return _best(offers, [float(gained[_cells(one.box)].sum()) for one in offers], budget)


def _best(offers: Sequence[Region], gains: Sequence[float], budget: int) -> tuple[Region, ...]:
    order = sorted(range(len(offers)), key=lambda i: gains[i] / len(offers[i].data), reverse=True)
    chosen: list[Region] = []
    for index in order:
        size = len(offers[index].data)
        if gains[index] > 0 and size <= budget:
            budget -= size
            chosen.append(offers[index])
    return tuple(chosen)


def _cells(box: Box) -> tuple[slice, slice]:
    """The cells that a box lies over with more than its margin."""
    rows = slice((box.top + SOFT_EDGE) // CELL, -(-(box.bottom - SOFT_EDGE) // CELL))
    return rows, slice((box.left + SOFT_EDGE) // CELL, -(-(box.right - SOFT_EDGE) // CELL))
