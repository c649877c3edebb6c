"""What an error of a latent counts in rounding."""

from __future__ import annotations

import export
import pytest
import torch
from small_lite import SMALL

from sdz.models.lite_net import LiteNet


@pytest.fixture
def net() -> LiteNet:
    torch.manual_seed(3)
    return LiteNet(SMALL, 8).requires_grad_(False)


@pytest.fixture
def crops() -> torch.Tensor:
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1)) - 0.5


def test_a_louder_channel_counts_more(net: LiteNet, crops: torch.Tensor) -> None:
    net.decode_gain[:, 0] += 2.0
    net.decoder.enter.weight[:, 1] = 0
    found = export.sensitivity(net, crops, 4).worth
    assert found.shape == (SMALL.latents,)
    assert found[1] == 0
    assert found[0] > 4 * found[2:].mean()


def test_colour_counts_beside_the_error(net: LiteNet, crops: torch.Tensor) -> None:
    found = export.sensitivity(net, crops, 4)
    assert (found.colour > 0).all()
    assert (found.worth > found.error).all()


def test_channels_of_colour_get_finer_steps_and_decode_to_the_same(
    net: LiteNet, crops: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = export.sensitivity(net, crops, 2)
    ratios = (found.colour / found.error).sort().values
    between = (ratios[-3] + ratios[-2]).item() / 2  # the two that carry most are chosen
    monkeypatch.setattr(export, "MOSTLY_COLOUR", export.COLOUR * between)
    before = [net.encode_gain.clone(), net.decode_gain.clone()]
    chosen = export.step_colour_finer(net, crops)
    finer = (net.encode_gain - before[0]).exp()
    assert len(chosen) in (1, 2, 3)  # signs of the probe are drawn
    assert torch.allclose(finer[:, chosen], torch.tensor(export.FINER))
    assert finer.gt(1.01).sum() == 8 * len(chosen)
    assert torch.allclose(net.encode_gain + net.decode_gain, sum(before), atol=1e-6)
