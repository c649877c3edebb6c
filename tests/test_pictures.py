"""The Python interface: pictures in, bytes out, and back, with the built-in model."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import drawn
import numpy as np
import pytest
from PIL import Image

import sdz
from sdz import container, pictures
from sdz.container import Model, Stream
from sdz.errors import (
    BadChecksum,
    BadField,
    BadOption,
    BadSymbols,
    EncodeError,
    NoPreview,
    ScoreNotReached,
    TargetTooSmall,
    Truncated,
    UnknownModel,
    UnreadableImage,
    WeightsMismatch,
)
from sdz.wish import Wish

SCENE = drawn.scene(90, 130)
IMAGE = Image.fromarray(SCENE)


@pytest.fixture(scope="module")
def data() -> bytes:
    return sdz.encode(IMAGE, quality=60)


def error(one: Image.Image | drawn.Pixels, other: Image.Image | drawn.Pixels) -> float:
    """Mean absolute difference of two pictures."""
    return float(np.abs(np.asarray(one).astype(int) - np.asarray(other)).mean())


class TestEncode:
    def test_image_path_and_bytes_are_the_same_picture(self, tmp_path: Path, data: bytes) -> None:
        png = drawn.as_file(SCENE)
        path = tmp_path / "a.png"
        path.write_bytes(png)
        for source in (IMAGE, png, bytearray(png), memoryview(png), path, str(path)):
            assert sdz.encode(source, quality=60) == data

    def test_presets(self) -> None:
        assert sdz.encode(IMAGE) == sdz.encode(IMAGE, preset="standard")
        assert len(sdz.encode(IMAGE, preset="tiny")) < len(sdz.encode(IMAGE, preset="fine"))

    def test_wishes(self, data: bytes) -> None:
        filled = sdz.encode(IMAGE, target_bytes=len(data), keep="none")
        assert 0.98 * len(data) <= len(filled) <= len(data)
        wanted = sdz.info(data)["report"]["ssimulacra2"] - 1
        assert sdz.info(sdz.encode(IMAGE, min_score=wanted))["report"]["ssimulacra2"] >= wanted

    def test_the_effort_reaches_the_codec(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def encode_picture(_: object, wish: Wish) -> SimpleNamespace:
            assert wish.model == "lite-1"
            asked.append(wish.effort)
            return SimpleNamespace(data=b"file")

        monkeypatch.setattr(pictures, "encode_picture", encode_picture)
        assert sdz.encode(IMAGE) == sdz.encode(IMAGE, effort="high") == b"file"
        assert asked == ["normal", "high"]

    def test_a_small_source_is_no_reason_to_refuse(self) -> None:
        assert sdz.encode(drawn.as_file(Image.new("RGB", (1, 1))))

    @pytest.mark.parametrize(
        ("wishes", "refusal"),
        [
            ({"quality": 0}, BadOption),
            ({"effort": "max"}, BadOption),
            ({"preset": "huge"}, BadOption),
            ({"quality": 5, "preset": "fine"}, BadOption),
            ({"quality": 5, "target_bytes": 900}, BadOption),
            ({"target_bytes": 50}, TargetTooSmall),
            ({"min_score": 100, "keep": "none"}, ScoreNotReached),
            ({"keep": "everything"}, BadOption),
            ({"keep": "9999,0,10,10"}, BadOption),
            ({"model": "none-such"}, UnknownModel),
        ],
    )
    def test_what_cannot_be(self, wishes: dict[str, object], refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            sdz.encode(IMAGE, **wishes)  # type: ignore[arg-type]

    def test_no_picture(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableImage):
            sdz.encode(b"hello")
        with pytest.raises(FileNotFoundError):
            sdz.encode(tmp_path / "none.png")
        assert issubclass(ScoreNotReached, EncodeError)

    def test_metadata_is_kept_when_asked_for(self) -> None:
        exif = Image.Exif()
        exif[0x010F], exif[0x0112] = "Maker", 6
        xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a/></x:xmpmeta>"
        source = drawn.as_file(SCENE, "JPEG", exif=exif, xmp=xmp)
        assert sdz.decode(sdz.encode(source)).info == {}
        kept = sdz.decode(sdz.encode(source, keep_metadata=True))
        assert kept.size == (90, 130)  # upright
        assert kept.info["xmp"] == xmp
        again = Image.open(io.BytesIO(drawn.as_file(kept, "JPEG", exif=kept.info["exif"])))
        assert dict(again.getexif()) == {0x010F: "Maker"}


class TestRoundTrip:
    def test_plain(self, data: bytes, tmp_path: Path) -> None:
        (tmp_path / "a.sdz").write_bytes(data)
        image = sdz.decode(data)
        assert (image.mode, image.size) == ("RGB", (130, 90))
        assert error(image, IMAGE) < 20
        for source in (
            bytearray(data),
            memoryview(data),
            tmp_path / "a.sdz",
            str(tmp_path / "a.sdz"),
        ):
            assert np.array_equal(np.asarray(sdz.decode(source)), np.asarray(image))

    @pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (16, 16), (17, 33)])
    def test_sizes(self, size: tuple[int, int]) -> None:
        rgb = drawn.smooth(*size)
        image = sdz.decode(sdz.encode(Image.fromarray(rgb), quality=90))
        assert image.size == (size[1], size[0])
        assert error(image, rgb) < 20

    def test_alpha(self) -> None:
        alpha = drawn.soft_alpha(90, 130)
        image = sdz.decode(sdz.encode(Image.fromarray(np.dstack([SCENE, alpha])), quality=90))
        assert image.mode == "RGBA"
        assert np.array_equal(np.asarray(image)[..., 3], alpha)

    def test_overhead_of_a_plain_picture(self, data: bytes) -> None:
        assert container.overhead(data) <= 48

    @pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "I", "F", "LAB"])
    def test_modes(self, mode: str) -> None:
        if mode == "F":
            image = Image.fromarray(SCENE[..., 0].astype(np.float32) / 255)
        elif mode == "I":
            image = Image.fromarray(SCENE[..., 0].astype(np.int32) * 257)
        elif mode == "LAB":
            image = Image.new("LAB", (40, 30), (128, 128, 128))
        else:
            image = IMAGE.convert(mode)
        assert sdz.decode(sdz.encode(image, quality=5)).size == image.size


class TestInfo:
    def test_can_be_written_as_json_and_agrees_with_the_file(
        self, data: bytes, tmp_path: Path
    ) -> None:
        (tmp_path / "a.sdz").write_bytes(data)
        info = sdz.info(data)
        assert json.loads(json.dumps(info)) == info == sdz.info(tmp_path / "a.sdz")
        assert (info["width"], info["height"], info["bytes"]) == (130, 90, len(data))
        assert info["latents"] == info["latents"] | {"channels": 192, "height": 6, "width": 9}
        assert info["bits_per_pixel"] == round(8 * len(data) / (130 * 90), 4)

    def test_says_what_a_fresh_measurement_says(self, data: bytes) -> None:
        from sdz.codec.fidelity import Reference

        fresh = Reference(SCENE).measure(np.asarray(sdz.decode(data)))
        report = sdz.info(data)["report"]
        assert report["ssimulacra2"] == pytest.approx(fresh.score, abs=0.0051)
        assert report["worst_region"] == pytest.approx(fresh.worst, abs=0.0051)
        assert report["psnr"] == pytest.approx(fresh.psnr, abs=0.0051)


class TestPreview:
    def test_is_an_eighth_and_alike(self, data: bytes) -> None:
        small = sdz.preview(data)
        assert small.size == (17, 12)
        wanted = sdz.decode(data).resize(small.size, Image.Resampling.BOX)
        assert np.corrcoef(np.asarray(small).ravel(), np.asarray(wanted).ravel())[0, 1] > 0.7

    def test_the_first_channels_carry_the_most(self, data: bytes) -> None:
        whole = sdz.preview(data)
        errors = [error(sdz.preview(data, channels=count), whole) for count in (1, 6, 12, 192)]
        assert errors == sorted(errors, reverse=True)
        assert errors[0] > 10
        assert errors[2] < 4
        assert errors[3] == 0

    def test_alpha_when_asked_for(self) -> None:
        alpha = drawn.soft_alpha(90, 130)
        data = sdz.encode(Image.fromarray(np.dstack([SCENE, alpha])), quality=90)
        assert sdz.preview(data).mode == "RGB"
        small = sdz.preview(data, alpha=True)
        assert (small.mode, small.size) == ("RGBA", (17, 12))
        wanted = Image.fromarray(alpha).reduce(8)
        assert np.array_equal(np.asarray(small)[..., 3], np.asarray(wanted))
        assert sdz.preview(sdz.encode(IMAGE), alpha=True).mode == "RGB"

    def test_a_model_without_a_map(self, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        from sdz.models import registry

        known = registry.describe("lite-1")
        monkeypatch.setattr(registry, "describe", lambda _: replace(known, preview=None))
        with pytest.raises(NoPreview):
            sdz.preview(data)


class TestOtherFiles:
    @staticmethod
    def changed(data: bytes, **header: object) -> bytes:
        file = container.unpack(data)
        return container.pack(replace(file, header=replace(file.header, **header)))  # type: ignore[arg-type]

    @pytest.fixture(autouse=True)
    def no_network(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """What is wrong with a file shows before its network is loaded."""
        from sdz import pictures

        def loaded(name: str) -> None:
            raise AssertionError(f"{name} was loaded")

        with monkeypatch.context() as patch:
            patch.setattr(pictures, "load_model", loaded)
            yield

    @pytest.mark.parametrize("read", [sdz.decode, sdz.preview])
    def test_of_an_unknown_model(self, data: bytes, read: object) -> None:
        assert callable(read)
        with pytest.raises(UnknownModel):
            read(self.changed(data, model=Model(0, "mine", 192, 16)))

    @pytest.mark.parametrize("read", [sdz.decode, sdz.preview])
    def test_of_another_shape(self, data: bytes, read: object) -> None:
        assert callable(read)
        for model in (Model(0, "lite-1", 5, 16), Model(0, "lite-1", 192, 8)):
            with pytest.raises(BadField, match="latents of lite-1"):
                read(self.changed(data, model=model))

    @pytest.mark.parametrize("read", [sdz.decode, sdz.preview])
    def test_of_other_weights(self, data: bytes, read: object) -> None:
        assert callable(read)
        with pytest.raises(WeightsMismatch):
            read(self.changed(data, weights=bytes(8)))

    @pytest.mark.parametrize("read", [sdz.decode, sdz.preview])
    def test_damaged(self, data: bytes, read: object) -> None:
        assert callable(read)
        with pytest.raises(Truncated):
            read(data[:-1])
        flipped = bytearray(data)
        flipped[len(data) // 2] ^= 1
        with pytest.raises(BadChecksum):
            read(bytes(flipped))
        file = container.unpack(data)
        streams = (Stream(file.streams[0].check ^ 1, file.streams[0].data),)
        with pytest.raises(BadSymbols):
            read(container.pack(replace(file, streams=streams)))


def test_the_package_offers_what_it_says() -> None:
    for name in sdz.__all__:
        assert getattr(sdz, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = sdz.nonsense
