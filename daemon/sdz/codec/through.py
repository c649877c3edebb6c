"""A picture through its network and back, whichever kind that is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz.codec import tiles
from sdz.codec.autoencoder import Autoencoder, Whole
from sdz.codec.coder import Floats, Values
from sdz.codec.latents import steps_of, to_symbols
from sdz.container import Header, Tiling
from sdz.errors import BadField

Pixels = NDArray[np.uint8]


def tiling_for(model: Autoencoder, height: int, width: int) -> Tiling | None:
    """The tiling a file of height x width latents must carry for this model, or None."""
    return None if isinstance(model, Whole) else tiles.tiling_for(model, height, width)


def to_latents(
    model: Autoencoder, rgb: Pixels, tiling: Tiling | None, threads: int | None = None
) -> Floats:
    """Latents [C, ceil(H / factor), ceil(W / factor)] of upright sRGB pixels [H, W, 3]."""
    if isinstance(model, Whole):
        return model.encode(rgb, threads)
    return tiles.encode_picture(model, rgb, tiling)


def to_pixels(
    model: Autoencoder, values: Values, header: Header, threads: int | None = None
) -> Pixels:
    """Pixels [H, W, 3] of values [C, h, w] in steps.

    Raises BadField for what no file of the model has, LimitExceeded for tiles that are too large.
    """
    if isinstance(model, Whole):
        for flag, is_set in (("PLACED", header.placed), ("TILED", header.tiling is not None)):
            if is_set:
                raise BadField("header flags", f"no {flag} for {header.model.name}", flag)
        return model.decode(to_symbols(values), header, threads)
    steps = steps_of(model.quantiser, header)
    size = header.height, header.width
    return tiles.decode_picture(model, values, *size, header.tiling, steps=steps)
