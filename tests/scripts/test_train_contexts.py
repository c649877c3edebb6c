"""The training's contexts see nothing that a decoder has not read, and cost what they say."""

from __future__ import annotations

import pytest
import torch
from context_rate import FULL, ContextRate, symbol_bits

CHANNELS = 24


def _rate() -> ContextRate:
    torch.manual_seed(0)
    rate = ContextRate(CHANNELS).requires_grad_(False)
    for parameter in rate.parameters():
        parameter.add_(torch.randn_like(parameter) * 0.1)
    return rate


def _read_before(channel: int, place: tuple[int, int], size: tuple[int, int]) -> torch.Tensor:
    """Which symbols of the channel are read before the one at ``place``: [h, w] booleans."""
    rows, columns = torch.arange(size[0])[:, None], torch.arange(size[1])
    if channel < FULL:
        return (rows < place[0]) | ((rows == place[0]) & (columns < place[1]))
    second = (rows + columns) % 2 == 1
    return ~second if sum(place) % 2 else torch.zeros(size, dtype=torch.bool)


@pytest.mark.parametrize(
    ("channel", "place"), [(0, (3, 3)), (5, (2, 4)), (FULL, (3, 3)), (FULL + 3, (3, 4))]
)
def test_a_symbol_depends_on_those_read_before_it(channel: int, place: tuple[int, int]) -> None:
    rate, size, at = _rate(), (6, 7), torch.tensor([2.0])
    q = torch.randn(1, *size, CHANNELS).mul(2).round()
    before = rate.distribution(q, at)
    changed = q.clone()
    later = ~_read_before(channel, place, size)
    changed[0, ..., channel][later] += 3
    changed[0, ..., channel + 1 :] -= 2
    after = rate.distribution(changed, at)
    for a, b in zip(before, after, strict=True):
        here = (0, *place, channel)
        assert a[here].item() == pytest.approx(b[here].item(), abs=1e-5)
        assert torch.equal(a[..., :channel], b[..., :channel])


def test_costs_are_of_a_distribution() -> None:
    q = torch.arange(-60, 61).float()
    for mean, scale in ((0.0, 0.05), (0.3, 1.0), (-2.4, 4.0)):
        bits = symbol_bits(q, torch.tensor(mean), torch.tensor(scale))
        assert torch.exp2(-bits).sum().item() == pytest.approx(1, abs=1e-4)
    far = symbol_bits(torch.tensor(100.0), torch.tensor(0.0), torch.tensor(0.05))
    assert far.isfinite()
    assert far > 2000


def test_bits_are_of_the_rounded_and_noise_teaches_the_latents() -> None:
    rate = _rate().requires_grad_(True)
    y = (torch.randn(2, 4, 4, CHANNELS) * 2).requires_grad_(True)
    at = torch.tensor([0.5, 6.0])
    noise = torch.rand_like(y) - 0.5
    bits = rate(y, at, noise)
    assert torch.allclose(bits, rate(y.round(), at))
    assert torch.autograd.grad(bits.sum(), y)[0].abs().sum() > 0
