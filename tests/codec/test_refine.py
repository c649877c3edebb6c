"""High effort: latents that decode better at the same size, whatever the size of the picture."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import drawn
import numpy as np
import pytest
import torch
from fake_autoencoder import FakeAutoencoder

import sdz
from sdz.codec import refine as module
from sdz.codec.autoencoder import Searchable, Tiled
from sdz.codec.encode import encode_picture
from sdz.codec.pixels import Picture, open_picture
from sdz.container import unpack
from sdz.errors import BadOption
from sdz.models import lite, lite_torch
from sdz.wish import Wish

SCENE = drawn.scene(112, 144)
LANDSCAPE = Path(__file__).parents[1] / "golden" / "lite-1.png"


@pytest.fixture(scope="module")
def model() -> lite.Lite:
    return lite.load()


@dataclass(frozen=True)
class Spied:
    """lite-1, noting what it is asked to decode in a search; ``max_tile`` may be smaller."""

    model: lite_torch.LiteTorch
    max_tile: int = lite_torch.MAX_TILE
    asked: list[tuple[int, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.model, name)

    def decode_for_search(self, latents: torch.Tensor) -> torch.Tensor:
        self.asked.append(tuple(latents.shape[2:]))
        return self.model.decode_for_search(latents)


def test_lite_can_be_searched_and_the_fake_cannot(model: lite.Lite) -> None:
    assert isinstance(model.searchable(), Searchable)
    fake = FakeAutoencoder()
    assert isinstance(fake, Tiled)
    with pytest.raises(BadOption, match=r"effort.*normal with fake: it cannot be searched"):
        encode_picture(Picture(SCENE), fake, Wish(effort="high"))


@pytest.mark.parametrize("bfloat16", [False, True])
def test_a_search_decodes_better_for_its_bytes(
    model: lite.Lite, bfloat16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the bytes that high effort takes, normal effort scores less, on any processor."""
    monkeypatch.setattr(module, "has_bfloat16", lambda: bfloat16)
    picture = Picture(SCENE)
    high = encode_picture(picture, model, Wish(quality=60, effort="high"))
    options = Wish(target_bytes=len(high.data), keep="none")
    normal = encode_picture(picture, model, options)
    assert high.report.score > normal.report.score
    assert sdz.info(high.data)["report"]["psnr"] == pytest.approx(high.report.psnr, abs=0.1)
    assert sdz.decode(high.data).size == (144, 112)


def test_a_size_is_kept_to_and_filled_better(model: lite.Lite) -> None:
    found = {
        effort: encode_picture(
            Picture(SCENE), model, Wish(target_bytes=1200, effort=effort, keep="none")
        )
        for effort in ("normal", "high")
    }
    assert len(found["high"].data) <= 1200
    assert found["high"].report.score > found["normal"].report.score


