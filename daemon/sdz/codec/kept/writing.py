"""A rectangle as a kept region: AVIF in 4:4:4, or lossless WebP where that is smaller."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sdz.container import REGION_KINDS, Box, Region
from sdz.processors import threads_here
from sdz.stopping import leaving

Pixels = NDArray[np.uint8]

_NUMBERS = {name: number for number, name in REGION_KINDS.items()}
SPEED = 6
LEAST_THREADS = 2
"""libaom's bytes are the same by two threads as by more, and others by one; tiles, which libavif
would choose by their number, cost 0.6 % of the bytes."""
_WEBP: dict[str, Any] = {"lossless": True, "quality": 80, "method": 4}
_WEBP_SIDE = 16383
_MOST_FOR_WEBP = 1 << 17
"""Pixels. Lossless is smaller for text on plain ground, a line or a label; a larger rectangle of a
photograph only costs the time to find that out."""


def write_region(rgb: Pixels, box: Box, quality: int, *, speed: int = SPEED) -> Region:
    """The rectangle ``box`` of ``rgb`` [H, W, 3] at AVIF's ``quality`` (0 to 100) and ``speed`` (10
    quickest), or lossless."""
    image = Image.fromarray(rgb[box.top : box.bottom, box.left : box.right])
    found = _written(
        image,
        box,
        "AVIF",
        quality=quality,
        speed=speed,
        subsampling="4:4:4",
        max_threads=max(LEAST_THREADS, threads_here()),
        autotiling=False,
    )
    if box.area > _MOST_FOR_WEBP or max(box.width, box.height) > _WEBP_SIDE:
        return found
    return min(found, _written(image, box, "WEBP", **_WEBP), key=lambda one: len(one.data))


def _written(image: Image.Image, box: Box, kind: str, **options: Any) -> Region:
    buffer = io.BytesIO()
    leaving(lambda: image.save(buffer, kind, **options))
    return Region(box, _NUMBERS[kind], buffer.getvalue())


def write_lossless(rgb: Pixels, box: Box) -> Region:
    """The rectangle ``box`` of ``rgb`` without loss; over 16,383 pixels a side at AVIF's best."""
    if max(box.width, box.height) > _WEBP_SIDE:
        return write_region(rgb, box, 100)
    image = Image.fromarray(rgb[box.top : box.bottom, box.left : box.right])
    return _written(image, box, "WEBP", **_WEBP)
