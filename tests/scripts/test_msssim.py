"""MS-SSIM where its value can be said by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.msssim import C1, decibels, ms_ssim


def grey(value: int) -> np.ndarray:
    return np.full((176, 180, 3), value, np.uint8)


def test_identical() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (180, 200, 3), dtype=np.uint8)
    assert ms_ssim(noise, noise) == pytest.approx(1)
    assert decibels(1.0) == 100


def test_flat_pictures_differ_in_light_alone() -> None:
    light = (2 * 100 * 140 + C1) / (100**2 + 140**2 + C1)
    assert ms_ssim(grey(100), grey(140)) == pytest.approx(light**0.1333)


def test_more_noise_is_less_like() -> None:
    rng = np.random.default_rng(0)
    base = np.kron(rng.integers(60, 190, (22, 23, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    worse = [(base + rng.normal(0, s, base.shape)).clip(0, 255).astype(np.uint8) for s in (4, 30)]
    little, much = (ms_ssim(base, other) for other in worse)
    assert 0.3 < much < little < 1


def test_decibels() -> None:
    assert decibels(0.9) == pytest.approx(10)


def test_small_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="176"):
        ms_ssim(grey(1)[:100], grey(1)[:100])
