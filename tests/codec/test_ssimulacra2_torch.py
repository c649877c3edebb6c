"""The SSIMULACRA2 that has a gradient agrees with the metric."""

from __future__ import annotations

import drawn
import numpy as np
import pytest
import torch

from sdz.codec.ssimulacra2_torch import Ssimulacra2
from sdz.ssimulacra2 import Original, formula

SIZE = (192, 256)


def tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255 - 0.5


def noisy(pixels: np.ndarray, levels: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, levels, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("levels", [4, 10, 25])
def test_its_score_is_the_metrics(levels: int) -> None:
    picture = drawn.scene(*SIZE)
    other = noisy(picture, levels)
    total = Ssimulacra2(*SIZE)(tensor(other), tensor(picture)).item()
    theirs = Original(picture).compare(other).whole
    # Borders are not the metric's, and small pictures have much of them.
    assert float(formula.score_of(total)) == pytest.approx(theirs, abs=0.2 * (100 - theirs))


def test_the_same_loses_nothing_and_a_wrong_hue_something() -> None:
    picture = tensor(drawn.scene(*SIZE))
    metric = Ssimulacra2(*SIZE)
    assert metric(picture, picture).abs().max() < 0.05
    redder = picture + torch.tensor([0.04, 0.0, 0.0])[:, None, None]
    assert metric(redder, picture) > 0.3


def test_without_the_finest_scale_it_sees_what_is_left() -> None:
    picture, other = (tensor(p) for p in (drawn.scene(*SIZE), noisy(drawn.scene(*SIZE), 10)))
    whole, coarse = (Ssimulacra2(*SIZE, finest)(other, picture).item() for finest in (0, 1))
    assert 0 < coarse < whole
    assert Ssimulacra2(*SIZE, 1, every=2)(other, picture).item() == pytest.approx(coarse, rel=0.1)


def test_a_picture_that_is_smaller_than_the_window_has_none() -> None:
    small = torch.zeros(1, 3, 10, 200)
    assert Ssimulacra2(10, 200)(small + 0.1, small) == 0


def test_it_has_a_gradient_also_where_all_is_black_or_the_same() -> None:
    metric = Ssimulacra2(*SIZE, 1)
    for original in (torch.full((1, 3, *SIZE), -0.5), tensor(drawn.scene(*SIZE))):
        decoded = original.clone().requires_grad_()
        metric.of(decoded, metric.see(original)).sum().backward()
        assert decoded.grad is not None
        assert torch.isfinite(decoded.grad).all()
