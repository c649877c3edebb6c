"""Fallbacks: the smallest that looks as good, found in few attempts."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import drawn
import numpy as np
import pytest
from PIL import Image

from sdz.codec.fidelity import Reference
from sdz.codec.pixels import Picture
from sdz.publishing.fallback import LEAST, MOST, NEAR, Fallback, fallback_of, searched

CURVES: dict[str, Callable[[int], float]] = {
    "steep": lambda quality: 3.0 * quality - 100,
    "bent": lambda quality: 100 - 300 / (quality + 2),
    "flat": lambda quality: 0.5 * math.log(quality),
    "steps": lambda quality: float(quality // 7),
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("guess", [LEAST, 40, MOST])
@pytest.mark.parametrize("score", [-500.0, 0.3, 2.0, 60.0, 93.0, 500.0])
def test_search(curve: str, guess: int, score: float) -> None:
    of, asked = CURVES[curve], list[int]()

    def attempt(quality: int) -> Fallback:
        asked.append(quality)
        return Fallback(b"", quality, of(quality))

    found = searched(attempt, score, guess)
    assert len(set(asked)) == len(asked)
    assert LEAST <= min(asked) <= max(asked) <= MOST
    good = [quality for quality in range(LEAST, MOST + 1) if of(quality) >= score]
    if not good:
        assert found.quality == MOST
    else:
        assert found.score >= score
        assert found.quality == good[0] or found.score - score <= NEAR


@pytest.mark.parametrize("kind", ["avif", "jpeg", "webp"])
def test_it_scores_what_is_asked_as_its_file_is_decoded(kind: str) -> None:
    rgb = drawn.scene(96, 128)
    reference = Reference(rgb)
    found = fallback_of(Picture(rgb), reference, kind, 5.0, 40)
    with Image.open(io.BytesIO(found.data)) as image:
        assert image.format == kind.upper()
        again = reference.measure(np.asarray(image.convert("RGB")))
    assert again.score == found.score >= 5.0


def test_a_drawing_of_colours_is_no_larger_than_it_must_be() -> None:
    # Colours at half size: no JPEG of any quality scores 25 here.
    rgb = drawn.scene(96, 128)
    found = fallback_of(Picture(rgb), Reference(rgb), "jpeg", 25.0, 40)
    assert found.score >= 25.0
    assert found.quality <= 93


def test_clear_places_stay_clear() -> None:
    picture = Picture(drawn.scene(48, 64), drawn.soft_alpha(48, 64))
    assert picture.alpha is not None
    for kind in ("avif", "webp"):
        found = fallback_of(picture, Reference(picture.rgb, picture.alpha), kind, 5.0, 40)
        with Image.open(io.BytesIO(found.data)) as image:
            alpha = np.asarray(image)[..., 3].astype(int)
        assert np.abs(alpha - picture.alpha).max() < 40


def test_metadata_is_that_of_the_picture() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    rgb = drawn.scene(48, 64)
    packed = exif.tobytes().removeprefix(b"Exif\0\0")
    for kind in ("avif", "jpeg", "webp"):
        for picture, kept in ((Picture(rgb), None), (Picture(rgb, exif=packed), "Maker")):
            found = fallback_of(picture, Reference(rgb), kind, 0.0, 20)
            with Image.open(io.BytesIO(found.data)) as image:
                assert image.getexif().get(0x010F) == kept
