"""How large the frames of an AVIF are is known before a decoder makes them."""

from __future__ import annotations

import struct

import drawn
import pytest

from sdz.codec.headers import look
from sdz.codec.headers.allowed import require_picture
from sdz.codec.headers.av1 import largest_frame
from sdz.codec.headers.seen import Frame, Unread
from sdz.errors import ImageTooLarge

TEMPORAL = b"\x12\x00"


def unit(kind: int, payload: bytes) -> bytes:
    return bytes((kind << 3 | 2, len(payload))) + payload


def sequence(*fields: tuple[int, int]) -> bytes:
    """A sequence header of (bits, value) fields, ended by a one."""
    text = "".join(f"{value:0{bits}b}" for bits, value in (*fields, (1, 1)))
    text += "0" * (-len(text) % 8)
    return unit(1, int(text, 2).to_bytes(len(text) // 8, "big"))


def sizes(bits: int, width: int, height: int) -> tuple[tuple[int, int], ...]:
    return (4, bits - 1), (4, bits - 1), (bits, width - 1), (bits, height - 1)


SHORT = ((3, 0), (1, 1), (1, 1), (5, 0))
LONG = ((3, 0), (1, 0), (1, 0))
ONE_POINT = ((1, 0), (5, 0), (12, 0), (5, 4))
TIMED = (
    *((1, 1), (64, 5), (1, 1), (3, 0b010), (1, 1), (5, 9), (42, 0)),
    *((1, 1), (5, 1), (12, 0), (5, 8), (1, 1), (1, 1), (21, 3), (1, 1), (4, 2)),
    *((12, 0), (5, 2), (1, 0), (1, 0)),
)


def test_a_short_header_says_the_size() -> None:
    data = TEMPORAL + sequence(*SHORT, *sizes(16, 40, 24)) + unit(6, b"frame")
    assert largest_frame(memoryview(data)) == Frame((40, 24), (40, 24))


@pytest.mark.parametrize("head", [((1, 0), *ONE_POINT), TIMED], ids=["plain", "timed"])
def test_a_long_one_lets_frames_be_larger(head: tuple[tuple[int, int], ...]) -> None:
    data = sequence(*LONG, *head, *sizes(9, 400, 257))
    assert largest_frame(memoryview(data)) == Frame((400, 257), (512, 512))


def test_of_several_headers_the_largest_counts() -> None:
    data = sequence(*SHORT, *sizes(8, 200, 3)) + sequence(*SHORT, *sizes(8, 4, 90))
    assert largest_frame(memoryview(data)) == Frame((200, 90), (200, 90))


@pytest.mark.parametrize(
    "data", [b"", TEMPORAL, unit(6, b"frame"), unit(1, b""), b"\x0a" + b"\xff" * 9]
)
def test_without_a_header_there_is_no_size(data: bytes) -> None:
    with pytest.raises(Unread):
        largest_frame(memoryview(data))


@pytest.mark.parametrize("size", [(1, 1), (24, 40), (90, 300)])
def test_what_pillow_writes_is_known(size: tuple[int, int]) -> None:
    header = look(drawn.as_file(drawn.scene(*size), "AVIF"))
    assert header is not None
    assert header.frames == (Frame(size[::-1], size[::-1]),)


def smaller_by_its_box(width: int, height: int) -> bytes:
    """An AVIF of that size which says in its box that it is 40x24."""
    data = drawn.as_file(drawn.smooth(height, width), "AVIF", quality=10, speed=10)
    place = data.index(b"ispe") + 8
    return data[:place] + struct.pack(">II", 40, 24) + data[place + 8 :]


def test_a_picture_with_a_larger_frame_than_it_says_is_refused_by_its_frame() -> None:
    """Decoders make the frame and scale it down: 1.1 kB took 245 MB."""
    data = smaller_by_its_box(300, 200)
    assert require_picture(data, 300 * 200).size == (40, 24)
    with pytest.raises(ImageTooLarge):
        require_picture(data, 300 * 200 - 1)
