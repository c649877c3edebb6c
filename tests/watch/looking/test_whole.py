"""Files that were not written to their end are seen for what they are, in every format."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image, features
from quick_pictures import animation, picture

from sdz.watch.looking.whole import inspect

KINDS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000"]
if not features.check("avif"):  # pragma: no cover
    KINDS.remove("AVIF")


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_file_is_whole_and_no_prefix_of_it_is(kind: str) -> None:
    data = picture(3, kind)
    assert inspect(data).missing == ""
    assert not inspect(data).several
    # A BMP may do without its last rows in no case, a TIFF without what lies behind its pages.
    whole = [size for size in range(len(data)) if not inspect(data[:size]).missing]
    assert whole == []


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_blocks": 1}])
def test_jpegs_with_several_scans_or_restarts(options: dict[str, int]) -> None:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture(1))).save(buffer, "JPEG", **options)
    data = buffer.getvalue()
    assert inspect(data).missing == ""
    assert [size for size in range(len(data)) if not inspect(data[:size]).missing] == []


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_jpeg() -> None:
    image = Image.open(io.BytesIO(picture(1)))
    buffer = io.BytesIO()
    thumbnail = picture(2)
    image.save(buffer, "JPEG", exif=b"Exif\0\0" + thumbnail)
    data = buffer.getvalue()
    inside = data.index(thumbnail) + len(thumbnail)
    assert data[inside - 2 : inside] == b"\xff\xd9"
    assert inspect(data[:inside]).missing
    assert not inspect(data).missing


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_bytes_behind_the_end_are_allowed(kind: str) -> None:
    data = picture(3, kind)
    assert inspect(data + b"\0" * 100 + b"a film from a phone").missing == ""


def test_jpegs_with_fill_bytes_and_bytes_between_segments() -> None:
    data = picture(3)
    assert inspect(data[:2] + b"\xff\xff\xff" + data[2:]).missing == ""
    assert inspect(data[:2] + b"\0\0\0" + data[2:]).missing == ""


def test_preallocated_files_are_not_whole() -> None:
    data = picture(3)
    half = data[: len(data) // 2]
    assert inspect(half + bytes(len(data) - len(half))).missing
    png = picture(3, "PNG")
    assert inspect(png[:200] + bytes(len(png) - 200)).missing


@pytest.mark.parametrize(
    ("kind", "options"),
    [("GIF", {}), ("PNG", {}), ("WEBP", {}), ("TIFF", {}), ("AVIF", {})],
)
def test_animations_and_pages_are_several(kind: str, options: dict[str, object]) -> None:
    found = inspect(animation(kind, **options))
    assert found.several
    assert found.missing == ""


def test_a_tiff_with_a_smaller_copy_of_itself_is_one_picture() -> None:
    data = bytearray(animation("TIFF"))
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(order + "I", data, 4)[0]
    pages = []
    while at:
        pages.append(at)
        count = struct.unpack_from(order + "H", data, at)[0]
        at = struct.unpack_from(order + "I", data, at + 2 + 12 * count)[0]
    assert len(pages) == 3
    for page in pages[1:]:  # ImageWidth, the first entry, becomes NewSubfileType = 1
        struct.pack_into(order + "HHII", data, page + 2, 254, 4, 1, 1)
    assert not inspect(bytes(data)).several


def test_a_tiff_whose_writer_has_not_come_to_its_pages() -> None:
    assert "first page" in inspect(b"II*\0\0\0\0\0" + b"\x80" * 400).missing


def test_a_tiff_that_promises_four_thousand_million_strips_takes_no_memory() -> None:
    entries = struct.pack("<HHIIHHII", 273, 4, 2**32 - 1, 26, 279, 4, 2**32 - 1, 26)
    data = b"II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4)
    assert "strips" in inspect(data).missing


def test_empty_and_very_short_files() -> None:
    assert inspect(b"").missing == "the file is empty"
    assert inspect(b"\xff\xd8\xff").missing


def test_what_is_no_known_format_is_left_to_the_codec() -> None:
    assert inspect(b"P6 64 64 255 and then far too few bytes").missing == ""


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_looked_at_without_raising(kind: str) -> None:
    data = picture(4, kind)
    for at in range(0, min(len(data), 600)):
        for value in (0, 0xFF, data[at] ^ 0x80):
            inspect(data[:at] + bytes([value]) + data[at + 1 :])
