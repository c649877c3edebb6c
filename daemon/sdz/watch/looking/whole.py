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

from sdz.codec.headers.tiff import STARTS, Field, Layout

MOST_STEPS: Final = 2_000_000
"""How many segments, chunks, blocks, fields and numbers of strips are looked at: a second's work at
worst. 256 MiB of GIF are half as many blocks; a TIFF of 3.5 MB took hours without."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
# A marker with a length, or the end: FF, then neither stuffing, one without length nor a fill byte.
_SEGMENT: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")


class _CutShort(Exception):
    """Never leaves this file."""


class _Enough(Exception):
    """More than is looked at. Never leaves this file."""


class _Steps:
    """What a walk may still do."""

    def __init__(self) -> None:
        self._left = MOST_STEPS

    def take(self, count: int = 1) -> None:
        self._left -= count
        if self._left < 0:
            raise _Enough


def missing(data: bytes) -> str:
    """What a picture file still lacks, by a walk of its bytes; empty where it is whole."""
    if not data:
        return "the file is empty"
    for start, walk in _WALKS:
        # A file that is shorter than its signature may become anything.
        if start(data):
            try:
                walk(data, _Steps())
            except _CutShort as error:
                return str(error)
            except (IndexError, struct.error):
                return "it ends within a header"
            except _Enough:
                return ""
            return ""
    return ""


def _jpeg(data: bytes, steps: _Steps) -> None:
    at = 2
    while True:
        found = _SEGMENT.search(data, at)
        if found is None:
            raise _CutShort("the mark that ends a JPEG is not there yet")
        at = found.start()
        if data[at + 1] == 0xD9:
            return
        if at + 4 > len(data):
            raise _CutShort("the mark that ends a JPEG is not there yet")
        steps.take()
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _png(data: bytes, steps: _Steps) -> None:
    at = len(_PNG)
    while True:
        if at + 12 > len(data):
            raise _CutShort("the part that ends a PNG is not there yet")
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return
        steps.take()
        at += 12 + size


def _riff(data: bytes, _: _Steps) -> None:
    size = 8 + int.from_bytes(data[4:8], "little")
    if len(data) < size:
        raise _CutShort(f"{len(data):,} of {size:,} bytes are there")


def _gif(data: bytes, steps: _Steps) -> None:
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while True:
        kind = data[at]
        if kind == 0x2C:
            at += 10 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0) + 1
        elif kind == 0x21:
            at += 2
        else:
            return  # the trailer; damage, or bytes behind the last frame, which readers ignore
        steps.take()
        while data[at]:
            steps.take()
            at += 1 + data[at]
        at += 1


def _tiff(data: bytes, steps: _Steps) -> None:
    layout = Layout.of(data)
    at = layout.first(data)
    if at == 0:  # writers put the pixels first and this last
        raise _CutShort("its first page is not there yet")
    end, seen = 0, set[int]()
    while at and at not in seen:
        seen.add(at)
        start, count = layout.fields(data, at)
        steps.take(1 + count)
        after = start + count * layout.entry
        tables = {}
        for field in layout.table(data, start, count):
            end = max(end, field.end)
            tables[field.tag] = field
        for offsets, lengths in ((273, 279), (324, 325)):  # strips, tiles
            if offsets in tables and lengths in tables:
                begins = _tiff_numbers(data, layout, tables[offsets], steps)
                sizes = _tiff_numbers(data, layout, tables[lengths], steps)
                end = max(end, *map(sum, zip((0, *begins), (0, *sizes), strict=False)))
        at = layout.offset(data, after)
    if len(data) < end:
        raise _CutShort(f"{len(data):,} of {end:,} bytes are there")


def _tiff_numbers(data: bytes, layout: Layout, field: Field, steps: _Steps) -> Sequence[int]:
    if field.end > len(data):  # before memory is taken for it
        raise _CutShort("where its pixels are is not there yet")
    steps.take(field.count)
    return field.numbers(data, layout)


def _bmp(data: bytes, _: _Steps) -> None:
    size = int.from_bytes(data[2:6], "little")
    if len(data) < max(size, 26):
        raise _CutShort(f"{len(data):,} of {size:,} bytes are there")


def _boxes(data: bytes, steps: _Steps) -> None:
    """ISO base media (AVIF, HEIF) and JPEG 2000, JPEG XL in boxes."""
    at, kinds = 0, set[bytes]()
    while at < len(data):
        steps.take()
        if at + 8 > len(data):
            raise _CutShort("it ends within one of its parts")
        size, kind = struct.unpack_from(">I4s", data, at)
        kinds.add(kind)
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
        if size == 0:  # up to the end of the file, wherever that is
            break
        if size < 8 or not all(32 <= letter < 127 for letter in kind):
            break  # not a box: bytes behind the last one
        at += size
    if at > len(data):
        raise _CutShort(f"{len(data):,} of {at:,} bytes are there")
    if not kinds & {b"mdat", b"jp2c", b"jxlc", b"jxlp"}:
        raise _CutShort("the part with the picture is not there yet")


def _never(_data: bytes, _: _Steps) -> None:
    raise _CutShort("it ends within its first bytes")


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(signatures)


_BOXED: Final = (b"ftyp", b"jP  ", b"JXL ")
_WALKS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[bytes, _Steps], None]], ...]] = (
    (lambda data: len(data) < 12, _never),
    (_begins(b"\xff\xd8"), _jpeg),
    (_begins(_PNG), _png),
    (lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _riff),
    (_begins(b"GIF87a", b"GIF89a"), _gif),
    (_begins(*STARTS), _tiff),
    (_begins(b"BM"), _bmp),
    (lambda data: data[4:8] in _BOXED, _boxes),
)
