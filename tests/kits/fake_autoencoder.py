"""An autoencoder without weights, for tests: small, exact, and known by no name.

Averages of 4x4 pixels, four neighbouring ones to a latent: 12 channels at 1/8. It stands for
both kinds of network that the codec must run: with ``halo`` 0 for one that sees a known
neighbourhood; with None, and a ``drift``, for one that normalises, whose result for a place
depends on what else is in its tile. Nothing loads it by name: callers hand over the object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdz.models.quantiser import UniformQuantiser

if TYPE_CHECKING:
    import torch

CHANNELS, FACTOR = 12, 8
QUANTISER = UniformQuantiser(CHANNELS)
CONTRAST = 4.0  # brings latents of photographs to about unit variance


@dataclass(frozen=True, slots=True)
class FakeAutoencoder:
    """See the module; an ``Autoencoder`` in the sense of ``sdz.codec.autoencoder``.

    ``halo`` 0 or None, ``max_tile`` in latents. ``drift``: how much of a tile's mean is added to
    its pixels when it is decoded, as GroupNorm would shift them.
    """

    halo: int | None = 0
    max_tile: int = 64
    drift: float = 0.0
    name: str = "fake"
    weights_hash: bytes = b"\0fake\0\0\0"
    quantiser: UniformQuantiser = QUANTISER
    factor: int = FACTOR

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """[1, 3, H, W] sRGB in 0..1, sides multiples of 8 -> [1, 12, H/8, W/8]."""
        from torch.nn import functional

        cells = functional.avg_pool2d(pixels - 0.5, 4)
        return functional.pixel_unshuffle(cells, 2) * CONTRAST

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """[1, 12, h, w] -> [1, 3, 8h, 8w] sRGB: every 4x4 pixels their average, and the drift."""
        from torch.nn import functional

        cells = functional.pixel_shuffle(latents / CONTRAST, 2)
        pixels = functional.interpolate(cells, scale_factor=4.0, mode="nearest")
        return pixels + 0.5 + self.drift * cells.mean()
