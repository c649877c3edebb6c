"""A picture as the library sees it: its bytes, and those of its scales that are held."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz.ssimulacra2.formula import MIN_SIDE, SCALES
from sdz.ssimulacra2.library import Picture

Pixels = NDArray[np.uint8]

HELD_LEVEL = 1 << 21
"""Pixels of the largest scale that is held as floats (12 bytes each); larger ones are made of the
picture's bytes again where they are needed."""


class Pyramid:
    """The scales of one picture, each half the one before (rounded up); its levels are still empty.

    ``sizes``: (height, width) of each scale. ``struct``: for the library, good for as long as this
    lives. Pictures under 8 pixels on a side are widened to 8 by repeating their last row and
    column: the metric as published calls every such picture perfect, whatever was done to it.
    """

    def __init__(self, rgb: Pixels, held_level: int = HELD_LEVEL) -> None:
        height, width = rgb.shape[:2]
        short = [(0, max(0, MIN_SIDE - side)) for side in (height, width)]
        rgb = np.pad(rgb, [*short, (0, 0)], mode="edge") if np.any(short) else rgb
        self._rgb = np.ascontiguousarray(rgb)
        self.sizes = scale_sizes(*rgb.shape[:2])
        self._levels = {
            scale: np.empty((3, height, width), np.float32)
            for scale, (height, width) in enumerate(self.sizes)
            if scale and height * width <= held_level
        }
        self.struct = Picture(rgb=self._rgb.ctypes.data, scales=len(self.sizes))
        for scale, (height, width) in enumerate(self.sizes):
            self.struct.height[scale], self.struct.width[scale] = height, width
        for scale, level in self._levels.items():
            self.struct.levels[scale] = level.ctypes.data


def scale_sizes(height: int, width: int) -> list[tuple[int, int]]:
    """(height, width) of each scale that is looked at, of a picture of at least 8x8."""
    sizes = [(height, width)]
    while len(sizes) < SCALES:
        height, width = -(-height // 2), -(-width // 2)
        if min(height, width) < MIN_SIDE:
            break
        sizes.append((height, width))
    return sizes
