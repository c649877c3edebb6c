"""TIFF and BigTIFF: size and number of pages. Each page counts, whatever it calls itself: that a
"reduced" one shows what another shows, nobody has checked."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sdz.codec.headers.seen import Header, Unread, within

STARTS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_WIDE: Final = {13: 4, 16: 8, 17: 8, 18: 8}
_NUMBERS: Final = {1: "B", 3: "H", 4: "I", 16: "Q"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a page: ``count`` values of a ``kind``, from ``start`` to ``end`` of the file."""

    tag: int
    kind: int
    count: int
    start: int
    end: int

    def numbers(self, data: bytes, layout: Layout) -> tuple[int, ...]:
        """Its values; none where they are no whole numbers. Raises struct.error past the end."""
        letter = _NUMBERS.get(self.kind)
        if letter is None:
            return ()
        return struct.unpack_from(f"{layout.order}{self.count}{letter}", data, self.start)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a TIFF is written. order: of bytes, as struct has it. big: BigTIFF."""

    order: str
    big: bool

    @classmethod
    def of(cls, data: bytes) -> Layout:
        """That of a file which begins with one of ``STARTS``."""
        order = "<" if data[:2] == b"II" else ">"
        return cls(order, b"+" in data[2:4])

    @property
    def entry(self) -> int:
        """Bytes of a field."""
        return 20 if self.big else 12

    def offset(self, data: bytes, at: int) -> int:
        """Where a page begins; 0: there is none."""
        return int(struct.unpack_from(f"{self.order}{'Q' if self.big else 'I'}", data, at)[0])

    def first(self, data: bytes) -> int:
        """The first page."""
        return self.offset(data, 8 if self.big else 4)

    def fields(self, data: bytes, at: int) -> tuple[int, int]:
        """(where the fields of a page begin, how many there are)."""
        kind, length = ("Q", 8) if self.big else ("H", 2)
        return at + length, struct.unpack_from(f"{self.order}{kind}", data, at)[0]

    def table(self, data: bytes, start: int, count: int) -> Iterator[Field]:
        """The fields of a page."""
        room, number = (8, "Q") if self.big else (4, "I")
        for at in range(start, start + count * self.entry, self.entry):
            tag, kind, values, where = struct.unpack_from(f"{self.order}HH2{number}", data, at)
            size = (_SIZES | _WIDE).get(kind, 1) * values
            begin = where if size > room else at + self.entry - room
            yield Field(tag, kind, values, begin, begin + size)


def read(data: bytes) -> Header:
    """The header of a TIFF."""
    layout = Layout.of(data)
    at, pages, size = layout.first(data), 0, None
    seen = set[int]()
    while at and at not in seen:
        seen.add(at)
        pages += 1
        within(pages, "pages")
        try:
            start, count = layout.fields(data, at)
            size = size or _size(data, layout, start, count)
            at = layout.offset(data, start + count * layout.entry)
        except struct.error:  # the decoder reads the pages before this one
            break
    if size is None:
        raise Unread
    return Header("TIFF", size, pages)


def _size(data: bytes, layout: Layout, start: int, count: int) -> tuple[int, int]:
    within(count, "fields")
    sides = {
        field.tag: field.numbers(data, layout)
        for field in layout.table(data, start, count)
        if field.tag in (256, 257) and field.count == 1
    }
    if not (sides.get(256) and sides.get(257)):
        raise Unread
    return sides[256][0], sides[257][0]
