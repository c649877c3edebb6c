"""What a header makes us look at has an end, whatever lies in what."""

from __future__ import annotations

import struct

import pytest

from sdz.codec.headers import look
from sdz.codec.headers.seen import MOST_PARTS
from sdz.errors import ImageTooLarge


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def avif(*inner: bytes) -> bytes:
    meta = box(b"meta", bytes(4) + b"".join(inner))
    return box(b"ftyp", b"avif\0\0\0\0avifmif1") + meta + box(b"free", bytes(6 * MOST_PARTS))


def test_lists_of_items_that_lie_in_each_other_are_counted_together() -> None:
    """63 kB of them made 20 million items."""
    items = box(b"ipma", struct.pack(">II", 0, MOST_PARTS))
    with pytest.raises(ImageTooLarge, match="the number of parts"):
        look(avif(box(b"iprp", items * 11)))


def test_boxes_in_boxes_are_counted_together() -> None:
    with pytest.raises(ImageTooLarge, match="the number of parts"):
        look(avif(*[box(b"iprp", box(b"free", b"") * (MOST_PARTS - 1))] * 11))


def test_each_file_is_counted_anew() -> None:
    data = avif(box(b"iprp", box(b"free", b"") * (MOST_PARTS - 1)))
    for _ in range(11):
        assert look(data) is not None


def test_fill_bytes_of_a_jpeg_are_no_steps() -> None:
    frame = b"\xff\xc0\0\x0b\x08\0\x10\0\x20\1\1\x11\0"
    header = look(b"\xff\xd8" + b"\xff" * 100_000 + b"\xff\x01" * MOST_PARTS + frame)
    assert header is not None
    assert header.size == (32, 16)
