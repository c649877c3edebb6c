"""The weightless preview: latents to a small picture by a linear map; numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz.errors import NoPreview
from sdz.models.description import Description


def draw_preview(
    description: Description, latents: NDArray[np.float32], width: int, height: int
) -> NDArray[np.uint8]:
    """Show latents [C, h, w] of a picture of ``width`` x ``height`` pixels: [ph, pw, 3] sRGB.

    A latent gives ``side`` x ``side`` pixels, so the preview is the picture divided by
    factor / side, rounded up. Raises NoPreview if no map is known for the model.
    """
    table = description.preview
    if table is None:
        raise NoPreview(description.name)
    channels, h, w = latents.shape  # the first of all, or all
    side = table.side
    flat = latents.astype(np.float32, copy=False).reshape(channels, h * w).T
    colours = flat @ table.rows[:channels] + table.rows[-1]
    picture = colours.reshape(h, w, side, side, 3).swapaxes(1, 2).reshape(h * side, w * side, 3)
    # Latents of a damaged or hostile file may be anything finite: clip before the cast.
    pixels = np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
    ph, pw = (-(-length * side // description.factor) for length in (height, width))
    return np.ascontiguousarray(pixels[:ph, :pw])
