"""What a wish says of regions to be kept as they are: words and rectangles, in one line of text.

auto            what the look asks for: cells far below it, and lines of small letters
text            wherever there may be lines of small letters
none            nothing
X,Y,W,H         a rectangle in pixels of the upright picture; several parts stand apart by ;
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sdz.errors import BadOption

WORDS: Final = ("auto", "text", "none")
PATTERN: Final = (
    r"(auto|text|none|\d{1,5}(,\d{1,5}){3})(;(auto|text|none|\d{1,5}(,\d{1,5}){3})){0,63}"
)
_WHOLE: Final = re.compile(PATTERN)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is to be kept. boxes: (left, top, width, height) in pixels, as they were asked for."""

    auto: bool
    text: bool
    boxes: tuple[tuple[int, int, int, int], ...] = ()


def keeping_of(keep: str) -> Keeping:
    """What the field ``keep`` of a wish says. Raises BadOption."""
    if not isinstance(keep, str) or not _WHOLE.fullmatch(keep):
        raise BadOption("keep", "auto, text, none or X,Y,W,H, several with ; between", repr(keep))
    parts = keep.split(";")
    if "none" in parts and len(parts) > 1:
        raise BadOption("keep", "none alone, or what to keep", repr(keep))
    boxes = []
    for part in parts:
        if part in WORDS:
            continue
        left, top, width, height = (int(number) for number in part.split(","))
        if not (width and height):
            raise BadOption("keep", "rectangles of at least one pixel", repr(part))
        boxes.append((left, top, width, height))
    return Keeping("auto" in parts, "text" in parts, tuple(boxes))
