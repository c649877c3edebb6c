"""The expected bits follow what the coder really takes, and have a gradient towards zero."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sdz.codec.expected_bits import ExpectedBits
from sdz.entropy import encode_symbols


def symbols(scale: float, seed: int = 3) -> np.ndarray:
    """[8, 24, 24]: busy on the left, quiet on the right, as pictures are."""
    rng = np.random.default_rng(seed)
    spread = scale * np.linspace(2, 0.05, 24)
    return np.rint(rng.laplace(0, 1, (8, 24, 24)) * spread).astype(np.int32)


@pytest.mark.parametrize("scale", [0.4, 1.0, 4.0])
def test_they_are_near_the_coder_s(scale: float) -> None:
    coded = symbols(scale)
    values = torch.from_numpy(coded).float()
    expected = ExpectedBits(values).of(values).item()
    assert 0.7 < expected / (8 * len(encode_symbols(coded))) < 1.7


def test_larger_values_take_more_bits() -> None:
    values = torch.from_numpy(symbols(1.0)).float()
    bits = ExpectedBits(values)
    found = [bits.of(values * factor).item() for factor in (0.5, 1.0, 2.0, 4.0)]
    assert found == sorted(found)


def test_a_lone_value_takes_more_than_one_among_its_like() -> None:
    values = torch.from_numpy(symbols(1.0)).float()
    bits = ExpectedBits(values)
    base = bits.of(values).item()

    def cost(place: tuple[int, int, int]) -> float:
        other = values.clone()
        other[place] += 3
        return bits.of(other).item() - base

    assert cost((4, 12, 22)) > cost((4, 12, 1))


def test_the_gradient_points_towards_zero_and_is_finite() -> None:
    values = torch.from_numpy(symbols(1.0)).float()
    moved = (values + 0.1).requires_grad_()
    ExpectedBits(values).of(moved).backward()
    assert moved.grad is not None
    assert bool(moved.grad.isfinite().all())
    assert moved.grad[values > 0].mean() > 0
    assert moved.grad[values < 0].mean() < 0


@pytest.mark.parametrize("fill", [0.0, 1.0])
def test_latents_that_are_all_alike_are_no_trouble(fill: float) -> None:
    values = torch.full((4, 1, 1), fill)
    found = ExpectedBits(values).of(values)
    assert bool(found.isfinite())
    assert found >= 0
