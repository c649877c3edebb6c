"""The expected bits are those of the trained coder, and have a gradient that tells what to do."""

from __future__ import annotations

from functools import cache

import drawn
import numpy as np
import pytest
import torch
import trained_arrays
from torch import Tensor

from sdz.codec.trained_bits import TrainedBits
from sdz.entropy.trained import Statistics, choose_symbols, encode_symbols
from sdz.models import load


@cache
def statistics() -> Statistics:
    found = load("lite-1").quantiser.statistics
    assert found is not None
    return found


@cache
def chosen(quality: float) -> tuple[np.ndarray, int]:
    """Integers [C, h, w] as an encoder takes them, and their step code."""
    model = load("lite-1")
    q, code = model.quantiser, model.quantiser.code_for_quality(quality)
    wanted = model.encode(drawn.scene(256, 320)) * q.scales(code)[:, None, None]
    return choose_symbols(wanted, q.rd_weights(code), statistics(), code), code


def bits_of(quality: float) -> tuple[TrainedBits, Tensor]:
    symbols, code = chosen(quality)
    values = torch.from_numpy(symbols.astype(np.float32))
    return TrainedBits(statistics(), code, values), values


@pytest.mark.parametrize("quality", [15, 33, 50, 70, 90, 100])
def test_they_are_the_coder_s(quality: float) -> None:
    """But for the drift of levels: of drawn pictures, which these are, up to a seventh."""
    symbols, code = chosen(quality)
    bits, values = bits_of(quality)
    taken = 8 * len(encode_symbols(symbols.astype(np.int32), statistics(), code))
    assert 0.94 < bits.of(values).item() / taken < 1.15


def test_they_follow_the_coder_from_one_array_to_another() -> None:
    """One symbol more or less changes both alike: that is what a search goes by."""
    symbols, code = chosen(33)
    bits, _ = bits_of(33)
    rng = np.random.default_rng(5)
    for share in (0.3, 0.6, 0.9):
        fewer = np.where(rng.random(symbols.shape) < share, symbols, 0).astype(np.int32)
        taken = 8 * len(encode_symbols(fewer, statistics(), code))
        expected = bits.of(torch.from_numpy(fewer.astype(np.float32))).item()
        assert 0.9 < expected / taken < 1.2


def test_between_two_integers_they_are_between() -> None:
    bits, values = bits_of(50)
    found = [bits.of(values * factor).item() for factor in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)]
    assert found == sorted(found)


def test_the_gradient_points_towards_zero_and_is_finite() -> None:
    bits, values = bits_of(33)
    moved = (values + 0.1).requires_grad_()
    bits.of(moved).backward()
    assert moved.grad is not None
    assert bool(moved.grad.isfinite().all())
    late = len(values) // 2  # the later channels are coded around 0, the first around a mean
    assert moved.grad[late:][values[late:] > 0].mean() > 0
    assert moved.grad[late:][values[late:] < 0].mean() < 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (7, 1), (2, 2)])
def test_the_smallest_pictures_are_no_trouble(shape: tuple[int, int]) -> None:
    values = torch.ones(statistics().sizes.channels, *shape)
    bits = TrainedBits(statistics(), 30000, values)
    for factor in (0.0, 1.0, 400.0):
        assert bool(bits.of(values * factor).isfinite())


@pytest.mark.parametrize("causal", [0, 5, 12])
def test_statistics_of_either_kind_of_channel_alone_are_no_trouble(causal: int) -> None:
    known = trained_arrays.statistics(channels=12, causal=causal)
    symbols = trained_arrays.symbols((12, 6, 9))
    values = torch.from_numpy(symbols.astype(np.float32)).requires_grad_()
    found = TrainedBits(known, 20000, values.detach()).of(values)
    found.backward()
    assert found > 0
    assert values.grad is not None
    assert bool(values.grad.isfinite().all())
