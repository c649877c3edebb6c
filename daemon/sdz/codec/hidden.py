"""What stands under alpha 0: colours that nobody sees, made easy to code."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def fill_hidden(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours [H, W, 3] with those under alpha 0 replaced by a smooth continuation.

    Nobody sees them, but left as they are they cost bits and bleed over the edge. Pull-push:
    averages over the visible pixels are halved until one is left, then handed down again.
    """
    hidden = alpha == 0
    if not hidden.any():
        return rgb
    masked = np.where(hidden[..., None], np.uint8(0), rgb)
    # Floats only from half the size on: at full size they would be 12 bytes a pixel, several times.
    smooth = _continued(_halved(masked), _halved(~hidden))
    height, width = alpha.shape
    filled = np.clip(np.rint(smooth), 0, 255).astype(np.uint8)
    result = rgb.copy()
    result[hidden] = _doubled(filled)[:height, :width][hidden]
    return result


def _continued(total: Floats, weight: Floats) -> Floats:
    """Averages total/weight [h, w, 3]; where the weight is 0, those of the next coarser level."""
    mean = np.divide(total, np.maximum(weight, 1)[..., None], dtype=np.float32)
    hidden = weight == 0
    if hidden.any() and max(weight.shape) > 1:
        coarse = _continued(_halved(total), _halved(weight))
        mean[hidden] = _doubled(coarse)[: weight.shape[0], : weight.shape[1]][hidden]
    return mean


def _halved(plane: NDArray[Any]) -> Floats:
    """Sums of 2x2 cells: [h, w, ...] -> [ceil(h / 2), ceil(w / 2), ...]."""
    height, width, *rest = plane.shape
    sums = np.zeros((-(-height // 2), -(-width // 2), *rest), np.float32)
    for y in (0, 1):
        for x in (0, 1):
            part = plane[y::2, x::2]
            sums[: part.shape[0], : part.shape[1]] += part
    return sums


def _doubled(plane: NDArray[Any]) -> NDArray[Any]:
    return plane.repeat(2, 0).repeat(2, 1)
