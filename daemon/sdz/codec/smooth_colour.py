"""How far the colour of smooth regions is off, with a gradient: for training, and for searching.

Patches of a slightly wrong hue in skin and sky are what one sees of a coarse file first, and a
squared error of pixels hardly: it is spread over them evenly.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

BLOCK = 8  # pixels a side whose mean is looked at; sides are at least that
_SMOOTH = (6 / 255) ** 2  # variance of luma in a block that halves its weight


def colour_of_smooth(a: Tensor, b: Tensor) -> Tensor:
    """Squared error of colour differences after an 8x8 mean, weighted by how smooth ``b`` is: [N].

    Both [N, 3, H, W] sRGB in units of 1.
    """
    bright = luma(b)[:, None]
    mean = functional.avg_pool2d(bright, BLOCK)
    variance = (functional.avg_pool2d(bright.square(), BLOCK) - mean.square()).clamp_min(0)
    error = functional.avg_pool2d(a - b, BLOCK)
    error = error - luma(error)[:, None]  # R - Y, G - Y, B - Y
    return (error.square() * (_SMOOTH / (_SMOOTH + variance))).flatten(1).mean(1)


def luma(x: Tensor) -> Tensor:
    """[N, 3, H, W] -> [N, H, W]; with plain numbers, since a captured graph may copy none in."""
    return 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]
