"""JPEG 2000, bare or in its boxes (ISO/IEC 15444-1, annexes A and I)."""

from __future__ import annotations

import struct
from typing import Final

from sdz.codec.headers.boxes import Box, boxes
from sdz.codec.headers.cicp import space_of
from sdz.codec.headers.seen import Header, Space, Unread

KIND: Final = "JPEG2000"


def read(data: bytes) -> Header:
    """The header of a codestream, or of a file of boxes."""
    if data.startswith(b"\xff\x4f"):
        return Header(KIND, _size(data, 0))
    outer = list(boxes(data))
    streams = [box for box in outer if box.kind == b"jp2c"]
    head = next((box for box in outer if box.kind == b"jp2h"), None)
    inner = [] if head is None else list(boxes(data, head.start, head.end))
    size = next((box for box in inner if box.kind == b"ihdr"), None)
    if size is None:
        raise Unread
    height, width = struct.unpack_from(">II", data, size.start)
    space, icc = _colour(data, inner)
    return Header(KIND, (width, height), max(len(streams), 1), space, icc)


def _size(data: bytes, at: int) -> tuple[int, int]:
    width, height, left, top = struct.unpack_from(">4I", data, at + 8)  # SOC, SIZ, Lsiz, Rsiz
    return width - left, height - top


def _colour(data: bytes, parts: list[Box]) -> tuple[Space | None, bytes | None]:
    """(space, profile) of the first box of colours that can be used."""
    for box in parts:
        if box.kind == b"colr" and box.end > box.start + 3:
            method, said = data[box.start], data[box.start + 3 : box.end]
            if method in (2, 3):
                return None, said
            if method == 5 and len(said) >= 7:
                return space_of(*struct.unpack_from(">HH", said)), None
    return None, None
