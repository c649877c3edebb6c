"""Multi-scale structural similarity with a gradient: for training, and for searching.

Wang, Simoncelli and Bovik 2003: windows of 11x11 (Gaussian, 1.5), five scales and their weights.
Of the five the finest is left out: it has 4 % of the weight and three quarters of the work.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

SCALE_WEIGHTS = (0.2856, 0.3001, 0.2363, 0.1333)  # of 1/2, 1/4, 1/8 and 1/16 of the size
WINDOW = 11
SIMILARITY_WORTH = 1 / 50
"""What a step of 1 - MS-SSIM is worth in squared error: the ratio of the lambdas with which models
are trained for the one or the other at the same rates (CompressAI's: 0.0018 * 255^2 to 2.4)."""
LEAST_SIDE = WINDOW * 2 ** len(SCALE_WEIGHTS)
_C1, _C2 = 0.01**2, 0.03**2
_LEAST = 1e-3  # a negative covariance has no power of 0.2856; it is held here


@cache
def _blur_matrix(size: int, every: int, device: torch.device) -> Tensor:
    """[(size - 10) / every, size]: the window at every ``every``-th place where it fits. A product
    with it takes a seventh of the time of a one-channel convolution on a processor."""
    at = torch.arange(WINDOW, dtype=torch.float32) - WINDOW // 2
    row = torch.exp(-at.square() / (2 * 1.5**2))
    places = range(0, size - WINDOW + 1, every)
    matrix = torch.zeros(len(places), size)
    for index, place in enumerate(places):
        matrix[index, place : place + WINDOW] = row / row.sum()
    return matrix.to(device)


def ms_ssim(a: Tensor, b: Tensor, every: int = 1) -> Tensor:
    """MS-SSIM, finest scale left out, of two [N, 3, H, W] in 0..1: [N], 1 when identical.

    Sides at least ``LEAST_SIDE``. every: 2 looks through every second window in every second row,
    which comes to nearly the same and takes a third of the time.
    """
    a, b = a.contiguous(), b.contiguous()
    found = torch.ones((), device=a.device)
    for scale, weight in enumerate(SCALE_WEIGHTS):
        a, b = functional.avg_pool2d(a, 2), functional.avg_pool2d(b, 2)
        down = _blur_matrix(a.shape[-2], every, a.device)
        across = _blur_matrix(a.shape[-1], every, a.device).T
        mean_a, mean_b, squares, product = (
            down @ (plane @ across) for plane in (a, b, a * a + b * b, a * b)
        )
        means = mean_a * mean_b
        mean_squares = mean_a.square() + mean_b.square()
        similar = (2 * (product - means) + _C2) / (squares - mean_squares + _C2)
        if scale == len(SCALE_WEIGHTS) - 1:
            similar = similar * (2 * means + _C1) / (mean_squares + _C1)
        found = found * similar.mean((2, 3)).clamp_min(_LEAST) ** weight
    return found.mean(1)
