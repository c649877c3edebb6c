"""``sdz decode`` and ``sdz preview``: files to pictures that everything reads."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import sdz as package
from sdz import container
from sdz.commands import decode
from sdz.container import Model, Stream
from sdz.media import OUTPUT_SUFFIXES

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>\xc3\xbc</a></x:xmpmeta>"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def with_metadata(tmp_path: Path, sdz_bytes: bytes) -> Path:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    file = container.unpack(sdz_bytes)
    path = tmp_path / "meta.sdz"
    path.write_bytes(
        container.pack(replace(file, exif=exif.tobytes().removeprefix(b"Exif\0\0"), xmp=XMP))
    )
    return path


class TestFormats:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("a.png", "PNG"),
            ("a.webp", "WEBP"),
            ("a.JPG", "JPEG"),
            ("a.jpeg", "JPEG"),
            ("a.avif", "AVIF"),
        ],
    )
    def test_by_the_outputs_name(self, sdz: Sdz, packed: Path, name: str, kind: str) -> None:
        out = packed.parent / name
        assert sdz("decode", packed, "-o", out) == 0
        with Image.open(out) as image:
            assert (image.format, image.size) == (kind, (64, 48))
            rgb = np.asarray(image.convert("RGB")).astype(int)
        wanted = np.asarray(package.decode(packed)).astype(int)
        assert np.abs(rgb - wanted).max() <= (0 if kind in ("PNG", "WEBP") else 40)

    @pytest.mark.parametrize(
        ("kind", "suffix"), [("png", "png"), ("jpeg", "jpg"), ("webp", "webp")]
    )
    def test_by_the_format_that_was_asked_for(
        self, sdz: Sdz, packed: Path, kind: str, suffix: str
    ) -> None:
        assert sdz("decode", packed, "--format", kind) == 0
        assert names(packed.parent) == sorted(["packed.sdz", f"packed.{suffix}"])

    def test_png_beside_the_file_is_the_default(self, sdz: Sdz, packed: Path) -> None:
        assert sdz("decode", packed) == 0
        assert names(packed.parent) == ["packed.png", "packed.sdz"]

    def test_a_name_that_says_nothing_is_usage(
        self, sdz: Sdz, packed: Path, capsys: Capture
    ) -> None:
        assert sdz("decode", packed, "-o", packed.parent / "a.tiff") == 2
        assert "a name ending in .png" in capsys.readouterr().err

    def test_a_name_that_says_something_else_is_usage(
        self, sdz: Sdz, packed: Path, capsys: Capture
    ) -> None:
        assert sdz("decode", packed, "-o", packed.parent / "a.jpg", "--format", "png") == 2
        assert "what the name of the output says, .jpg" in capsys.readouterr().err
        assert sdz("decode", packed, "-o", packed.parent / "a.2024", "--format", "png") == 0

    def test_alpha_becomes_white_in_a_jpeg(self) -> None:
        image = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
        jpeg = Image.open(io.BytesIO(decode.save_as(image, "jpeg")))
        assert np.asarray(jpeg).min() >= 254

    @pytest.mark.parametrize("kind", ["png", "webp", "jpeg", "avif"])
    def test_kept_metadata_goes_along(self, sdz: Sdz, with_metadata: Path, kind: str) -> None:
        out = with_metadata.parent / f"a.{kind}"
        assert sdz("decode", with_metadata, "-o", out) == 0
        with Image.open(out) as image:
            image.load()
            assert image.getexif()[0x010F] == "Maker"
            xmp = image.info.get("xmp") or image.info["XML:com.adobe.xmp"].encode()
        assert xmp == XMP

    def test_a_picture_too_long_for_a_format_is_told(
        self, sdz: Sdz, packed: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setattr("sdz.pictures.decode", lambda _: Image.new("RGB", (17000, 1)))
        assert sdz("decode", packed, "--format", "webp") == 1
        assert "webp cannot hold this picture" in capsys.readouterr().err
        assert names(packed.parent) == ["packed.sdz"]


class TestOutputs:
    def test_what_is_no_sdz_is_said_before_where_it_would_go(
        self, sdz: Sdz, packed: Path, capsys: Capture
    ) -> None:
        photo = packed.parent / "photo.jpg"
        Image.new("RGB", (9, 9)).save(photo)
        photo.with_suffix(".png").write_bytes(b"mine")
        assert sdz("decode", photo) == 1
        assert capsys.readouterr().err.endswith("not a .sdz file: it is a JPEG picture\n")

    def test_a_preview_goes_beside_the_file(self, sdz: Sdz, packed: Path) -> None:
        assert sdz("preview", packed) == 0
        assert sdz("preview", packed, "--format", "jpeg") == 0
        assert names(packed.parent) == ["packed-preview.jpg", "packed-preview.png", "packed.sdz"]

    def test_json(self, sdz: Sdz, packed: Path, capsys: Capture) -> None:
        assert sdz("decode", packed, "--json") == 0
        row = json.loads(capsys.readouterr().out)
        out = packed.with_suffix(".png")
        assert row == row | {"source": str(packed), "output": str(out), "width": 64, "height": 48}
        assert (row["source_bytes"], row["bytes"]) == (packed.stat().st_size, out.stat().st_size)

    def test_standard_input_and_output(
        self,
        sdz: Sdz,
        sdz_bytes: bytes,
        standard_input: Callable[[bytes], None],
        capfdbinary: pytest.CaptureFixture[bytes],
    ) -> None:
        standard_input(sdz_bytes)
        assert sdz("decode", "-", "--format", "webp") == 0
        assert Image.open(io.BytesIO(capfdbinary.readouterr().out)).format == "WEBP"

    def test_nothing_is_overwritten_unasked(self, sdz: Sdz, packed: Path) -> None:
        packed.with_suffix(".png").write_bytes(b"old")
        assert sdz("decode", packed) == 1
        assert packed.with_suffix(".png").read_bytes() == b"old"
        assert sdz("decode", packed, "--force") == 0
        assert packed.with_suffix(".png").read_bytes() != b"old"

    def test_damaged_files_are_named_and_the_others_done(
        self, sdz: Sdz, packed: Path, capsys: Capture
    ) -> None:
        data = packed.read_bytes()
        flipped = bytearray(data)
        flipped[-20] ^= 4
        file = container.unpack(data)
        stream = file.streams[0]
        another = replace(file, streams=(Stream(stream.check ^ 1, stream.data),))
        damage = {
            "cut": data[:-9],
            "flipped": bytes(flipped),
            "another": container.pack(another),
            "text": b"hello",
            "empty": b"",
        }
        sources = [packed.parent / f"{name}.sdz" for name in damage]
        for source, content in zip(sources, damage.values(), strict=True):
            source.write_bytes(content)
        assert sdz("decode", *sources, packed, "--out-dir", packed.parent / "out", "--json") == 1
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        codes = [row.get("error") for row in rows]
        assert codes == ["truncated", "bad-checksum", "bad-symbols", "not-sdz", "not-sdz", None]
        assert names(packed.parent / "out") == ["packed.png"]


class TestModels:
    def written(self, packed: Path, **header: object) -> Path:
        file = container.unpack(packed.read_bytes())
        path = packed.with_name("other.sdz")
        path.write_bytes(container.pack(replace(file, header=replace(file.header, **header))))  # type: ignore[arg-type]
        return path

    def test_a_missing_model_says_how_to_get_it(
        self, sdz: Sdz, tmp_path: Path, capsys: Capture
    ) -> None:
        header = container.Header(64, 48, Model.of("taesd", 4, 8), bytes(8), 30000)
        from sdz.codec.latents import code_latents
        from sdz.models.registry import describe

        latents = np.zeros((4, 6, 8), np.float32)
        streams = code_latents(latents, describe("taesd").quantiser, 30000, header).streams
        path = tmp_path / "a.sdz"
        path.write_bytes(container.pack(container.SdzFile(header, streams)))
        assert sdz("decode", path) == 1
        assert "sdz models pull taesd" in capsys.readouterr().err

    def test_an_unknown_model(self, sdz: Sdz, packed: Path, capsys: Capture) -> None:
        path = self.written(packed, model=Model(0, "mine", 192, 16))
        assert sdz("decode", path) == 1
        assert "no model is called 'mine'" in capsys.readouterr().err

    @pytest.mark.parametrize("command", ["decode", "preview"])
    def test_other_weights_of_the_built_in_model(
        self, sdz: Sdz, packed: Path, capsys: Capture, command: str
    ) -> None:
        path = self.written(packed, weights=b"another!")
        assert sdz(command, path, "-o", packed.parent / "x.png") == 1
        assert "lite-1 has other weights than are wanted" in capsys.readouterr().err

    @pytest.mark.parametrize("command", ["decode", "preview"])
    def test_a_model_of_another_shape(
        self, sdz: Sdz, packed: Path, capsys: Capture, command: str
    ) -> None:
        path = self.written(packed, model=Model(0, "lite-1", 191, 16))
        assert sdz(command, path, "-o", packed.parent / "x.png") == 1
        assert "latents of lite-1 expected 192 channels at 1/16" in capsys.readouterr().err


class TestPreview:
    def test_is_small_and_like_the_picture(self, sdz: Sdz, packed: Path) -> None:
        out = packed.parent / "small.png"
        assert sdz("preview", packed, "-o", out) == 0
        small = Image.open(out)
        assert small.size == (8, 6)
        wanted = package.decode(packed).resize(small.size, Image.Resampling.BOX)
        assert np.corrcoef(np.asarray(small).ravel(), np.asarray(wanted).ravel())[0, 1] > 0.7

    def test_to_standard_output(
        self, sdz: Sdz, packed: Path, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        assert sdz("preview", packed, "-o", "-", "--format", "jpeg") == 0
        assert Image.open(io.BytesIO(capfdbinary.readouterr().out)).format == "JPEG"

    def test_damage(self, sdz: Sdz, packed: Path, capsys: Capture) -> None:
        packed.write_bytes(packed.read_bytes()[:-1])
        assert sdz("preview", packed, "-o", packed.parent / "x.png") == 1
        assert "cut short" in capsys.readouterr().err


def test_every_format_that_is_offered_can_be_chosen() -> None:
    assert set(OUTPUT_SUFFIXES.values()) == set(decode.FORMATS)
    arguments = Namespace(format=None, out="-")
    assert decode.format_of(arguments.format, arguments.out) == "png"
