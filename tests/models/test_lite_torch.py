"""lite-1 in floats: what the integers compute, to within a level, and with gradients."""

from __future__ import annotations

from pathlib import Path

import drawn
import numpy as np
import pytest
import torch

import sdz
from sdz import container
from sdz.codec.autoencoder import Searchable
from sdz.codec.decode import decode_file
from sdz.codec.tiles import encode_picture
from sdz.models import editions, lite, lite_tables, lite_torch

FINEST = 16384


def test_pixels_are_within_a_level_of_the_integers() -> None:
    for quality in (5, 50, 95):
        file = container.unpack(sdz.encode(drawn.as_file(drawn.scene(190, 133)), quality=quality))
        whole, floats = (decode_file(file, model) for model in (lite.load(), lite_torch.load()))
        assert np.abs(whole.astype(int) - floats).max() <= 1
        assert (whole != floats).mean() < 0.1


def test_latents_are_those_of_the_integers() -> None:
    rgb = drawn.scene(100, 131)
    whole, floats = lite.load().encode(rgb), encode_picture(lite_torch.load(), rgb, None)
    assert np.abs(whole - floats).max() < 0.02
    assert np.abs(whole).mean() > 0.1


@pytest.mark.parametrize("path", sorted(editions.EARLIER.iterdir()), ids=lambda path: path.stem)
def test_an_edition_that_only_reads_reads(path: Path) -> None:
    model = lite_torch.load(path=path)
    assert model.decode(torch.zeros(1, 192, 2, 3)).shape == (1, 3, 32, 48)
    with pytest.raises(sdz.errors.BadModel, match="only reads"):
        model.encode(torch.zeros(1, 3, 32, 32))


class TestSearch:
    def test_the_integers_hand_it_out(self) -> None:
        model = lite.load().searchable()
        assert isinstance(model, Searchable)
        assert model.weights_hash == editions.weights_hash()

    def test_an_error_is_worth_what_it_was_in_the_training(self) -> None:
        model = lite_torch.load()
        lambdas = lite_tables.tables().lambdas
        for rate, expected in enumerate(lambdas):
            code = FINEST + (len(lambdas) - 1 - rate) * lite_tables.CODES_PER_RATE
            assert model.worth(code) == pytest.approx(expected * 255**2, rel=1e-6)
        assert model.worth(0) > model.worth(FINEST)

    def test_it_decodes_as_ever_and_gradients_flow_back(self) -> None:
        model = lite_torch.load()
        latents = torch.zeros(1, model.quantiser.channels, 4, 5).normal_(
            generator=torch.manual_seed(2)
        )
        latents.requires_grad_()
        decoded = model.decode_for_search(latents)
        assert torch.equal(decoded.detach(), model.decode(latents.detach()))
        decoded.square().sum().backward()  # type: ignore[no-untyped-call]
        assert latents.grad is not None
        assert bool(latents.grad.abs().sum(1).gt(0).all())