@pytest.mark.parametrize("target", [1500, 3000, 9000, 40_000])
def test_a_size_is_kept_to_with_alpha_too(
    model: lite.Lite, target: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the finest latents leave room for all levels of alpha."""
    monkeypatch.setattr(module, "STEPS", 12)
    picture = Picture(SCENE, drawn.soft_alpha(112, 144))
    options = Wish(target_bytes=target, allow_larger=True)
    normal = encode_picture(picture, model, options)
    high = encode_picture(picture, model, replace(options, effort="high"))
    assert len(high.data) <= target
    assert high.report.score >= normal.report.score
    measured = sdz.info(high.data)["report"]
    assert measured["psnr"] == pytest.approx(high.report.psnr, abs=0.1)


def test_a_search_for_a_size_begins_at_a_smaller_one(
    model: lite.Lite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice at the most."""
    begun: list[int] = []
    real = module.refine

    def spied(*args: Any) -> Any:
        begun.append(args[-1].code)
        return real(*args)

    monkeypatch.setattr(module, "refine", spied)
    options = Wish(target_bytes=2500, effort="high", keep="none")
    found = encode_picture(open_picture(LANDSCAPE), model, options)
    normal = encode_picture(open_picture(LANDSCAPE), model, replace(options, effort="normal"))
    assert 1 <= len(begun) <= 2
    assert 0.98 * 2500 <= len(found.data) <= 2500
    assert begun[0] > unpack(normal.data).header.step
    assert found.report.score > normal.report.score


def test_a_score_is_reached_with_fewer_bytes(model: lite.Lite) -> None:
    picture = open_picture(LANDSCAPE)
    found = {
        effort: encode_picture(picture, model, Wish(min_score=50, effort=effort))
        for effort in ("normal", "high")
    }
    assert found["high"].report.score >= 50
    assert len(found["high"].data) < len(found["normal"].data)


@pytest.mark.parametrize("wish", [{"min_score": 2}, {"target_bytes": 125}])
def test_what_a_search_cannot_reach_is_taken_as_it_was(
    model: lite.Lite, wish: dict[str, int]
) -> None:
    """Latents that were searched for at one step are little use at a far finer or coarser one."""
    normal = encode_picture(Picture(SCENE), model, Wish(**wish))
    high = encode_picture(Picture(SCENE), model, Wish(effort="high", **wish))
    assert high.report.score >= min(normal.report.score, wish.get("min_score", 100))
    assert len(high.data) <= max(len(normal.data), wish.get("target_bytes", 0))


def test_the_same_picture_gives_the_same_file(
    model: lite.Lite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEPS", 3)
    options = Wish(quality=40, effort="high")
    first = encode_picture(Picture(SCENE), model, options).data
    torch.manual_seed(99)  # the draws are the search's own
    assert encode_picture(Picture(SCENE), model, options).data == first


def test_a_large_picture_is_searched_window_by_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """With margins of the network's reach: 7 latents on each side of at most CORE of them."""
    monkeypatch.setattr(module, "STEPS", 1)
    monkeypatch.setattr(module, "CORE", 6)
    spied = Spied(lite_torch.load())
    options = Wish(quality=40, effort="high")
    encode_picture(Picture(drawn.scene(160, 320)), spied, options)
    # 10 x 20 latents: two rows of windows and four columns, each with its margins
    assert sorted(set(spied.asked)) == [(10, 12), (10, 17)]
    assert len(spied.asked) == 8


def test_small_tiles_make_small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where memory is short the engine asks for smaller tiles, of a search too."""
    monkeypatch.setattr(module, "STEPS", 1)
    spied = Spied(lite_torch.load(), max_tile=20)
    options = Wish(quality=40, effort="high")
    encode_picture(Picture(drawn.scene(64, 640)), spied, options)
    assert max(width for _, width in spied.asked) <= 20


@pytest.mark.parametrize("side", [1, 15, 17])
def test_pictures_of_few_pixels_are_no_trouble(
    model: lite.Lite, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEPS", 2)
    options = Wish(quality=50, effort="high", allow_larger=True)
    data = encode_picture(Picture(SCENE[:side, :side]), model, options).data
    assert sdz.decode(data).size == (side, side)


def test_alpha_stays_what_it_is(model: lite.Lite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEPS", 2)
    alpha = np.full(SCENE.shape[:2], 255, np.uint8)
    alpha[:40] = 0
    options = Wish(quality=90, effort="high")
    decoded = sdz.decode(encode_picture(Picture(SCENE, alpha), model, options).data)
    assert np.array_equal(np.asarray(decoded)[..., 3], alpha)


def test_a_search_asks_its_device_for_nothing_between_its_steps(
    model: lite.Lite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that Python looks at are waited for. Adam's counter of steps alone is one, which is
    always the processor's."""
    from torch.utils._python_dispatch import TorchDispatchMode

    looks: list[str] = []

    class Watched(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:
            if "_local_scalar_dense" in str(func):
                looks.append(str(func))
            return func(*args, **(kwargs or {}))

    monkeypatch.setattr(module, "STEPS", 4)
    real = module._Window.search

    def search(*args: Any) -> Any:
        with Watched():
            return real(*args)

    monkeypatch.setattr(module._Window, "search", search)
    encode_picture(Picture(SCENE), model, Wish(quality=40, effort="high"))
    assert len(looks) <= 4


@pytest.mark.parametrize(
    "device",
    [
        "cpu",  # as on a card: in floats, whose device the search is done on
        pytest.param(
            "cuda",
            marks=[
                pytest.mark.gpu,
                pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
            ],
        ),
    ],
)
def test_a_search_is_done_where_the_network_is(device: str) -> None:
    model = lite_torch.load(device)
    before, after = (
        encode_picture(Picture(SCENE), model, Wish(quality=40, effort=effort))
        for effort in ("normal", "high")
    )
    assert len(after.data) < len(before.data) or after.report.score > before.report.score
