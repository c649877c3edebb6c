"""Kept regions for a draft: what was asked for by hand, lines of text, and where it is worst."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sdz.codec.draft import Judged, judge, with_kept
from sdz.codec.kept.choosing import Cells, quality_for, under_floor
from sdz.codec.kept.hand import with_texts
from sdz.codec.kept.lines import SURE, boxes_of_text
from sdz.codec.kept.opening import Opened, open_region
from sdz.codec.source import Source

FLOOR_BELOW = 30
"""Points below the whole that a cell may lie before it is kept."""
ABOVE = 10
"""Points by which a kept region is better than the whole."""
SHARE = 0.1
"""Of the file that such regions may take."""
TEXT_FROM = 45
"""The least score of a look in which text of 12 pixels is to be read."""
MOST_OF_TEXT = 0.25
"""Of a picture's area: where lines take more, it is a page. Five lines on a photograph take 0.1."""


def with_text_kept(source: Source, aim: float, room: int) -> Source:
    """The source with regions where it is sure that there is text, for a look of the score ``aim``
    that would show it: as many as ``room`` bytes buy, the largest first. A page of text has none:
    all of it serves better as AVIF than its lines do."""
    if aim < TEXT_FROM:
        return source
    picture = source.picture
    boxes = boxes_of_text(picture.rgb, SURE)
    if sum(box.area for box in boxes) > MOST_OF_TEXT * picture.width * picture.height:
        return source
    return with_texts(source, boxes, room)


def with_worst_kept(
    source: Source, judged: Judged, shown: NDArray[np.uint8], aim: float
) -> tuple[Source, Judged]:
    """The source and the draft with regions where the draft falls far below ``aim``, a score.

    shown: what the draft's latents give. Both are as they were where no region is worth it.
    """
    draft = judged.draft

    def look(pixels: NDArray[np.uint8]) -> Cells:
        return judge(source, replace(draft, kept=None), pixels).cells

    before = shown
    if source.regions:
        before = shown.copy()
        opened = tuple((one.box, open_region(one)) for one in source.regions)
        Opened(0, opened).over(before)
    regions = under_floor(
        source.picture.rgb,
        before,
        judged.cells,
        look,
        floor=aim - FLOOR_BELOW,
        quality=quality_for(aim + ABOVE),
        budget=round(SHARE * draft.size),
    )
    if not regions:
        return source, judged
    source = replace(source, regions=source.regions + regions)
    return source, judge(source, with_kept(source, draft), shown)
