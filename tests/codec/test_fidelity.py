"""Fidelity of whole pictures: the package's score, whatever the size."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from sdz.codec.fidelity import Pixels, Reference, over_grey, psnr
from sdz.stopping import Stop, Stopped, heeding
from ssimulacra2 import compute_ssimulacra2


def drawn(height: int, width: int) -> Pixels:
    """A gradient, a patch of noise, discs, lines and words, so that every map has work to do."""
    rng = np.random.default_rng(height * 1000 + width)
    y, x = np.mgrid[0:height, 0:width]
    base = np.stack([x * 255 / width, y * 255 / height, (x + y) * 255 / (width + height)], 2)
    base[: height // 2, : width // 2] += rng.normal(0, 40, (height // 2, width // 2, 1))
    image = Image.fromarray(base.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        cx, cy, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(2, 40)
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=tuple(rng.integers(0, 256, 3)))
        draw.line((cx, cy, rng.uniform(0, width), rng.uniform(0, height)), fill=(9, 20, 30))
        draw.text((cx, cy), "Kodak 24", fill=(240, 240, 220))
    return np.asarray(image)


def jpeg(rgb: Pixels, quality: int) -> Pixels:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out))


def blurred(rgb: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(1.2)))


def warmer(rgb: Pixels) -> Pixels:
    return (rgb.astype(np.int32) + np.array([9, 2, -7])).clip(0, 255).astype(np.uint8)


def one_value_off(rgb: Pixels) -> Pixels:
    other = rgb.copy()
    other[-1, -1, 1] ^= 1
    return other


def published(a: Pixels, b: Pixels) -> float:
    files = []
    for rgb in (a, b):
        file = io.BytesIO()
        Image.fromarray(rgb).save(file, "PNG", compress_level=1)
        files.append(file)
    return float(compute_ssimulacra2(*files))


DAMAGE = {
    "jpeg-4": lambda rgb: jpeg(rgb, 4),
    "jpeg-60": lambda rgb: jpeg(rgb, 60),
    "jpeg-98": lambda rgb: jpeg(rgb, 98),
    "blur": blurred,
    "colour": warmer,
    "one value": one_value_off,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("size", [(300, 331), (64, 97), (17, 8), (8, 8)])
def test_score_is_the_package_s(size: tuple[int, int], damage: str) -> None:
    original = drawn(*size)
    other = DAMAGE[damage](original)
    assert Reference(original).measure(other).score == pytest.approx(
        published(original, other), abs=1e-3
    )


def test_a_reference_serves_many_candidates() -> None:
    original = drawn(120, 90)
    reference = Reference(original)
    scores = [reference.measure(jpeg(original, q)).score for q in (10, 40, 90)]
    assert scores == sorted(scores)
    assert scores[0] == Reference(original).measure(jpeg(original, 10)).score


@pytest.mark.parametrize("size", [(1, 1), (7, 7), (5, 300), (300, 1)])
def test_pictures_too_small_for_the_package_are_still_judged(size: tuple[int, int]) -> None:
    original = drawn(*size)
    reference = Reference(original)
    assert reference.measure(original).score == 100
    slightly = reference.measure(warmer(original)).score
    assert reference.measure(255 - original).score < slightly < 100


def test_identical_pictures() -> None:
    original = drawn(40, 50)
    found = Reference(original).measure(original.copy())
    assert (found.score, found.worst, found.psnr) == (100, 100, math.inf)


def test_worst_is_the_damaged_region() -> None:
    original = drawn(512, 768)
    other = original.copy()
    other[300:400, 560:660] = blurred(other[300:400, 560:660])
    found = Reference(original).measure(other)
    # The region alone, with its true surroundings cut off, scores nearly the same.
    alone = Reference(original[256:, 512:]).measure(other[256:, 512:])
    assert found.worst < found.score - 1
    assert found.worst == pytest.approx(alone.score, abs=0.5)


def test_a_narrow_last_region_joins_its_neighbour() -> None:
    original = drawn(80, 300)
    other = original.copy()
    other[:, 256:] = blurred(other[:, 256:])
    found = Reference(original).measure(other)
    assert found.worst == found.score  # one region: 300 = 256 + 44
    wider = np.pad(original, ((0, 0), (0, 40), (0, 0)), mode="edge")
    other = np.pad(other, ((0, 0), (0, 40), (0, 0)), mode="edge")
    found = Reference(wider).measure(other)
    assert found.worst < found.score  # two: 256 and 84


def test_worst_is_never_over_the_whole() -> None:
    original = drawn(9, 600)
    found = Reference(original).measure(warmer(original))
    assert found.worst <= found.score


def test_psnr_is_exact() -> None:
    a = np.zeros((150, 20, 3), np.uint8)
    b = a.copy()
    assert psnr(a, b) == math.inf
    b[149, 19, 2] = 255
    assert psnr(a, b) == pytest.approx(10 * math.log10(150 * 20 * 3))
    assert psnr(a, np.full_like(a, 255)) == 0.0


def test_transparent_pixels_do_not_count() -> None:
    original = drawn(60, 70)
    alpha = np.full((60, 70), 255, np.uint8)
    alpha[:, 30:] = 0
    other = original.copy()
    other[:, 30:] = 77
    assert Reference(original, alpha).measure(other, alpha).psnr == math.inf
    assert Reference(original).measure(other).psnr < 30


def test_over_grey() -> None:
    rgb = np.full((70, 2, 3), 255, np.uint8)
    alpha = np.tile(np.array([0, 128], np.uint8), (70, 1))
    shown = over_grey(rgb, alpha)
    assert shown[69, 0].tolist() == [128] * 3
    assert shown[69, 1].tolist() == [192] * 3
    assert over_grey(rgb, None) is rgb


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="original"):
        Reference(drawn(20, 20)).measure(drawn(20, 21))


def test_the_number_of_threads_changes_nothing() -> None:
    original = drawn(400, 500)
    reports = {Reference(original).measure(jpeg(original, 30), threads=n) for n in (1, 2, 5)}
    assert len(reports) == 1


def test_stopped_as_what_is_coded_would_be() -> None:
    original, stop = drawn(40, 50), Stop()
    stop.set()
    with heeding(stop), pytest.raises(Stopped):
        Reference(original).measure(warmer(original))
