"""What a decoded crop has lost, by several measures at once, each with its gradient.

Squared error; MS-SSIM; SSIMULACRA2's maps, which live in a space near an eye's and see wrong hues;
the colour of smooth regions after an 8x8 mean, since patches of a slightly wrong hue there are what
one sees of this codec first; and jumps between blocks. All are scaled to squared error's worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from edges import block_edges
from torch import Tensor, nn
from torch.nn import functional

from sdz.codec.similarity import SCALE_WEIGHTS, SIMILARITY_WORTH, WINDOW
from sdz.codec.smooth_colour import colour_of_smooth
from sdz.codec.ssimulacra2_torch import LOOKS_WORTH, Ssimulacra2, band

EDGES = 0.005  # beside rate and distortion, whatever the rate

_C1, _C2 = 0.01**2, 0.03**2


@dataclass(frozen=True)
class Shares:
    """How much each measure counts in a stage; all but the colour's make one together."""

    error: float = 0.50
    similarity: float = 0.33
    looks: float = 0.17
    colour: float = 1.0  # of the squared colour error of smooth regions

    @classmethod
    def read(cls, text: str) -> Shares:
        """Of ``ERROR,SIMILARITY,LOOKS,COLOUR``; ValueError where these are not four numbers."""
        error, similarity, looks, colour = map(float, text.split(","))
        return cls(error, similarity, looks, colour)


class Similarity(nn.Module):
    """MS-SSIM of crops of one side, as ``sdz.codec.similarity`` has it: [N, 3, S, S] twice -> [N].

    About each crop's mean, so that nothing cancels where products are taken in tf32.
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        for k in range(len(SCALE_WEIGHTS)):
            height, width = height // 2, width // 2
            self.register_buffer(f"down{k}", band(height, WINDOW // 2, True), persistent=False)
            self.register_buffer(
                f"across{k}", band(width, WINDOW // 2, True).T.clone(), persistent=False
            )

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """a: decoded, b: original, both about -0.5..0.5."""
        middle = b.mean((2, 3), keepdim=True)
        a, b = a - middle, b - middle
        found = torch.ones((), device=a.device)
        for k, weight in enumerate(SCALE_WEIGHTS):
            a, b = functional.avg_pool2d(a, 2), functional.avg_pool2d(b, 2)
            down, across = getattr(self, f"down{k}"), getattr(self, f"across{k}")
            mean_a, mean_b, squares, product = (
                down @ (plane @ across) for plane in (a, b, a * a + b * b, a * b)
            )
            means, mean_squares = mean_a * mean_b, mean_a.square() + mean_b.square()
            similar = (2 * (product - means) + _C2) / (squares - mean_squares + _C2)
            if k == len(SCALE_WEIGHTS) - 1:
                x, y = mean_a + middle + 0.5, mean_b + middle + 0.5
                similar = similar * (2 * x * y + _C1) / (x * x + y * y + _C1)
            found = found * similar.mean((2, 3)).clamp_min(1e-3) ** weight
        return found.mean(1)


class Likeness(nn.Module):
    """Decoded and original crops [N, 3, H, W] -> distortion [N], squared error [N], edges [N].

    SSIMULACRA2's maps are made of the first ``looked`` crops and count for all.
    """

    def __init__(self, height: int, width: int, looked: int, shares: Shares) -> None:
        super().__init__()
        self.shares = shares
        self.similarity = Similarity(height, width)
        self.looks = Ssimulacra2(height, width)
        self.looked = looked

    def forward(self, decoded: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See the class."""
        error = (decoded - pixels).square().flatten(1).mean(1)
        unlike = 1 - self.similarity(decoded, pixels)
        shares = self.shares
        found = shares.error * error + shares.similarity * SIMILARITY_WORTH * unlike
        found = found + shares.colour * colour_of_smooth(decoded, pixels)
        n = self.looked
        if n:
            looks = self.looks(decoded[:n], pixels[:n]) * (len(decoded) / n)
            looks = torch.cat([looks, looks.new_zeros(len(decoded) - n)])
            found = found + shares.looks * LOOKS_WORTH * looks
        return found, error, block_edges(decoded, pixels)
