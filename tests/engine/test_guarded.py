"""The guarded model is an autoencoder in every respect that the codec asks for."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from fake_autoencoder import FakeAutoencoder

from sdz.codec.autoencoder import Autoencoder, Searchable, Tiled
from sdz.engine.guarded import Guarded, GuardedWhole, guard
from sdz.errors import JobCancelled


class Searched(FakeAutoencoder):
    """The fake one, which can be searched: all of it is differentiable as it is."""

    search_device = "cpu"

    def worth(self, code: int) -> float:
        return 2.0 * code

    def decode_for_search(self, latents: torch.Tensor) -> torch.Tensor:
        return self.decode(latents)


def guarded(model: Autoencoder, **conditions: Any) -> Guarded | GuardedWhole:
    usual = {
        "device": "cpu",
        "dtype": None,
        "checkpoint": lambda: None,
        "advanced": lambda: None,
        "turn": nullcontext(),
    }
    return guard(model, **{**usual, **conditions})


def test_it_is_an_autoencoder_with_the_properties_of_its_model() -> None:
    model = FakeAutoencoder(max_tile=64)
    found = guarded(model)
    assert isinstance(found, Tiled)
    for name in ("name", "quantiser", "factor", "weights_hash", "halo", "max_tile"):
        assert getattr(found, name) == getattr(model, name)


def test_it_can_be_searched_if_its_model_can() -> None:
    assert not isinstance(guarded(FakeAutoencoder()), Searchable)
    found = guarded(Searched(), shrink=2)
    assert isinstance(found, Searchable)
    assert found.worth(3) == 6.0
    assert found.max_tile == 32


def test_gradients_of_a_search_are_in_float32() -> None:
    latents = torch.zeros(1, 12, 4, 4, requires_grad=True)
    found = guarded(Searched(), dtype=torch.bfloat16)
    assert isinstance(found, Searchable)
    decoded = found.decode_for_search(latents)
    decoded.sum().backward()  # type: ignore[no-untyped-call]
    assert decoded.dtype == torch.float32
    assert latents.grad is not None
    assert latents.grad.abs().min() > 0


def test_a_search_is_stopped_between_its_steps_and_says_how_far_it_is() -> None:
    steps: list[str] = []

    def checkpoint() -> None:
        if len(steps) == 2:
            raise JobCancelled

    found = guarded(Searched(), checkpoint=checkpoint, advanced=lambda: steps.append("step"))
    assert isinstance(found, Searchable)
    for _ in range(2):
        found.decode_for_search(torch.zeros(1, 12, 4, 4))
    with pytest.raises(JobCancelled):
        found.decode_for_search(torch.zeros(1, 12, 4, 4))
    assert steps == ["step", "step"]
