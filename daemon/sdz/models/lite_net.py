"""The network of lite-1: pixels to latents at 1/16 of the size and back.

Owns the shapes and nothing else: what is trained is in ``scripts/train/``, what is known of a
trained edition (gains, preview, hash) in ``lite.py``. Most layers run at 1/8 and 1/16 so that
ordinary processors decode quickly; the first and last layers overlap their neighbours (kernel
16, stride 8), since without that the 8x8 blocks show in smooth regions.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class LiteShape:
    """Widths and numbers of blocks; travels in the metadata of the weights.

    ``encode_8``/``decode_8`` are the blocks at 1/8 of the size, ``*_16`` those at 1/16.
    """

    latents: int = 192
    encode_width_8: int = 96
    encode_width_16: int = 192
    encode_8: int = 2
    encode_16: int = 2
    decode_width_16: int = 192
    decode_width_8: int = 96
    decode_16: int = 3
    decode_8: int = 4

    def halo(self) -> int:
        """Radius, in latent positions, beyond which a latent cannot change a decoded pixel.

        Counted backwards from a pixel: the last layer reaches one 1/8 position to each side,
        every block one more at its own scale, and two 1/8 positions are one latent.
        """
        reach_8 = 1 + self.decode_8
        return (reach_8 + 1) // 2 + self.decode_16 + 1

    def encoder_halo(self) -> int:
        """Radius, in latent positions, of the pixels that can change a latent (as ``halo``)."""
        reach_8 = 1 + self.encode_8
        return (reach_8 + 1) // 2 + self.encode_16 + 2

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, for the weights' metadata."""
        return asdict(self)


class Block(nn.Module):
    """A depthwise 3x3 step, then a gated mixing of channels; both are added to their input.

    [N, C, H, W] -> [N, C, H, W]. Reach: one position.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(width, width, 1)
        self.depth = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.outer = nn.Conv2d(width, width, 1)
        self.expand = nn.Conv2d(width, 4 * width, 1)
        self.shrink = nn.Conv2d(2 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """One block, see the class."""
        x = x + self.outer(self.depth(functional.leaky_relu(self.inner(x), 0.1)))
        gate, value = self.expand(x).chunk(2, dim=1)
        mixed: Tensor = x + self.shrink(functional.relu(gate) * value)
        return mixed


def _blocks(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(Block(width) for _ in range(count)))


class LiteEncoder(nn.Module):
    """Pixels [N, 3, 16h, 16w] around zero (-0.5..0.5) -> latents [N, C, h, w]."""

    def __init__(self, shape: LiteShape) -> None:
        super().__init__()
        self.lapped = nn.Conv2d(3, shape.encode_width_8, 16, stride=8, padding=4)
        self.blocks_8 = _blocks(shape.encode_width_8, shape.encode_8)
        self.down = nn.Conv2d(shape.encode_width_8, shape.encode_width_16, 3, stride=2, padding=1)
        self.blocks_16 = _blocks(shape.encode_width_16, shape.encode_16)
        self.latents = nn.Conv2d(shape.encode_width_16, shape.latents, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        x = self.blocks_8(self.lapped(pixels))
        latents: Tensor = self.latents(self.blocks_16(self.down(x)))
        return latents


class LiteDecoder(nn.Module):
    """Latents [N, C, h, w] -> pixels [N, 3, 16h, 16w] around zero, not clamped."""

    def __init__(self, shape: LiteShape) -> None:
        super().__init__()
        self.enter = nn.Conv2d(shape.latents, shape.decode_width_16, 1)
        self.blocks_16 = _blocks(shape.decode_width_16, shape.decode_16)
        self.up = nn.Conv2d(shape.decode_width_16, 4 * shape.decode_width_8, 1)
        self.blocks_8 = _blocks(shape.decode_width_8, shape.decode_8)
        self.lapped = nn.ConvTranspose2d(shape.decode_width_8, 3, 16, stride=8, padding=4)

    def forward(self, latents: Tensor) -> Tensor:
        """See the class."""
        x = self.blocks_16(self.enter(latents))
        x = functional.pixel_shuffle(self.up(x), 2)
        pixels: Tensor = self.lapped(self.blocks_8(x))
        return pixels


class LiteNet(nn.Module):
    """Encoder, decoder and the learnt gains that make one network serve every rate.

    ``encode_gain``/``decode_gain`` [R, C] are natural logarithms: a latent is multiplied by
    exp(encode_gain) before rounding and the integer by exp(decode_gain) after it.
    ``encodes`` is False where only the decoder is wanted.
    """

    def __init__(self, shape: LiteShape, rates: int, encodes: bool = True) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = LiteEncoder(shape) if encodes else None
        self.decoder = LiteDecoder(shape)
        self.encode_gain = nn.Parameter(torch.zeros(rates, shape.latents))
        self.decode_gain = nn.Parameter(torch.zeros(rates, shape.latents))
