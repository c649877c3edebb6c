"""JPEG: its size, and what its multi-picture segment lists (CIPA DC-007)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final

from sdz.codec.headers.seen import LEFT_OUT, Header, Unread, within

_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15
# A marker with a length: not one that stands alone, stuffing or a fill byte. By an expression, as
# 200 MB of fill bytes are a minute of steps.
_SEGMENT: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
_MPF: Final = b"MPF\0"
_ENTRIES: Final = 0xB002
_THUMBNAIL: Final = 0x01
GAIN_MAP: Final = f"{LEFT_OUT}its gain map, which makes it HDR"
_SAYS_GAIN_MAP: Final = (b"hdrgm:", b"urn:iso:std:iso:ts:21496:-1")


def read(data: bytes) -> Header:
    """The header of a JPEG. MPO is one that lists further pictures behind itself."""
    size, kinds, gains = None, [0], False
    for marker, start, end in _segments(data):
        if marker in _SIZES and size is None and start + 5 <= end:
            height, width = struct.unpack_from(">HH", data, start + 1)
            size = (width, height)
        elif marker == 0xE2 and data[start : start + 4] == _MPF:
            kinds = _listed(data[start + 4 : end]) or kinds
        if marker in (0xE1, 0xE2):
            part = data[start:end]
            gains = gains or any(words in part for words in _SAYS_GAIN_MAP)
    if size is None:
        raise Unread
    # The first is this one. Of no kind is what the list has no kind for, such as a gain map.
    further = [kind for kind in kinds[1:] if kind >> 16 != _THUMBNAIL]
    if gains and 0 in further:
        further.remove(0)
    return Header("JPEG", size, 1 + len(further), notes=(GAIN_MAP,) if gains else ())


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) up to the first scan."""
    at, count = 2, 0
    while found := _SEGMENT.search(data, at):
        at = found.start()
        marker = data[at + 1]
        if marker in (0xDA, 0xD9) or at + 4 > len(data):
            return
        count += 1
        within(count, "segments")
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at + 4, min(end, len(data))
        at = max(end, at + 4)


def _listed(index: bytes) -> list[int]:
    """The kinds of the pictures in a list, which is written like a TIFF."""
    order = "<" if index[:2] == b"II" else ">"
    try:
        at = struct.unpack_from(f"{order}I", index, 4)[0]
        for entry in range(at + 2, at + 2 + 12 * struct.unpack_from(f"{order}H", index, at)[0], 12):
            tag, _, length, place = struct.unpack_from(f"{order}HHII", index, entry)
            if tag == _ENTRIES:
                count = min(length // 16, (len(index) - place) // 16)
                found = struct.iter_unpack(f"{order}4I", index[place : place + 16 * max(count, 0)])
                return [row[0] & 0xFFFFFF for row in found]
    except struct.error:
        pass
    return []
