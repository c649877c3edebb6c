"""AVIF and HEIC: the items of a file of pictures (ISO/IEC 23008-12), without what they hold."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sdz.codec.headers.av1 import largest_frame
from sdz.codec.headers.boxes import Box, boxes
from sdz.codec.headers.cicp import space_of
from sdz.codec.headers.jpeg import GAIN_MAP
from sdz.codec.headers.seen import Frame, Header, Space, Unread, within

HEVC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_PICTURES: Final = frozenset(
    {b"av01", b"hvc1", b"hev1", b"avc1", b"vvc1", b"jpeg", b"j2k1", b"grid", b"iovl", b"iden"}
)


@dataclass(slots=True)
class _Items:
    """What the ``meta`` box says. properties: boxes by number. has: the numbers of an item's.
    av1: the items that are AV1, hidden ones too. places: (start, end) of what an item is made of.
    """

    primary: int | None = None
    pictures: set[int] = field(default_factory=set)
    tone_maps: set[int] = field(default_factory=set)
    properties: list[Box] = field(default_factory=list)
    has: dict[int, list[int]] = field(default_factory=dict)
    parts: dict[int, list[int]] = field(default_factory=dict)
    helpers: set[int] = field(default_factory=set)
    av1: list[int] = field(default_factory=list)
    places: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def of(self, item: int | None, kind: bytes) -> list[Box]:
        """An item's properties of that kind; of its first part where it has none itself."""
        for which in (item, *self.parts.get(item or 0, [])[:1]):
            numbers = self.has.get(which or 0, [])
            found = [self.properties[at - 1] for at in numbers if 0 < at <= len(self.properties)]
            if found := [box for box in found if box.kind == kind]:
                return found
        return []


def brands(data: bytes) -> set[bytes]:
    """What a file's first box says that it is."""
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    return {box[at : at + 4] for at in range(0, len(box) - 3, 4) if at != 4}  # 4: a version


def read(data: bytes, kind: str) -> Header:
    """The header of a file whose first box is ``ftyp``."""
    outer = {box.kind: box for box in boxes(data)}
    # Frames of a film are counted by whoever reads films; that there are some is enough.
    films = int(b"moov" in outer)
    if b"meta" not in outer:
        return Header(kind, pictures=1 + films)
    items = _items(data, outer[b"meta"])
    further = items.pictures - items.helpers - {items.primary}
    ispe = items.of(items.primary, b"ispe")
    sizes = [struct.unpack_from(">II", data, box.start + 4) for box in ispe]
    return Header(
        kind,
        (sizes[0][0], sizes[0][1]) if sizes else None,
        1 + len(further) + films,
        _space(data, items.of(items.primary, b"colr")),
        notes=(GAIN_MAP,) if items.tone_maps else (),
        frames=_frames(data, items),
    )


def _frames(data: bytes, items: _Items) -> tuple[Frame, ...]:
    """The frames of all AV1 in the file, whatever its boxes say of sizes; none where one of them
    cannot be told."""
    found = []
    for item in items.av1:
        try:
            [(start, end)] = items.places.get(item, [])
            found.append(largest_frame(memoryview(data)[start:end]))
        except (Unread, ValueError):  # ValueError: one in pieces, which nobody writes
            return ()
    return tuple(found)


def _space(data: bytes, said: list[Box]) -> Space | None:
    kinds = {data[box.start : box.start + 4]: box.start + 4 for box in said}
    if b"nclx" not in kinds or kinds.keys() & {b"prof", b"rICC"}:  # a profile says more
        return None
    return space_of(*struct.unpack_from(">HH", data, kinds[b"nclx"]))


def _items(data: bytes, meta: Box) -> _Items:
    items = _Items()
    for box in boxes(data, meta.start + 4, meta.end):
        version = data[box.start]
        if box.kind == b"pitm":
            items.primary = _number(data, box.start + 4, 4 if version else 2)
        elif box.kind == b"iinf":
            _kinds(data, box, items)
        elif box.kind == b"iloc":
            items.places.update(_places(data, box, meta))
        elif box.kind == b"iref":
            _references(data, box, items)
        elif box.kind == b"iprp":
            for part in boxes(data, box.start, box.end):
                if part.kind == b"ipco":
                    items.properties = list(boxes(data, part.start, part.end))
                elif part.kind == b"ipma":
                    items.has.update(_associations(data, part))
    return items


def _kinds(data: bytes, box: Box, items: _Items) -> None:
    for entry in boxes(data, box.start + (8 if data[box.start] else 6), box.end):
        version, hidden = data[entry.start], data[entry.start + 3] & 1
        width = 4 if version == 3 else 2
        item = _number(data, entry.start + 4, width)
        kind = data[entry.start + 6 + width : entry.start + 10 + width]
        if kind == b"tmap":
            items.tone_maps.add(item)
        if kind == b"av01":
            items.av1.append(item)
        if kind in _PICTURES and not hidden:
            items.pictures.add(item)


def _places(data: bytes, box: Box, meta: Box) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """(item, its extents) of an ``iloc``; one that lies in other items has none."""
    version, at = data[box.start], box.start + 6
    sizes = [data[box.start + at] >> shift & 15 for at, shift in ((4, 4), (4, 0), (5, 4), (5, 0))]
    wide = 4 if version == 2 else 2
    own = (one.start for one in boxes(data, meta.start + 4, meta.end) if one.kind == b"idat")
    inside = next(own, 0)

    def take(size: int) -> int:
        nonlocal at
        at += size
        return _number(data, at - size, size)

    count = take(wide)
    within(count, "items", count)
    for _ in range(count):
        item, method = take(wide), take(2) & 15 if version else 0
        take(2)
        base, extents = take(sizes[2]), take(2)
        within(extents, "extents", extents)
        found = []
        for _ in range(extents):
            take(sizes[3] if version else 0)
            start = base + take(sizes[0]) + (inside if method == 1 else 0)
            found.append((start, start + take(sizes[1]) if sizes[1] else len(data)))
        yield item, found if method < 2 else []


def _references(data: bytes, box: Box, items: _Items) -> None:
    width = 4 if data[box.start] else 2
    total = 0
    for entry in boxes(data, box.start + 4, box.end):
        source = _number(data, entry.start, width)
        count = _number(data, entry.start + width, 2)
        total += count
        within(total, "references", count)
        start = entry.start + width + 2
        to = [_number(data, start + width * at, width) for at in range(count)]
        if entry.kind in (b"thmb", b"auxl"):  # a smaller copy, alpha, depth
            items.helpers.add(source)
        elif entry.kind == b"dimg":  # tiles, or what a picture is made of
            items.parts[source] = to
            items.helpers.update(to)


def _associations(data: bytes, box: Box) -> Iterator[tuple[int, list[int]]]:
    version, wide = data[box.start], data[box.start + 3] & 1
    width, at = 4 if version else 2, box.start + 8
    count = _number(data, box.start + 4, 4)
    within(count, "items", count)
    for _ in range(count):
        item, number = _number(data, at, width), data[at + width]
        within(number, "properties", number)
        at += width + 1
        step, mask = (2, 0x7FFF) if wide else (1, 0x7F)
        yield item, [_number(data, at + step * i, step) & mask for i in range(number)]
        at += step * number


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise Unread
    return int.from_bytes(data[at : at + size], "big")
