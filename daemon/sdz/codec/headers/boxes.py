"""Boxes, as AVIF, HEIC, JPEG 2000 and JPEG XL are made of (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sdz.codec.headers.seen import within


@dataclass(frozen=True, slots=True)
class Box:
    """kind: four letters. start, end: of what is in it, as far as the file goes."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie beside each other from ``start``. One that makes no sense is the last."""
    end = len(data) if end is None else min(end, len(data))
    count = 0
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1 and start + 16 <= end:
            size, head = struct.unpack_from(">Q", data, start + 8)[0], 16
        elif size == 0:
            size = end - start
        if size < head:
            return
        count += 1
        within(count, "boxes")
        yield Box(kind, start + head, min(start + size, end))
        start += size
