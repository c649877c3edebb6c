"""What a name alone says of what a model can do, and that it agrees with the model itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdz import models
from sdz.codec.autoencoder import Searchable
from sdz.errors import BadOption, UnknownModel


def test_the_built_in_model_can_be_searched() -> None:
    models.require_able("lite-1")
    models.require_able("lite-1", "high")
    assert isinstance(models.load("lite-1"), Searchable)


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
