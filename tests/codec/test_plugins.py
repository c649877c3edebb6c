"""JPEG XL and HEIC are read where their packages are, and say what is missing where not."""

from __future__ import annotations

import io
import sys

import drawn
import numpy as np
import pillow_heif
import pillow_jxl  # noqa: F401 - teaches Pillow to write JPEG XL
import pytest
from PIL import Image

from sdz.codec.headers import look
from sdz.codec.pixels import open_picture
from sdz.codec.plugins import prepare
from sdz.errors import UnreadableImage

SCENE = drawn.scene(48, 64)


def heic(pixels: np.ndarray = SCENE, **options: object) -> bytes:
    made = pillow_heif.from_pillow(Image.fromarray(pixels))
    out = io.BytesIO()
    made.save(out, **options)
    return out.getvalue()


def two_pictures(primary: int) -> bytes:
    made = pillow_heif.from_pillow(Image.fromarray(SCENE))
    made.add_from_pillow(Image.fromarray(255 - SCENE))
    out = io.BytesIO()
    made.save(out, quality=-1, primary_index=primary)
    return out.getvalue()


def test_a_heic_photograph_is_read() -> None:
    picture = open_picture(heic(quality=90))
    assert picture.rgb.shape == (48, 64, 3)
    assert np.abs(picture.rgb.astype(int) - SCENE).mean() < 6
    assert picture.notes == ()


def test_its_exif_is_kept_and_its_turn_made_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera"
    picture = open_picture(heic(quality=90, exif=exif.tobytes()), keep_metadata=True)
    turned = np.rot90(SCENE, -1).astype(int)
    assert picture.rgb.shape == turned.shape
    assert np.abs(picture.rgb - turned).mean() < 6
    assert picture.exif is not None
    assert b"Camera" in picture.exif


@pytest.mark.parametrize("primary", [0, 1])
def test_of_several_pictures_the_main_one_is_taken(primary: int) -> None:
    picture = open_picture(two_pictures(primary))
    wanted = 255 - SCENE if primary else SCENE
    assert np.abs(picture.rgb.astype(int) - wanted).mean() < 6
    assert "the main one of 2 pictures is kept" in picture.notes


@pytest.mark.parametrize("bare", [False, True])
def test_jpeg_xl_is_read(bare: bool) -> None:
    out = io.BytesIO()
    Image.fromarray(SCENE).save(out, "JXL", lossless=True, use_container=not bare)
    assert np.array_equal(open_picture(out.getvalue()).rgb, SCENE)


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (heic(), "a HEIC picture needs one more package: pip install pi-heif"),
        (b"\xff\x0a" + bytes(40), "a JPEG XL picture .* pip install pillow-jxl-plugin"),
    ],
)
def test_without_the_package_the_error_names_it(
    data: bytes, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("pi_heif", "pillow_heif", "pillow_jxl"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableImage, match=advice):
        open_picture(data)


def test_other_files_load_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pi_heif", "pillow_heif", "pillow_jxl"):
        monkeypatch.setitem(sys.modules, module, None)
    for kind in ("PNG", "JPEG", "WEBP", "AVIF", "GIF"):
        open_picture(drawn.as_file(SCENE, kind))
        prepare(kind)


@pytest.mark.parametrize("cut", [13, 40, 200, -30])
def test_a_heic_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(UnreadableImage):
        open_picture(heic()[:cut])


def test_hevc_and_av1_in_the_same_boxes_are_told_apart() -> None:
    for brands, kind in ((b"mif1\0\0\0\0avifheic", "AVIF"), (b"mif1\0\0\0\0heic", "HEIF")):
        found = look((8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands)
        assert found is not None
        assert found.kind == kind
