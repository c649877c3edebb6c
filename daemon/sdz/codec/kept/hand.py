"""Regions that were asked for: rectangles by hand, and lines of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from sdz.codec.kept.lines import SEEKING, boxes_of_text
from sdz.codec.kept.writing import write_region
from sdz.codec.source import Source
from sdz.container import Box, Region
from sdz.errors import BadOption
from sdz.keeping import Keeping

HAND_QUALITY = 90
"""AVIF's, of what somebody asked for by name: it scores 90, which cannot be told apart."""
TEXT_QUALITY = 72
"""AVIF's, of text: at 60 a twentieth of the characters of 12 pixels and low contrast is lost to a
reader; at 85 nothing more is read, for two fifths more bytes."""

MOST_TEXTS = 90
"""Regions of text that are sought at a time: a file has 256, of which 64 are named by hand."""
MOSTLY = 0.8
"""Of a line that lies in a region which is there: it is not kept twice."""


def by_hand(source: Source, keeping: Keeping) -> Source:
    """The source with the regions that ``keeping`` asks for by name. Raises BadOption for a
    rectangle that is not in the picture, and for more than the picture."""
    picture = source.picture
    boxes = [_within(asked, picture.width, picture.height) for asked in keeping.boxes]
    if sum(box.area for box in boxes) > picture.width * picture.height:
        raise BadOption("keep", "rectangles that are no more than the picture together", "more")
    regions = tuple(write_region(picture.rgb, box, HAND_QUALITY) for box in boxes)
    if regions:
        source = replace(source, regions=source.regions + regions)
    return with_texts(source, boxes_of_text(picture.rgb, SEEKING)) if keeping.text else source


def with_texts(source: Source, boxes: Sequence[Box], room: float = math.inf) -> Source:
    """The source with ``boxes`` kept as text is, but for those that are kept already.

    As many as ``room`` bytes buy, ``MOST_TEXTS`` do not exceed, and the picture's area, of which a
    file may hold twice as much: all of it may be kept, too, below them.
    """
    picture = source.picture
    area = picture.width * picture.height - sum(one.box.area for one in source.regions)
    found: list[Region] = []
    for box in boxes:
        if box.area > area or any(_mostly_in(box, one.box) for one in source.regions):
            continue
        region = write_region(picture.rgb, box, TEXT_QUALITY)
        if len(region.data) <= room and len(found) < MOST_TEXTS:
            found.append(region)
            room -= len(region.data)
            area -= box.area
    return replace(source, regions=(*source.regions, *found)) if found else source


def _mostly_in(box: Box, other: Box) -> bool:
    across = min(box.right, other.right) - max(box.left, other.left)
    down = min(box.bottom, other.bottom) - max(box.top, other.top)
    return across > 0 and down > 0 and across * down >= MOSTLY * box.area


def _within(asked: tuple[int, int, int, int], width: int, height: int) -> Box:
    left, top, right, bottom = asked[0], asked[1], asked[0] + asked[2], asked[1] + asked[3]
    if left >= width or top >= height:
        found = ",".join(map(str, asked))
        raise BadOption("keep", f"a rectangle in the picture, {width}x{height}", found)
    return Box(left, top, min(right, width) - left, min(bottom, height) - top)
