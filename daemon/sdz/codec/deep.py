"""All 16 bits of colours, where Pillow hands on the upper 8 alone: what 8 bits of sRGB are enough
for, 8 bits of light or of PQ are not (PQ spends 148 of 255 steps on all of SDR)."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sdz.codec.plugins import PLUGINS

_UPSIDE_DOWN = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}


def deep_values(data: bytes, image: Image.Image) -> NDArray[np.uint16] | None:
    """[H, W, 3] as the file holds them, not turned; None where the image has all that there is.

    image: the same file, loaded.
    """
    if image.mode.startswith("I;16"):
        grey = np.asarray(image).astype(np.uint16)
        return np.stack([grey] * 3, axis=2)
    if image.format == "PNG" and image.mode in ("RGB", "RGBA"):
        return _of_png(data, image)
    if image.format == "HEIF" and image.info.get("bit_depth", 8) > 8:
        file = (
            PLUGINS["HEIF"]
            .load()
            .open_heif(io.BytesIO(data), convert_hdr_to_8bit=False, hdr_to_16bit=True)
        )
        return np.asarray(file[file.primary_index])[..., :3].astype(np.uint16)
    return None


def _of_png(data: bytes, image: Image.Image) -> NDArray[np.uint16] | None:
    """The lower halves are what Pillow takes for the upper ones in the other order of bytes."""
    with Image.open(io.BytesIO(data), formats=["PNG"]) as low:
        if not low.tile or low.tile[0][3] not in _UPSIDE_DOWN:
            return None
        low.tile = [tile._replace(args=_UPSIDE_DOWN[str(tile.args)]) for tile in low.tile]
        low.load()
        upper, lower = (np.asarray(half)[..., :3].astype(np.uint16) for half in (image, low))
    return np.asarray(upper << 8 | lower, np.uint16)
