"""What a name alone says of what a model can do, and that it agrees with the model itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdz import models
from sdz.codec.autoencoder import Searchable, Whole
from sdz.container import WELL_KNOWN, Header, Model
from sdz.errors import BadField, BadOption, ModelMissing, UnknownModel, WeightsMismatch
from sdz.models.editions import weights_hash


def test_the_built_in_model_can_be_searched() -> None:
    models.require_able("lite-1")
    models.require_able("lite-1", "high")
    model = models.load("lite-1")
    assert isinstance(model, Whole)
    assert isinstance(model.searchable(), Searchable)


def test_an_added_model_cannot(save_tiny: Callable[..., Path]) -> None:
    models.add(save_tiny(), "own")
    models.require_able("own")
    with pytest.raises(BadOption, match="effort: expected normal with own"):
        models.require_able("own", "high")
    assert not isinstance(models.load("own"), Searchable)


def test_one_that_could_be_pulled_is_known_by_name() -> None:
    models.require_able("taesd")
    with pytest.raises(BadOption, match="cannot be searched"):
        models.require_able("taesd", "high")


@pytest.mark.parametrize("effort", ["normal", "high"])
def test_a_name_that_means_nothing(effort: str) -> None:
    with pytest.raises(UnknownModel, match="nope"):
        models.require_able("nope", effort)


def test_who_reads_a_file_is_known_by_its_header(save_tiny: Callable[..., Path]) -> None:
    def header(model: Model, weights: bytes) -> Header:
        return Header(512, 512, model, weights, 0)

    row = models.add(save_tiny(latent_channels=6), "own")
    assert row.weights_hash is not None
    own = bytes.fromhex(row.weights_hash)
    assert models.require_reader(header(WELL_KNOWN[0], weights_hash())) == "lite-1"
    assert models.require_reader(header(Model(0, "own", 6, 8), own)) == "own"
    for model, weights, error in (
        (Model(0, "nobodys", 1024, 1), own, UnknownModel),
        (Model(0, "own", 1024, 1), own, BadField),
        (Model(0, "lite-1", 1024, 1), weights_hash(), BadField),
        (Model(0, "own", 6, 8), bytes(8), WeightsMismatch),
        (WELL_KNOWN[0], bytes(8), WeightsMismatch),
        (WELL_KNOWN[1], bytes(8), ModelMissing),
    ):
        with pytest.raises(error):
            models.require_reader(header(model, weights))
