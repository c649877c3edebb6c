"""The metric's parts, each held to the published package or to what it must be by definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ssimulacra2 import ssimulacra2 as package

from sdz.codec import ssimulacra2 as metric


def planes(count: int, height: int, width: int, seed: int = 1) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).random((count, height, width), np.float32))


def test_channels_are_the_package_s() -> None:
    linear = planes(3, 20, 30)
    # The package works on the transposed picture.
    xyb = package.make_positive_xyb(package.linear_rgb_to_xyb(linear.numpy().transpose(1, 2, 0)))
    ours = metric.positive_xyb(linear).numpy()
    np.testing.assert_allclose(ours, xyb.transpose(2, 1, 0), atol=2e-6)


def test_black_and_white() -> None:
    black = metric.positive_xyb(torch.zeros(3, 1, 1)).flatten()
    torch.testing.assert_close(black, torch.tensor([0.42, 0.01, 0.55]))
    white = metric.positive_xyb(torch.ones(3, 1, 1)).flatten()
    assert white[0] == pytest.approx(0.42, abs=1e-6)  # greys have no X
    assert white[1] == pytest.approx(0.855, abs=1e-3)


@pytest.mark.parametrize("size", [(8, 8), (9, 14), (11, 8), (15, 15)])
def test_halving_is_the_package_s(size: tuple[int, int]) -> None:
    image = planes(3, *size)
    theirs = package.downsample(image.numpy().transpose(1, 2, 0), 2, 2).transpose(2, 0, 1)
    np.testing.assert_allclose(metric.halve(image).numpy(), theirs, atol=1e-6)


def test_blur_keeps_a_constant_and_spreads_a_point() -> None:
    torch.testing.assert_close(
        metric.blur(torch.full((2, 14, 17), 0.7)), torch.full((2, 4, 7), 0.7)
    )
    point = torch.zeros(1, 21, 21)
    point[0, 10, 10] = 1
    spread = metric.blur(point)[0].double()
    offsets = torch.arange(-5, 6, dtype=torch.float64)
    bell = torch.exp(-(offsets**2) / (2 * 1.5**2))
    bell /= bell.sum()
    torch.testing.assert_close(spread, bell[:, None] * bell, atol=1e-8, rtol=1e-5)


def test_difference_maps_are_the_package_s() -> None:
    a, b = planes(3, 40, 50, 1), planes(3, 40, 50, 2)
    stats = [metric.TileStats.of(torch.nn.functional.pad(x, (5, 5, 5, 5))) for x in (a, b)]
    maps = metric.difference_maps(stats[0], stats[1])
    sums = metric.pooled_sums(maps, 64)[:, :, 0, 0] / (40 * 50)
    sums[:, 1] **= 0.25

    x, y = (p.permute(1, 2, 0).double() for p in (a, b))
    blurred = []
    for image in (x, y, x * x, y * y, x * y):
        padded = torch.nn.functional.pad(image.permute(2, 0, 1), (5, 5, 5, 5))
        blurred.append(metric.blur(padded).permute(1, 2, 0).numpy())
    mu1, mu2, s11, s22, s12 = blurred
    ssim = package.ssim_map(mu1, mu2, s11, s22, s12)
    edges = package.edge_diff_map(x.numpy(), mu1, y.numpy(), mu2)
    np.testing.assert_allclose(sums[0:3].ravel(), ssim, rtol=1e-4)
    np.testing.assert_allclose(sums[3:6].ravel(), edges.reshape(3, 4)[:, :2].ravel(), rtol=1e-4)
    np.testing.assert_allclose(sums[6:9].ravel(), edges.reshape(3, 4)[:, 2:].ravel(), rtol=1e-4)


def test_equal_tiles_have_empty_maps() -> None:
    stats = metric.TileStats.of(planes(3, 30, 30))
    assert not metric.difference_maps(stats, stats).any()


def test_sums_over_cells_add_up() -> None:
    maps = planes(9, 20, 13)
    cells = metric.pooled_sums(maps, 8)
    assert cells.shape == (9, 2, 3, 2)
    np.testing.assert_allclose(cells[4, 0, 2, 1], maps[4, 16:, 8:].sum(), rtol=1e-6)
    np.testing.assert_allclose(cells[:, 1].sum((1, 2)), (maps**4).sum((1, 2)), rtol=1e-5)


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
    assert metric.score(means) == pytest.approx(judge.score(), abs=1e-6)


def test_no_difference_scores_a_hundred() -> None:
    assert metric.score(np.zeros((6, 9, 2))) == 100.0
