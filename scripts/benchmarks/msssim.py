"""MS-SSIM of RGB pictures, as papers on learned compression report it.

Z. Wang, E. Simoncelli, A. Bovik, "Multi-scale structural similarity for image quality
assessment" (2003): five scales, an 11-tap Gaussian of sigma 1.5 where it fits wholly, weights
and constants of the paper; each of R, G, B alone, then their mean.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from sdz.codec.fidelity import one_thread
from sdz.codec.ssimulacra2 import blur

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
MIN_SIDE = 11 * 2 ** (len(WEIGHTS) - 1)


@one_thread()
def ms_ssim(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """MS-SSIM of two [H, W, 3], 1 when identical. Raises ValueError under 176 pixels a side."""
    if min(a.shape[:2]) < MIN_SIDE:
        raise ValueError(f"MS-SSIM needs {MIN_SIDE} pixels a side, not {min(a.shape[:2])}")
    x, y = (torch.from_numpy(image.transpose(2, 0, 1).astype(np.float64)) for image in (a, b))
    product = torch.ones(3, dtype=torch.float64)
    for scale, weight in enumerate(WEIGHTS):
        mx, my = blur(x), blur(y)
        spread = blur(x * x) - mx * mx + blur(y * y) - my * my
        structure = (2 * (blur(x * y) - mx * my) + C2) / (spread + C2)
        if scale == len(WEIGHTS) - 1:
            structure = structure * (2 * mx * my + C1) / (mx * mx + my * my + C1)
        product *= structure.mean((1, 2)).clamp(min=0) ** weight
        x, y = (torch.nn.functional.avg_pool2d(image, 2) for image in (x, y))
    return float(product.mean())


def decibels(value: float) -> float:
    """MS-SSIM on the scale on which differences near 1 show: -10 log10(1 - value)."""
    return -10 * math.log10(max(1 - value, 1e-10))
