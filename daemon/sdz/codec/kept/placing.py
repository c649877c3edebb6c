"""Kept regions over a decoded picture, in integers: every reader gives the same pixels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sdz.container import Box

Pixels = NDArray[np.uint8]

SOFT_EDGE = 4
"""Pixels of the soft edge that we write: a step of some levels over four is not seen as a line."""
_ROWS = 64  # blended at once


def place(rgb: Pixels, regions: Iterable[tuple[Box, Pixels]], soft: int) -> None:
    """Place ``regions`` over ``rgb`` [H, W, 3] in their order, in place.

    Each comes with its pixels [height, width, 3]. soft: width of the soft edge, 0 to 16 pixels;
    a side on the picture's own edge has none. See docs/format.md, "Placing".
    """
    for box, pixels in regions:
        t = _shares(box, rgb.shape[1], rgb.shape[0], soft)
        below = rgb[box.top : box.bottom, box.left : box.right]
        for y in range(0, box.height, _ROWS):
            rows = slice(y, y + _ROWS)
            _blend(below[rows], pixels[rows], t[rows, :, None], soft + 1)


def _blend(below: Pixels, pixels: Pixels, t: NDArray[np.uint8], n: int) -> None:
    if int(t.min()) == n:
        below[:] = pixels
        return
    wide = below.astype(np.uint16) * (n - t) + pixels * t.astype(np.uint16)
    below[:] = (wide + n // 2) // n


def _shares(box: Box, width: int, height: int, soft: int) -> NDArray[np.uint8]:
    """What of ``soft`` + 1 parts is the region's own, 1 to all: [height, width] of the box."""
    across = _distances(box.width, soft, first=box.left > 0, last=box.right < width)
    down = _distances(box.height, soft, first=box.top > 0, last=box.bottom < height)
    return np.minimum(down[:, None], across[None]) + np.uint8(1)


def _distances(length: int, soft: int, *, first: bool, last: bool) -> NDArray[np.uint8]:
    """How far inside each place along a side is, at most ``soft``, by the ends that count."""
    near = np.minimum(np.arange(length), soft).astype(np.uint8)
    found = np.full(length, soft, np.uint8)
    if first:
        found = np.minimum(found, near)
    if last:
        found = np.minimum(found, near[::-1])
    return found
