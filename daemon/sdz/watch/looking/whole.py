"""Whether a picture file has been written to its end, and whether it is a single picture.

Each format is walked by its own lengths, as far as a copy that stopped in the middle must show:
no pixel is decoded, and a walk takes no more than a few milliseconds for a file in memory. What
is no known format, or is damaged in another way, counts as whole: the codec will say what is
wrong with it. Trailing bytes are allowed, as phones append films and sync programs notes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
# A marker in entropy-coded data: FF, then neither stuffing, a restart nor a fill byte.
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_TIFF_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a walk found. missing: what the file still lacks, or empty when it is whole.
    several: it has frames or pages of which a ``.sdz`` would keep only the first.
    """

    missing: str = ""
    several: bool = False


class _CutShort(Exception):
    """Never leaves this file."""


def inspect(data: bytes) -> Inspection:
    """Walk a picture file's bytes. Never raises."""
    if not data:
        return Inspection("the file is empty")
    for start, walk in _WALKS:
        # A file that is shorter than its signature may become anything.
        if start(data):
            try:
                return Inspection(several=walk(data))
            except _CutShort as error:
                return Inspection(str(error))
            except (IndexError, struct.error):
                return Inspection("it ends within a header")
    return Inspection()


def _jpeg(data: bytes) -> bool:
    at = 2
    while True:
        if at + 2 > len(data):
            raise _CutShort("no end of the image (FFD9)")
        if data[at] != 0xFF:  # damage, or bytes between segments: look for the next marker
            at = _next_marker(data, at)
            continue
        kind = data[at + 1]
        if kind == 0xFF:
            at += 1
        elif kind == 0xD9:
            return False
        elif kind in _ALONE or kind == 0:
            at += 2
        else:
            if at + 4 > len(data):
                raise _CutShort("no end of the image (FFD9)")
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if kind == 0xDA:
                at = _next_marker(data, at)


def _next_marker(data: bytes, at: int) -> int:
    found = _MARKER.search(data, at)
    if found is None:
        raise _CutShort("no end of the image (FFD9)")
    return found.start()


def _png(data: bytes) -> bool:
    at, several = len(_PNG), False
    while True:
        if at + 12 > len(data):
            raise _CutShort("no end of the image (IEND)")
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return several
        if kind == b"acTL":
            several = int.from_bytes(data[at + 8 : at + 12], "big") > 1
        at += 12 + size


def _riff(data: bytes) -> bool:
    size = 8 + int.from_bytes(data[4:8], "little")
    if len(data) < size:
        raise _CutShort(f"{len(data)} of {size} bytes")
    return data[12:16] == b"VP8X" and bool(data[20] & 2)


def _gif(data: bytes) -> bool:
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    frames = 0
    while True:
        kind = data[at]
        if kind == 0x3B:
            return frames > 1
        if kind == 0x2C:
            frames += 1
            at += 10 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0) + 1
        elif kind == 0x21:
            at += 2
        else:
            return frames > 1  # damage, or bytes behind the last frame, which readers ignore
        while data[at]:
            at += 1 + data[at]
        at += 1


def _tiff(data: bytes) -> bool:
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(f"{order}I", data, 4)[0]
    if at == 0:  # writers put the pixels first and this last
        raise _CutShort("its first page is not there yet")
    pages, end, seen = 0, 8, set[int]()
    while at and at not in seen and pages < 64:
        seen.add(at)
        count = struct.unpack_from(f"{order}H", data, at)[0]
        tags = {}
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, number, value = struct.unpack_from(f"{order}HHII", data, entry)
            size = _TIFF_SIZES.get(kind, 1) * number
            end = max(end, value + size if size > 4 else 0)
            tags[tag] = (kind, number, entry + 8 if size <= 4 else value)
        for offsets, lengths in ((273, 279), (324, 325)):  # strips, tiles
            if offsets in tags and lengths in tags:
                starts = _tiff_numbers(data, order, tags[offsets])
                sizes = _tiff_numbers(data, order, tags[lengths])
                end = max([end, *(a + b for a, b in zip(starts, sizes, strict=False))])
        # NewSubfileType 1 is a smaller copy of another page.
        if not (254 in tags and _tiff_numbers(data, order, tags[254])[:1] == [1]):
            pages += 1
        at = struct.unpack_from(f"{order}I", data, at + 2 + 12 * count)[0]
    if len(data) < end:
        raise _CutShort(f"{len(data)} of {end} bytes")
    return pages > 1


def _tiff_numbers(data: bytes, order: str, field: tuple[int, int, int]) -> list[int]:
    kind, number, at = field
    letter = {1: "B", 3: "H", 4: "I"}.get(kind)
    if letter is None:
        return []
    if at + number * struct.calcsize(letter) > len(data):  # before memory is taken for it
        raise _CutShort("its table of strips is not there yet")
    return list(struct.unpack_from(f"{order}{number}{letter}", data, at))


def _bmp(data: bytes) -> bool:
    size = int.from_bytes(data[2:6], "little")
    if len(data) < max(size, 26):
        raise _CutShort(f"{len(data)} of {size} bytes")
    return False


def _boxes(data: bytes) -> bool:
    """ISO base media (AVIF, HEIF) and JPEG 2000, JPEG XL in boxes."""
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise _CutShort("it ends within a box")
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
        if size == 0:  # up to the end of the file, wherever that is
            break
        if size < 8 or not all(32 <= letter < 127 for letter in kind):
            break  # not a box: bytes behind the last one
        at += size
    if at > len(data):
        raise _CutShort(f"{len(data)} of {at} bytes")
    if not {b"mdat", b"jp2c", b"jxlc", b"jxlp"} & set(_kinds(data)):
        raise _CutShort("the box with the picture is not there yet")
    return data[4:8] == b"ftyp" and data[8:12] == b"avis"


def _kinds(data: bytes) -> list[bytes]:
    kinds, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        kinds.append(kind)
        if size == 1 and at + 16 <= len(data):
            size = struct.unpack_from(">Q", data, at + 8)[0]
        if size < 8:
            break
        at += size
    return kinds


def _never(_: bytes) -> bool:
    raise _CutShort("it ends within its signature")


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(signatures)


_BOXED: Final = (b"ftyp", b"jP  ", b"JXL ")
_WALKS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[bytes], bool]], ...]] = (
    (lambda data: len(data) < 12, _never),
    (_begins(b"\xff\xd8"), _jpeg),
    (_begins(_PNG), _png),
    (lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _riff),
    (_begins(b"GIF87a", b"GIF89a"), _gif),
    (_begins(b"II*\0", b"MM\0*"), _tiff),
    (_begins(b"BM"), _bmp),
    (lambda data: data[4:8] in _BOXED, _boxes),
)
