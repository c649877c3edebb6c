"""Whether a picture file has been written to its end.

Each format is walked by its own lengths, as far as a copy that stopped in the middle must show:
no pixel is decoded, and a walk takes no more than a few milliseconds for a file in memory. What
is no known format, or is damaged in another way, counts as whole: the codec will say what is
wrong with it. Trailing bytes are allowed, as phones append films and sync programs notes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from typing import Final

from sdz.codec.headers.seen import MOST_PARTS
from sdz.codec.headers.tiff import STARTS, Field, Layout

_PNG: Final = b"\x89PNG\r\n\x1a\n"
# A marker in entropy-coded data: FF, then neither stuffing, a restart nor a fill byte.
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_MOST_NUMBERS: Final = 4_000_000  # offsets and lengths of strips, of all pages of a file


class _CutShort(Exception):
    """Never leaves this file."""


def missing(data: bytes) -> str:
    """What a picture file still lacks, by a walk of its bytes; empty where it is whole."""
    if not data:
        return "the file is empty"
    for start, walk in _WALKS:
        # A file that is shorter than its signature may become anything.
        if start(data):
            try:
                walk(data)
            except _CutShort as error:
                return str(error)
            except (IndexError, struct.error):
                return "it ends within a header"
            return ""
    return ""


def _jpeg(data: bytes) -> None:
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
            return
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


def _png(data: bytes) -> None:
    at = len(_PNG)
    while True:
        if at + 12 > len(data):
            raise _CutShort("no end of the image (IEND)")
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return
        at += 12 + size


def _riff(data: bytes) -> None:
    size = 8 + int.from_bytes(data[4:8], "little")
    if len(data) < size:
        raise _CutShort(f"{len(data)} of {size} bytes")


def _gif(data: bytes) -> None:
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while True:
        kind = data[at]
        if kind == 0x2C:
            at += 10 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0) + 1
        elif kind == 0x21:
            at += 2
        else:
            return  # the trailer; damage, or bytes behind the last frame, which readers ignore
        while data[at]:
            at += 1 + data[at]
        at += 1


def _tiff(data: bytes) -> None:
    layout = Layout.of(data)
    at = layout.first(data)
    if at == 0:  # writers put the pixels first and this last
        raise _CutShort("its first page is not there yet")
    end, seen, numbers = 0, set[int](), 0
    while at and at not in seen and len(seen) < MOST_PARTS and numbers < _MOST_NUMBERS:
        seen.add(at)
        start, count = layout.fields(data, at)
        if count > MOST_PARTS:
            return
        after = start + count * layout.entry
        tables = {}
        for field in layout.table(data, start, count):
            end = max(end, field.end)
            tables[field.tag] = field
        for offsets, lengths in ((273, 279), (324, 325)):  # strips, tiles
            if offsets in tables and lengths in tables:
                begins = _tiff_numbers(data, layout, tables[offsets])
                sizes = _tiff_numbers(data, layout, tables[lengths])
                numbers += len(begins) + len(sizes)
                end = max([end, *(a + b for a, b in zip(begins, sizes, strict=False))])
        at = layout.offset(data, after)
    if len(data) < end:
        raise _CutShort(f"{len(data)} of {end} bytes")


def _tiff_numbers(data: bytes, layout: Layout, field: Field) -> Sequence[int]:
    if field.end > len(data):  # before memory is taken for it
        raise _CutShort("its table of strips is not there yet")
    return field.numbers(data, layout)


def _bmp(data: bytes) -> None:
    size = int.from_bytes(data[2:6], "little")
    if len(data) < max(size, 26):
        raise _CutShort(f"{len(data)} of {size} bytes")


def _boxes(data: bytes) -> None:
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


def _never(_: bytes) -> None:
    raise _CutShort("it ends within its signature")


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(signatures)


_BOXED: Final = (b"ftyp", b"jP  ", b"JXL ")
_WALKS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[bytes], None]], ...]] = (
    (lambda data: len(data) < 12, _never),
    (_begins(b"\xff\xd8"), _jpeg),
    (_begins(_PNG), _png),
    (lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _riff),
    (_begins(b"GIF87a", b"GIF89a"), _gif),
    (_begins(*STARTS), _tiff),
    (_begins(b"BM"), _bmp),
    (lambda data: data[4:8] in _BOXED, _boxes),
)
