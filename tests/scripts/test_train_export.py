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


def test_a_louder_channel_counts_more(net: LiteNet) -> None:
    net.decode_gain[:, 0] += 2.0
    net.decoder.enter.weight[:, 1] = 0
    found = export.sensitivity(net, torch.rand(2, 3, 64, 64) - 0.5, 4)
    assert found.shape == (SMALL.latents,)
    assert found[1] == 0
    assert found[0] > 4 * found[2:].mean()


def test_colour_of_smooth_regions_counts_beside_the_error(
    net: LiteNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    crops = torch.rand(2, 3, 64, 64) - 0.5
    found = []
    for colour in (0.0, 30.0):
        torch.manual_seed(4)
        monkeypatch.setattr(export, "COLOUR", colour)
        found.append(export.sensitivity(net, crops, 4))
    assert (found[1] >= found[0]).all()
    assert found[1].sum() > found[0].sum()
