"""Regions that were asked for: rectangles by hand, and lines of text."""

from __future__ import annotations

from dataclasses import replace

from sdz.codec.kept.lines import SEEKING, Care, boxes_of_text
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


def by_hand(source: Source, keeping: Keeping) -> Source:
    """The source with the regions that ``keeping`` asks for by name. Raises BadOption for a
    rectangle that is not in the picture."""
    picture = source.picture
    regions = [
        write_region(picture.rgb, box, HAND_QUALITY)
        for box in (_within(asked, picture.width, picture.height) for asked in keeping.boxes)
    ]
    if keeping.text:
        regions += texts(source, SEEKING)
    return replace(source, regions=(*source.regions, *regions)) if regions else source


def texts(source: Source, care: Care) -> list[Region]:
    """Regions where there may be writing."""
    rgb = source.picture.rgb
    return [write_region(rgb, box, TEXT_QUALITY) for box in boxes_of_text(rgb, care)]


def _within(asked: tuple[int, int, int, int], width: int, height: int) -> Box:
    left, top, right, bottom = asked[0], asked[1], asked[0] + asked[2], asked[1] + asked[3]
    if left >= width or top >= height:
        found = ",".join(map(str, asked))
        raise BadOption("keep", f"a rectangle in the picture, {width}x{height}", found)
    return Box(left, top, min(right, width) - left, min(bottom, height) - top)
