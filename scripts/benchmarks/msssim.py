"""MS-SSIM of RGB pictures, as papers on learned compression report it.

Z. Wang, E. Simoncelli, A. Bovik, "Multi-scale structural similarity for image quality
assessment" (2003): five scales, an 11-tap Gaussian of sigma 1.5 where it fits wholly, weights
and constants of the paper; each of R, G, B alone, then their mean.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sdz.ssimulacra2.formula import RADIUS, taps

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
MIN_SIDE = 11 * 2 ** (len(WEIGHTS) - 1)


def ms_ssim(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """MS-SSIM of two [H, W, 3], 1 when identical. Raises ValueError under 176 pixels a side."""
    if min(a.shape[:2]) < MIN_SIDE:
        raise ValueError(f"MS-SSIM needs {MIN_SIDE} pixels a side, not {min(a.shape[:2])}")
    x, y = (image.transpose(2, 0, 1).astype(np.float64) for image in (a, b))
    product = np.ones(3)
    for scale, weight in enumerate(WEIGHTS):
        mx, my = blur(x), blur(y)
        spread = blur(x * x) - mx * mx + blur(y * y) - my * my
        structure = (2 * (blur(x * y) - mx * my) + C2) / (spread + C2)
        if scale == len(WEIGHTS) - 1:
            structure = structure * (2 * mx * my + C1) / (mx * mx + my * my + C1)
        product *= structure.mean((1, 2)).clip(min=0) ** weight
        x, y = halve(x), halve(y)
    return float(product.mean())


def blur(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian of sigma 1.5 over [P, h + 10, w + 10], giving [P, h, w]."""
    for axis in (2, 1):
        size = planes.shape[axis] - 2 * RADIUS
        shifted = [planes.take(range(i, i + size), axis) for i in range(2 * RADIUS + 1)]
        weights = [taps()[abs(i - RADIUS)] for i in range(2 * RADIUS + 1)]
        planes = np.sum([w * plane for w, plane in zip(weights, shifted, strict=True)], 0)
    return planes


def halve(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each whole 2x2 block of [P, h, w]."""
    height, width = (side // 2 * 2 for side in planes.shape[1:])
    even = planes[:, :height, :width]
    return (even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]) / 4


def decibels(value: float) -> float:
    """MS-SSIM on the scale on which differences near 1 show: -10 log10(1 - value)."""
    return -10 * math.log10(max(1 - value, 1e-10))
