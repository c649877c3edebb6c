"""A look is met whatever the picture, by few attempts; what is kept is said, and read back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import drawn
import numpy as np
import pytest
from fake_autoencoder import FakeAutoencoder
from PIL import Image

from sdz import container
from sdz.codec import looks
from sdz.codec.decode import decode_file
from sdz.codec.encode import Encoded, encode_picture
from sdz.codec.fidelity import Reference
from sdz.codec.kept.lines import boxes_of_text
from sdz.codec.pixels import Picture
from sdz.codec.score_map import classes_of, unpack_scores
from sdz.errors import BadOption
from sdz.models import lite
from sdz.wish import PRESETS, PROMISED, Wish


@pytest.fixture(scope="module")
def model() -> Any:
    return lite.load()


def photograph(height: int, width: int) -> Picture:
    """Something with slopes, edges and texture in it, all of which latents serve well."""
    rng = np.random.default_rng(7)
    coarse = rng.normal(0, 20, (height // 8 + 1, width // 8 + 1)).astype(np.float32)
    texture = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    rgb = drawn.smooth(height, width).astype(np.float32) + texture[..., None]
    return Picture(np.clip(rgb, 0, 255).astype(np.uint8))


PHOTOGRAPH = photograph(192, 288)


def looked(model: Any, **wish: Any) -> Encoded:
    return encode_picture(PHOTOGRAPH, model, Wish(**wish))


@pytest.mark.parametrize("preset", ["small", "standard", "near"])
def test_the_score_is_met(model: Any, preset: str) -> None:
    found = looked(model, preset=preset)
    assert 0 <= found.report.score - PRESETS[preset] <= PROMISED
    measured = Reference(PHOTOGRAPH.rgb).measure(decode_file(container.unpack(found.data), model))
    assert measured == found.report


def test_latents_are_coded_a_few_times_at_the_most(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded: list[int] = []

    def spied(source: Any, step: int) -> Any:
        coded.append(step)
        return code(source, step)

    code = looks.code
    monkeypatch.setattr(looks, "code", spied)
    looked(model, preset="standard")
    assert 1 <= len(coded) <= 5


def test_who_fell_short_twice_aims_beyond() -> None:
    far, low, short = (49.3, _attempt(64.4)), (16.0, _attempt(6.6)), (22.6, _attempt(26.9))
    steps = [looks._next(tried, 30.7) - 22.6 for tried in ([far, short], [far, low, short])]
    assert steps[1] > 1.5 * steps[0] > 0


def _attempt(score: float) -> Any:
    return SimpleNamespace(report=SimpleNamespace(score=score))


def test_with_nothing_kept_it_is_latents_alone(model: Any) -> None:
    assert container.unpack(looked(model, keep="none").data).kept is None


def test_the_map_is_what_a_fresh_measurement_finds(model: Any) -> None:
    found = looked(model, quality=60)
    file = container.unpack(found.data)
    if file.scores is None:  # too dear for so small a file
        pytest.skip("no map")
    cells = Reference(PHOTOGRAPH.rgb).look(decode_file(file, model)).cells
    assert np.array_equal(unpack_scores(file.scores, file.header), classes_of(cells))


def test_what_is_kept_by_hand_is_as_it_was(model: Any) -> None:
    found = looked(model, quality=20, keep="40,50,60,30;200,150,999,999")
    file = container.unpack(found.data)
    assert file.kept is not None
    assert [(b.left, b.top, b.width, b.height) for b in (r.box for r in file.kept.regions)] == [
        (40, 50, 60, 30),
        (200, 150, 88, 42),
    ]
    pixels = decode_file(file, model)
    inside = (slice(56, 74), slice(46, 94))
    assert np.abs(pixels[inside].astype(int) - PHOTOGRAPH.rgb[inside]).mean() < 3


def test_a_rectangle_beside_the_picture_is_refused(model: Any) -> None:
    with pytest.raises(BadOption, match="a rectangle in the picture, 288x192"):
        looked(model, keep="288,0,5,5")


def test_text_that_was_asked_for_is_kept(model: Any) -> None:
    picture = Picture(drawn.letters(PHOTOGRAPH.rgb // 3, 60, 40, 30))
    found = encode_picture(picture, model, Wish(quality=10, keep="text"))
    kept = container.unpack(found.data).kept
    assert kept is not None
    assert len(kept.regions) == len(boxes_of_text(picture.rgb)) > 0


def test_a_model_that_cannot_look_so_keeps_the_picture_and_says_so() -> None:
    found = encode_picture(PHOTOGRAPH, FakeAutoencoder(drift=0.9), Wish(preset="fine"))
    assert 0 <= found.report.score - PRESETS["fine"] <= PROMISED + 2


def page_of_lines() -> Picture:
    """Lines of letters from edge to edge, as many as there is room for."""
    rgb = np.full((192, 288, 3), 60, np.uint8)
    for top in range(4, 180, 14):
        rgb = drawn.letters(rgb, top, 4, 40)
    return Picture(rgb)


@pytest.mark.parametrize(
    "wish",
    [
        {"preset": "standard", "keep": "text;auto"},
        {"preset": "near", "keep": "0,0,200,192;auto"},
        {"preset": "near", "keep": "0,0,288,192;text;auto"},
        {"min_score": 70, "keep": "text;auto"},
        {"target_bytes": 9000, "keep": "text;auto"},
    ],
    ids=str,
)
def test_a_page_of_text_has_no_more_regions_than_a_file_holds(model: Any, wish: Any) -> None:
    """Lines of text over all of it kept whole were more than twice the picture: refused."""
    file = container.unpack(encode_picture(page_of_lines(), model, Wish(**wish)).data)
    assert file.kept is not None


def test_a_line_is_not_kept_twice(model: Any) -> None:
    picture = Picture(drawn.letters(PHOTOGRAPH.rgb // 3, 60, 40, 30))
    asked = {"preset": "standard", "keep": "20,40,250,60;text;auto"}
    file = container.unpack(encode_picture(picture, model, Wish(**asked)).data)
    assert file.kept is not None
    over = [one.box for one in file.kept.regions if one.box.top < 64 < one.box.bottom]
    assert len(over) == 1


def test_more_rectangles_than_the_picture_are_refused(model: Any) -> None:
    with pytest.raises(BadOption, match="no more than the picture together"):
        looked(model, keep="0,0,288,192;0,0,10,10")
