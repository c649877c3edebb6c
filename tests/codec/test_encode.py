"""A wish is met and measured, or refused by name; what is handed out has been read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import drawn
import numpy as np
import pytest
from fake_autoencoder import FakeAutoencoder
from numpy.typing import NDArray

from sdz import container
from sdz.codec import draft
from sdz.codec.decode import decode_file
from sdz.codec.encode import Encoded, encode_picture
from sdz.codec.fidelity import Reference
from sdz.codec.pixels import Picture, from_image
from sdz.container import Header, Tiling
from sdz.errors import BadSymbols, NotSmaller, ScoreNotReached, TargetTooSmall
from sdz.progress import Progress, hearing
from sdz.wish import Wish

MODEL = FakeAutoencoder()
SCENE = Picture(drawn.scene(120, 200))
ALPHA = Picture(drawn.scene(120, 200), drawn.soft_alpha(120, 200))


def encode(picture: Picture = SCENE, model: FakeAutoencoder = MODEL, **wishes: Any) -> Encoded:
    return encode_picture(picture, model, Wish(**wishes))


def decoded(data: bytes) -> NDArray[np.uint8]:
    return decode_file(container.unpack(data), MODEL)


class TestReport:
    @pytest.mark.parametrize("picture", [SCENE, ALPHA], ids=["opaque", "alpha"])
    @pytest.mark.parametrize("quality", [1, 50, 100])
    def test_is_what_a_fresh_measurement_finds(self, picture: Picture, quality: float) -> None:
        encoded = encode(picture, quality=quality)
        pixels = decoded(encoded.data)
        alpha = pixels[..., 3] if picture.alpha is not None else None
        fresh = Reference(picture.rgb, picture.alpha).measure(pixels[..., :3], alpha)
        assert encoded.report == fresh
        report = container.unpack(encoded.data).header.report
        assert report is not None
        found = (report.score, report.worst, report.psnr)
        assert found == pytest.approx((fresh.score, fresh.worst, fresh.psnr), abs=0.0051)

    def test_what_is_hidden_does_not_count(self) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        alpha = np.zeros((64, 64), np.uint8)
        alpha[16:48, 16:48] = 255
        rgb = np.where(alpha[..., None] > 0, drawn.smooth(64, 64), noise)
        assert encode(Picture(rgb, alpha), quality=100).report.psnr > 32

    def test_decoding_that_differs_is_found_before_anything_is_handed_out(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def wrong(header: Header, *_: object) -> NDArray[np.int32]:
            return np.zeros(header.latent_shape, np.int32)

        monkeypatch.setattr(draft, "decode_latents", wrong)
        with pytest.raises(BadSymbols, match="the latents just written"):
            encode()


class TestQuality:
    def test_more_is_larger_and_better(self) -> None:
        found = [encode(quality=quality) for quality in (1, 25, 50, 75, 100)]
        sizes = [len(one.data) for one in found]
        noise = [one.report.psnr for one in found]
        assert sizes == sorted(set(sizes))
        assert noise == sorted(set(noise))

    def test_standard_is_the_default(self) -> None:
        assert encode_picture(SCENE, MODEL).data == encode(preset="standard").data

    def test_a_quality_keeps_nothing_unasked(self) -> None:
        assert container.unpack(encode(quality=100).data).kept is None

    def test_the_same_picture_gives_the_same_file(self) -> None:
        assert encode(quality=30).data == encode(quality=30).data


class TestTargetBytes:
    @pytest.mark.parametrize("picture", [SCENE, ALPHA], ids=["opaque", "alpha"])
    @pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
    def test_within_two_percent_and_never_over(self, picture: Picture, share: float) -> None:
        small, large = (len(encode(picture, quality=quality).data) for quality in (1, 100))
        target = round(small + share * (large - small))
        found = encode(picture, target_bytes=target, keep="none")
        assert 0.98 * target <= len(found.data) <= target
        free = encode(picture, target_bytes=target)
        assert len(free.data) <= target
        assert free.report.score >= found.report.score

    def test_more_than_the_finest_needs(self) -> None:
        found = encode(target_bytes=10**8, keep="none")
        assert found.data == encode(quality=100).data
        assert encode(target_bytes=10**8).report.score > found.report.score

    def test_more_than_the_finest_latents_need_goes_to_alpha(self) -> None:
        encoded = encode(ALPHA, target_bytes=10**8, keep="none")
        assert encoded.data == encode(ALPHA, quality=100).data
        assert np.array_equal(decoded(encoded.data)[..., 3], ALPHA.alpha)

    def test_an_alpha_that_would_take_more_than_all_latents_stays_coarse(self) -> None:
        noise = np.random.default_rng(0).integers(1, 255, (64, 64), np.uint8)
        picture = Picture(np.full((64, 64, 3), 80, np.uint8), noise)
        least, most = (len(encode(picture, quality=quality).data) for quality in (80, 100))
        assert most - least > 300
        assert len(encode(picture, target_bytes=least + 99).data) <= least + 99

    def test_too_small_says_what_is_needed(self) -> None:
        least = len(encode(quality=1).data)
        with pytest.raises(TargetTooSmall) as caught:
            encode(target_bytes=least - 1)
        assert caught.value.least == least
        assert len(encode(target_bytes=least).data) == least


class TestMinScore:
    @pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
    def test_is_reached_and_hardly_more(self, share: float) -> None:
        low, best = (encode(quality=quality).report.score for quality in (1, 100))
        wanted = min(low + share * (best - low), best)
        encoded = encode(min_score=wanted)
        assert encoded.report.score >= wanted
        report = container.unpack(encoded.data).header.report
        assert report is not None
        assert report.score >= wanted - 0.005
        assert len(encoded.data) <= len(encode(quality=100).data)

    def test_alpha_gets_all_levels_where_the_score_needs_them(self) -> None:
        best = encode(ALPHA, quality=100).report.score
        assert encode(ALPHA, quality=84).report.score < best
        assert encode(ALPHA, min_score=best).report.score >= best

    def test_out_of_reach_of_latents_alone(self) -> None:
        best = encode(quality=100).report.score
        with pytest.raises(ScoreNotReached) as caught:
            encode(min_score=min(100.0, best + 0.01), keep="none")
        assert caught.value.best == best

    @pytest.mark.parametrize("wanted", [90, 100])
    def test_beyond_them_the_picture_is_kept_and_that_is_said(self, wanted: float) -> None:
        found = encode(min_score=wanted)
        kept = container.unpack(found.data).kept
        assert found.report.score >= wanted
        assert kept is not None
        assert kept.area == SCENE.width * SCENE.height
        assert "AVIF or JPEG XL serve better" in found.notes[0]
        assert Reference(SCENE.rgb).measure(decoded(found.data)) == found.report


def test_what_was_asked_for_is_kept_over_a_picture_that_is_kept_whole() -> None:
    kept = container.unpack(encode(min_score=60, keep="auto;10,20,30,40").data).kept
    assert kept is not None
    boxes = [(one.box.left, one.box.top, one.box.width, one.box.height) for one in kept.regions]
    assert boxes == [(0, 0, 200, 120), (10, 20, 30, 40)]


class TestNotSmaller:
    def test_more_bytes_than_the_source_has_are_not_used(self) -> None:
        fine = len(encode(quality=95).data)
        encoded = encode(replace(SCENE, source_bytes=fine), target_bytes=10 * fine)
        assert fine // 2 < len(encoded.data) < fine

    def test_refused_at_the_very_size(self) -> None:
        size = len(encode().data)
        with pytest.raises(NotSmaller) as caught:
            encode(replace(SCENE, source_bytes=size))
        assert (caught.value.size, caught.value.source) == (size, size)
        assert len(encode(replace(SCENE, source_bytes=size + 1)).data) == size

    def test_unless_it_is_wanted(self) -> None:
        assert encode(replace(SCENE, source_bytes=3), allow_larger=True).data


class TestShapes:
    @pytest.mark.parametrize("size", [(1, 1), (7, 3000), (3000, 7), (1, 65535), (65535, 1), (8, 9)])
    def test_any_size_round_trips(self, size: tuple[int, int]) -> None:
        rgb = drawn.smooth(*size)
        data = encode(Picture(rgb), quality=100).data
        found = decoded(data)
        assert found.shape == rgb.shape
        assert np.abs(found.astype(int) - rgb).mean() < 6

    @pytest.mark.parametrize("quality", [1, 50, 90])
    def test_alpha_keeps_its_ends(self, quality: float) -> None:
        alpha = decoded(encode(ALPHA, quality=quality).data)[..., 3]
        assert ALPHA.alpha is not None
        assert np.array_equal(alpha == 0, ALPHA.alpha < (1 if quality >= 85 else 3))
        assert np.all(alpha[ALPHA.alpha == 255] == 255)
        assert np.abs(alpha.astype(int) - ALPHA.alpha).max() <= (0 if quality >= 85 else 2)

    def test_a_picture_of_one_pixel_is_all_overhead_and_little_of_it(self) -> None:
        data = encode(Picture(np.full((1, 1, 3), 77, np.uint8))).data
        assert container.overhead(data) <= 56  # with the name of a model that is not well known

    def test_large_pictures_are_coded_in_groups(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sdz.codec.latents.GROUP_PIXELS", 256)
        rgb = drawn.smooth(300, 500)
        data = encode(Picture(rgb), quality=80).data
        header = container.unpack(data).header
        assert (header.group, header.group_count, header.tiling) == (32, 4, None)
        assert np.abs(decoded(data).astype(int) - rgb).max() <= 40

    def test_tiles_that_change_pixels_are_in_the_file(self) -> None:
        model = FakeAutoencoder(halo=None, max_tile=16, drift=0.2)
        picture = Picture(drawn.smooth(200, 100))
        data = encode(picture, model, quality=80).data
        file = container.unpack(data)
        assert file.header.tiling == Tiling(16, 4)
        # A reader whose own tiles are larger still does as the file says.
        larger = decode_file(file, replace(model, max_tile=64))
        assert np.array_equal(larger, decode_file(file, model))

    def test_what_was_settled_on_the_way_is_handed_on(self) -> None:
        from PIL import Image

        wide = Image.fromarray(np.full((9, 9), 30000, np.uint16))
        assert encode(from_image(wide)).notes == ("reduced to 8 bits a channel",)

    def test_metadata_is_in_the_file(self) -> None:
        file = container.unpack(encode(replace(SCENE, exif=b"MM\0*", xmp=b"<x/>")).data)
        assert (file.exif, file.xmp) == (b"MM\0*", b"<x/>")


@pytest.mark.parametrize(
    ("wish", "attempts"),
    [({"quality": 50}, 0), ({"target_bytes": 4000}, 3), ({"min_score": -50}, 8)],
)
def test_who_waits_hears_how_far_it_is(wish: dict[str, float], attempts: int) -> None:
    heard: list[Progress] = []
    with hearing(heard.append):
        encode(**wish)
    shares = [at.share for at in heard]
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] <= 1
    assert heard[0].doing == "looking at the picture"
    assert max(at.attempt for at in heard) >= attempts
