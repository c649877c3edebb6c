"""PNG, deflated or not, read back by Pillow and taken apart."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from sdz.engine import images
from sdz.engine.images import write_image
from sdz.engine.png import write_png


def noise(height: int, width: int, channels: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, channels), np.uint8)


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (40, 60), (257, 255), (3, 21845), (1, 21844), (2, 65535)],
    ids=["one", "small", "over two blocks", "a row over a block", "a block to the byte", "widest"],
)
def test_every_pixel_comes_back(height: int, width: int, channels: int, stored: bool) -> None:
    pixels = noise(height, width, channels)
    with Image.open(io.BytesIO(write_png(pixels, stored=stored))) as image:
        assert image.mode == ("RGB" if channels == 3 else "RGBA")
        assert np.array_equal(np.asarray(image), pixels)


@pytest.mark.parametrize("stored", [True, False])
def test_its_checksums_hold_and_its_picture_comes_first(stored: bool) -> None:
    exif, xmp = b"MM\0*\0\0\0\x08\0\0", "<a>ü</a>".encode()
    data = write_png(noise(300, 300, 3), stored=stored, exif=exif, xmp=xmp)
    at, names = 8, []
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(name + body)
        names.append(name)
        if name == b"IDAT":
            assert len(zlib.decompress(body)) == 300 * 901
        at += 12 + length
    assert names == [b"IHDR", b"IDAT", b"eXIf", b"iTXt", b"IEND"]


def test_what_is_like_the_row_above_takes_next_to_nothing() -> None:
    pixels = np.broadcast_to(noise(1, 300, 3), (300, 300, 3))
    data = write_png(np.ascontiguousarray(pixels))
    assert len(data) < pixels.nbytes // 30
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), pixels)


@pytest.mark.parametrize("max_side", [None, 30])
def test_it_is_written_where_it_is_asked_for(max_side: int | None) -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    deflated, *size = write_image(pixels, "png", max_side=max_side)
    stored, *also = write_image(pixels, "png", max_side=max_side, stored=True)
    assert size == also
    assert len(stored) > 3 * size[0] * size[1] > len(deflated)
    with Image.open(io.BytesIO(stored)) as image:
        assert image.size == tuple(size)


def test_what_is_large_is_deflated_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    monkeypatch.setattr(images, "MOST_STORED_BYTES", pixels.nbytes)
    assert len(write_image(pixels, "png", stored=True)[0]) > pixels.nbytes
    monkeypatch.setattr(images, "MOST_STORED_BYTES", pixels.nbytes - 1)
    assert len(write_image(pixels, "png", stored=True)[0]) < 1000


def test_other_formats_stay_as_they_are() -> None:
    pixels = noise(16, 16, 3)
    assert write_image(pixels, "webp", stored=True) == write_image(pixels, "webp")
