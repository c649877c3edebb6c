"""Files that were not written to their end are seen for what they are, in every format."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image, features
from quick_pictures import animation, picture

from sdz.codec.headers import tiff
from sdz.watch.looking.whole import missing

KINDS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000"]
if not features.check("avif"):  # pragma: no cover
    KINDS.remove("AVIF")


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_file_is_whole_and_no_prefix_of_it_is(kind: str) -> None:
    data = picture(3, kind)
    assert missing(data) == ""
    # A BMP may do without its last rows in no case, a TIFF without what lies behind its pages.
    whole = [size for size in range(len(data)) if not missing(data[:size])]
    assert whole == []


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_blocks": 1}])
def test_jpegs_with_several_scans_or_restarts(options: dict[str, int]) -> None:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture(1))).save(buffer, "JPEG", **options)
    data = buffer.getvalue()
    assert missing(data) == ""
    assert [size for size in range(len(data)) if not missing(data[:size])] == []


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_jpeg() -> None:
    image = Image.open(io.BytesIO(picture(1)))
    buffer = io.BytesIO()
    thumbnail = picture(2)
    image.save(buffer, "JPEG", exif=b"Exif\0\0" + thumbnail)
    data = buffer.getvalue()
    inside = data.index(thumbnail) + len(thumbnail)
    assert data[inside - 2 : inside] == b"\xff\xd9"
    assert missing(data[:inside])
    assert not missing(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_bytes_behind_the_end_are_allowed(kind: str) -> None:
    data = picture(3, kind)
    assert missing(data + b"\0" * 100 + b"a film from a phone") == ""


def test_jpegs_with_fill_bytes_and_bytes_between_segments() -> None:
    data = picture(3)
    assert missing(data[:2] + b"\xff\xff\xff" + data[2:]) == ""
    assert missing(data[:2] + b"\0\0\0" + data[2:]) == ""


def test_preallocated_files_are_not_whole() -> None:
    data = picture(3)
    half = data[: len(data) // 2]
    assert missing(half + bytes(len(data) - len(half)))
    png = picture(3, "PNG")
    assert missing(png[:200] + bytes(len(png) - 200))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_animations_and_pages_are_whole_too(kind: str) -> None:
    assert missing(animation(kind)) == ""


def test_half_a_bigtiff_is_not_there_yet_and_all_of_it_is() -> None:
    buffer = io.BytesIO()
    image = Image.open(io.BytesIO(picture(3)))
    image.save(buffer, "TIFF", big_tiff=True, save_all=True, append_images=[image.rotate(180)])
    data = buffer.getvalue()
    assert data[2:4] in (b"+\0", b"\0+")
    assert missing(data) == ""
    # Pillow leaves a little behind the last page that nothing points to.
    assert [size for size in range(len(data) - 16) if not missing(data[:size])] == []


def test_a_tiff_whose_pages_share_a_long_table_is_gone_through_once_or_so() -> None:
    """Each page would have its million numbers unpacked anew."""
    strips = 1_000_000
    pages, page = 300, 2 + 2 * 12 + 4
    table = 8 + pages * page
    data = bytearray(b"II*\0" + struct.pack("<I", 8))
    for number in range(pages):
        entries = b"".join(struct.pack("<HHII", tag, 3, strips, table) for tag in (273, 279))
        following = 8 + (number + 1) * page if number < pages - 1 else 0
        data += struct.pack("<H", 2) + entries + struct.pack("<I", following)
    data += bytes(2 * strips)
    unpacked = 0
    real = tiff.Field.numbers

    def counted(field: tiff.Field, *more: Any) -> tuple[int, ...]:
        nonlocal unpacked
        unpacked += field.count
        return real(field, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiff.Field, "numbers", counted)
        assert missing(bytes(data)) == ""
    assert unpacked <= 6 * strips


def test_a_tiff_whose_writer_has_not_come_to_its_pages() -> None:
    assert "first page" in missing(b"II*\0\0\0\0\0" + b"\x80" * 400)


def test_a_tiff_that_promises_four_thousand_million_strips_takes_no_memory() -> None:
    entries = struct.pack("<HHIIHHII", 273, 4, 2**32 - 1, 26, 279, 4, 2**32 - 1, 26)
    data = b"II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4)
    assert missing(data) == "where its pixels are is not there yet"


def test_empty_and_very_short_files() -> None:
    assert missing(b"") == "the file is empty"
    assert missing(b"\xff\xd8\xff")


def test_what_is_no_known_format_is_left_to_the_codec() -> None:
    assert missing(b"P6 64 64 255 and then far too few bytes") == ""


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_looked_at_without_raising(kind: str) -> None:
    data = picture(4, kind)
    for at in range(0, min(len(data), 600)):
        for value in (0, 0xFF, data[at] ^ 0x80):
            missing(data[:at] + bytes([value]) + data[at + 1 :])


def tiff_of_one_table(pages: int, table: int) -> bytes:
    """Pages that all point to one table of bytes, which is then unpacked by each."""
    page, after = 2 + 12 * 2 + 4, 8 + pages * (2 + 12 * 2 + 4)
    data = b"II*\0" + struct.pack("<I", 8)
    for number in range(1, pages + 1):
        data += struct.pack("<HHHIIHHII", 2, 273, 1, table, after, 279, 1, table, after)
        data += struct.pack("<I", 8 + number * page if number < pages else 0)
    return data + bytes(table)


def tiff_of_fields(pages: int) -> bytes:
    """Pages that lie in each other: each has all fields up to the end."""
    fields = 12 * (pages + 60_000)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 60_000) + bytes(fields)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xe0\0\0" * 100,
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sI", 0, b"tEXt", 0) * 100,
        b"GIF89a\1\0\1\0\0\0\0!\xfe" + b"\1a" * 100,
        b"\0\0\0\x0cftypavif" + struct.pack(">I4s", 8, b"free") * 100,
        tiff_of_one_table(100, 1)[:-3],
        tiff_of_fields(1)[:-30],
    ],
)
def test_a_walk_has_an_end(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes more steps than are made counts as whole, and is the codec's business."""
    assert missing(data)
    monkeypatch.setattr("sdz.watch.looking.whole.MOST_STEPS", 90)
    assert missing(data) == ""


def test_numbers_of_strips_are_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = []
    numbers = tiff.Field.numbers

    def counted(field: tiff.Field, data: bytes, layout: tiff.Layout) -> tuple[int, ...]:
        unpacked.append(field.count)
        return numbers(field, data, layout)

    monkeypatch.setattr(tiff.Field, "numbers", counted)
    monkeypatch.setattr("sdz.watch.looking.whole.MOST_STEPS", 2500)
    assert missing(tiff_of_one_table(3, 1000)) == ""
    assert unpacked == [1000, 1000]


def test_fill_bytes_are_no_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    data = picture(3)
    monkeypatch.setattr("sdz.watch.looking.whole.MOST_STEPS", 90)
    assert missing(data[:2] + b"\xff" * 100_000 + data[2:]) == ""
    assert missing(data[:2] + b"\xff\x01" * 100_000 + data[2:]) == ""
    assert missing(data[:2] + b"\xff" * 100_000 + data[2:-2])
