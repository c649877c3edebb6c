"""Files that are no pictures, by their names: RAW files of cameras, films, documents, archives."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image, TiffImagePlugin

from sdz.codec.headers import others
from sdz.codec.headers.allowed import require_picture
from sdz.errors import UnreadableImage


def isobmff(*brands: bytes) -> bytes:
    box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands)
    return struct.pack(">I", len(box) + 4) + box + bytes(40)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (isobmff(b"mp42", b"isom"), "film"),
        (isobmff(b"qt  "), "film"),
        (isobmff(b"crx ", b"isom"), "RAW"),
        (b"\x1aE\xdf\xa3" + bytes(60), "film"),
        (b"RIFF\0\0\0\0AVI LIST", "film"),
        ((b"G" + bytes(187)) * 4, "film"),
        (b"FUJIFILMCCD-RAW 0201", "RAW"),
        (b"IIU\0" + bytes(60), "RAW"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(60), "RAW"),
        (b"%PDF-1.7", "document"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "document"),
        (b"8BPS\0\1", "document"),
        (b"PK\3\4", "archive"),
    ],
)
def test_they_are_called_by_their_names(data: bytes, word: str) -> None:
    with pytest.raises(UnreadableImage, match=f"it is an? .*{word}|it is an? {word}"):
        require_picture(data, 10**9)


def tiff(**fields: int) -> bytes:
    """A TIFF of 8x8 with these fields besides; ``tag_330`` is 330."""
    more = TiffImagePlugin.ImageFileDirectory_v2()
    for name, value in fields.items():
        more[int(name.removeprefix("tag_"))] = value
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "TIFF", tiffinfo=more)
    return stream.getvalue()


def with_sub_page(meant: int) -> bytes:
    """A TIFF whose field 330 names a page with such values."""
    data = tiff(tag_330=0)
    page = struct.pack("<HHHIHHI", 1, 262, 3, 1, meant, 0, 0)
    at = data.index(struct.pack("<HHI", 330, 4, 1)) + 8
    return data[:at] + struct.pack("<I", len(data)) + data[at + 4 :] + page


def test_a_negative_of_adobe_is_raw() -> None:
    assert others.is_raw(tiff(tag_50706=0x401))


def test_a_thumbnail_before_what_a_sensor_saw_is_raw() -> None:
    assert others.is_raw(with_sub_page(32803))


@pytest.mark.parametrize("data", [tiff(), with_sub_page(2), tiff()[:20], b"II*\0\xff\xff\xff\xff"])
def test_a_tiff_is_none(data: bytes) -> None:
    assert not others.is_raw(data)


def test_a_tiff_is_let_in_and_a_raw_file_is_not() -> None:
    assert require_picture(tiff(), 10**9).size == (8, 8)
    with pytest.raises(UnreadableImage, match="RAW file of a camera"):
        require_picture(with_sub_page(34892), 10**9)
