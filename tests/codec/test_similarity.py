"""The similarity that has a gradient agrees with the one of the benchmark."""

from __future__ import annotations

import drawn
import numpy as np
import pytest
import torch

from benchmarks import msssim
from sdz.codec.similarity import ms_ssim


def tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def noisy(pixels: np.ndarray, levels: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, levels, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def test_similarity_is_one_for_the_same_and_falls_as_the_benchmark_s_does() -> None:
    picture = drawn.scene(192, 256)
    assert ms_ssim(tensor(picture), tensor(picture)).item() == pytest.approx(1, abs=1e-6)
    ours, theirs = [], []
    for levels in (4, 10, 25, 60):
        other = noisy(picture, levels)
        ours.append(ms_ssim(tensor(picture), tensor(other)).item())
        theirs.append(msssim.ms_ssim(picture, other))
    assert ours == sorted(ours, reverse=True)
    # Without the finest scale, where noise is most, it is the kinder of the two, and not by much.
    assert all(0 <= a - b < 0.12 for a, b in zip(ours, theirs, strict=True))


def test_every_second_window_tells_nearly_the_same() -> None:
    picture = drawn.scene(192, 256)
    for levels in (4, 25):
        other = tensor(noisy(picture, levels))
        whole, half = (ms_ssim(tensor(picture), other, every).item() for every in (1, 2))
        assert whole != half
        assert half == pytest.approx(whole, abs=0.01)


def test_similarity_has_a_gradient_also_where_nothing_is_alike() -> None:
    a = tensor(drawn.scene(192, 192))
    b = (1 - a).requires_grad_()
    (1 - ms_ssim(a, b)).sum().backward()
    assert b.grad is not None
    assert torch.isfinite(b.grad).all()
