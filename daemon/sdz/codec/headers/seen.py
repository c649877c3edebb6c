"""What the header of a picture file says, as far as it is asked."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from sdz.errors import ImageTooLarge

MOST_PARTS: Final = 10_000
"""Chunks, boxes, items, segments or pages that are looked at. A photograph of a phone has some
hundred, and what reads them after us takes time by the square of their number."""
MOST_OF_ALL: Final = 100_000
"""The same of all kinds together, and of lists in lists."""

LEFT_OUT: Final = "left out: "
"""How notes begin of what a file holds and its ``.sdz`` does not."""


@dataclass(frozen=True, slots=True)
class Space:
    """A space of colours: what an ICC profile would say, said in another way.

    primaries: CIE xy of red, green, blue and white; None: those of sRGB. curve: ``power`` (light is
    the value to the power of ``gamma``), ``srgb``, ``bt709``, ``pq``, ``hlg``, or another that we
    cannot read. name: for people. narrow: black and white are 16 and 235 of 8 bits.
    """

    name: str
    curve: str = "srgb"
    gamma: float = 1.0
    primaries: tuple[tuple[float, float], ...] | None = None
    narrow: bool = False

    @property
    def is_srgb(self) -> bool:
        """Whether there is nothing to convert."""
        return self.curve == "srgb" and self.primaries is None and not self.narrow


@dataclass(frozen=True, slots=True)
class Frame:
    """size: (width, height) of the largest frame, as its sequence says. most: the largest that one
    may have all the same: a frame may say a size of its own in as many bits as its sequence has for
    sizes, and decoders believe it. One of a still picture with the short header may not
    (``reduced_still_picture_header``).
    """

    size: tuple[int, int]
    most: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Header:
    """kind: the format by Pillow's name. size: (width, height), or None where only a decoder can
    tell, or the file is damaged there. pictures: how many it holds, at least; copies made to be
    found sooner (thumbnails) and the parts of one picture (tiles, alpha) are none. space: how its
    colours are meant, where the file says that otherwise than by an ICC profile, and it counts.
    icc: a profile that Pillow does not hand on. turn: the EXIF orientation that is still to be
    made where the file itself says what counts; None: the EXIF counts. notes: what is left out.
    frames: those of the AV1 pictures in it, which may be larger than ``size``: decoders make them
    and scale them down. None, where it has no AV1 or they cannot be told.
    """

    kind: str
    size: tuple[int, int] | None = None
    pictures: int = 1
    space: Space | None = None
    icc: bytes | None = None
    turn: int | None = None
    notes: tuple[str, ...] = field(default=())
    frames: tuple[Frame, ...] = ()


class Unread(Exception):
    """The header ends early or makes no sense. Never leaves this folder."""


class Budget:
    """How many parts of one file may still be looked at, whatever they lie in: lists of items that
    lie in each other made 20 million of 63 kB."""

    def __init__(self) -> None:
        self.left = MOST_OF_ALL


BUDGET: ContextVar[Budget | None] = ContextVar("budget", default=None)


def within(parts: int, what: str, more: int = 1) -> None:
    """Raise ImageTooLarge when there are more ``parts`` than are looked at.

    more: how many of them have come since it was last asked.
    """
    if parts > MOST_PARTS:
        raise ImageTooLarge(f"the number of {what}", MOST_PARTS, parts)
    if budget := BUDGET.get():
        budget.left -= more
        if budget.left < 0:
            raise ImageTooLarge("the number of parts", MOST_OF_ALL, MOST_OF_ALL - budget.left)
