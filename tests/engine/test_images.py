"""Pixels to picture files of every kind."""

from __future__ import annotations

import io

import drawn
import numpy as np
import pytest
from PIL import Image

from sdz.engine.images import write_image
from sdz.media import MEDIA_TYPES

RGB = drawn.scene(40, 60)
RGBA = np.dstack([RGB, drawn.soft_alpha(40, 60)])


def read(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", MEDIA_TYPES)
@pytest.mark.parametrize("pixels", [RGB, RGBA], ids=["RGB", "RGBA"])
def test_every_format_is_written(kind: str, pixels: drawn.Pixels) -> None:
    data, width, height = write_image(pixels, kind)
    with read(data) as image:
        assert Image.MIME[image.format or ""] == MEDIA_TYPES[kind]
        assert image.size == (width, height) == (60, 40)
        has_alpha = pixels.shape[2] == 4 and kind != "jpeg"
        assert image.mode == ("RGBA" if has_alpha else "RGB")


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_nothing_is_lost_where_nothing_need_be(kind: str) -> None:
    with read(write_image(RGB, kind)[0]) as image:
        assert np.array_equal(np.asarray(image), RGB)


def test_jpeg_shows_clear_pixels_white() -> None:
    clear = np.zeros((16, 16, 4), np.uint8)
    with read(write_image(clear, "jpeg")[0]) as image:
        assert np.asarray(image).min() > 250


@pytest.mark.parametrize(
    ("max_side", "size"), [(None, (60, 40)), (60, (60, 40)), (30, (30, 20)), (1, (1, 1))]
)
def test_the_longer_side_is_bounded(max_side: int | None, size: tuple[int, int]) -> None:
    data, width, height = write_image(RGB, "png", max_side=max_side)
    assert (width, height) == size
    with read(data) as image:
        assert image.size == size


@pytest.mark.parametrize(
    ("kind", "stored"), [*((kind, False) for kind in MEDIA_TYPES), ("png", True)]
)
def test_metadata_that_was_kept_is_handed_on(kind: str, stored: bool) -> None:
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>ü</a></x:xmpmeta>".encode()
    kept = {"exif": exif.tobytes().removeprefix(b"Exif\x00\x00"), "xmp": xmp}
    data, *_ = write_image(RGB, kind, stored=stored, **kept)
    with read(data) as image:
        assert image.getexif()[0x010F] == "a maker"
        found = image.info.get("xmp") or image.info["XML:com.adobe.xmp"].encode()
        assert found == xmp
