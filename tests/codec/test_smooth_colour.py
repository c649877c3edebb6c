"""What is seen of a wrong hue, and of what is none."""

from __future__ import annotations

import pytest
import torch

from sdz.codec.smooth_colour import BLOCK, colour_of_smooth, luma

RED = torch.tensor([0.05, 0.0, 0.0])[:, None, None]


def test_a_hue_counts_and_brightness_does_not() -> None:
    flat = torch.full((1, 3, 64, 48), 0.5)
    hue = RED - luma(RED[None]).squeeze()
    assert colour_of_smooth(flat + 0.1, flat) == pytest.approx(0, abs=1e-9)
    assert colour_of_smooth(flat + hue, flat) == pytest.approx(hue.square().mean().item(), rel=1e-3)
    assert colour_of_smooth(flat + RED, flat) == pytest.approx(hue.square().mean().item(), rel=1e-3)


def test_it_counts_where_the_original_is_smooth() -> None:
    flat = torch.full((1, 3, 64, 64), 0.5)
    rough = flat + 0.3 * (torch.arange(64) % 2 - 0.5)
    assert colour_of_smooth(flat + RED, flat) > 10 * colour_of_smooth(rough + RED, rough)


def test_what_a_mean_of_blocks_evens_out_is_not_seen() -> None:
    flat = torch.full((1, 3, 64, 64), 0.5)
    sign = (torch.arange(64) % 2 * 2 - 1.0)[None, None, None]
    assert colour_of_smooth(flat + sign * RED, flat) == pytest.approx(0, abs=1e-9)
    assert colour_of_smooth(flat[..., :BLOCK, :BLOCK] + RED, flat[..., :BLOCK, :BLOCK]) > 0
