"""The final score, held to the published package, and the numbers that the maps are made by."""

from __future__ import annotations

import numpy as np
import pytest

from sdz.ssimulacra2 import formula
from ssimulacra2 import ssimulacra2 as package


def test_channels_are_the_package_s() -> None:
    linear = np.random.default_rng(1).random((20, 30, 3))
    # The package works on the transposed picture.
    theirs = package.make_positive_xyb(package.linear_rgb_to_xyb(linear)).transpose(1, 0, 2)
    cones = np.cbrt(linear @ formula.OPSIN.T + formula.OPSIN_BIAS)
    ours = cones @ formula.CHANNELS.T + formula.CHANNELS_SHIFT
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_the_blur_keeps_a_constant() -> None:
    taps = formula.taps()
    assert taps[0] + 2 * taps[1:].sum() == pytest.approx(1)
    assert (np.diff(taps) < 0).all()


def test_bytes_are_black_to_white() -> None:
    light = formula.linear_light()
    assert (light[0], light[255]) == (0, 1)
    assert light[188] == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize("scales", [1, 3, 6])
@pytest.mark.parametrize("damage", [1e-4, 0.02, 0.3])
def test_score_is_the_package_s(scales: int, damage: float) -> None:
    norms = np.random.default_rng(scales).random((scales, 3, 3, 2)) * damage
    judge = package.Msssim()
    for kind in norms:  # [kind, channel, norm]
        scale = package.MsssimScale()
        scale.avg_ssim = kind[0].ravel()
        scale.avg_edgediff = kind[1:].transpose(1, 0, 2).ravel()
        judge.scales.append(scale)
    means = norms.reshape(scales, 9, 2).copy()
    means[:, :, 1] **= 4
    assert formula.score(means) == pytest.approx(judge.score(), abs=1e-6)


def test_no_difference_scores_a_hundred() -> None:
    assert formula.score(np.zeros((6, 9, 2))) == 100.0
