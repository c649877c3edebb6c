"""What latents will take in a file, as a smooth function: for searching, never for coding.

The coder learns as it goes and has no gradient. What it learns above all is how large a symbol
will be, from those around it; so here the expected size of every symbol is a weighted mean of
sizes around it, with weights fitted to the picture, and its bits are those of a Laplacian.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

LEAST_SIZE = 3e-4
LEAST_PROBABILITY = 1e-7
CHANNELS_AROUND = 3
_RIDGE = 1e-6
_FLOOR = 0.02  # sizes are fitted relative to their surroundings, but not below this


class ExpectedBits:
    """Bits by surroundings, with weights fitted to integers [C, h, w]."""

    def __init__(self, symbols: Tensor) -> None:
        sizes = symbols.abs()
        around = _surroundings(sizes)
        rows = torch.cat([around, torch.ones_like(around[:1])]).flatten(1).double()
        weights = 1 / (rows[:-1].mean(0) + _FLOOR)
        square = (rows * weights) @ rows.T + _RIDGE * torch.eye(len(rows), dtype=torch.float64)
        fitted = torch.linalg.solve(square, (rows * weights) @ sizes.flatten().double())
        self.weights = fitted.float()

    def of(self, values: Tensor) -> Tensor:
        """Bits of values [C, h, w], which need not be integers: one number."""
        sizes = values.abs()
        weights = self.weights.to(values.device)
        expected = torch.einsum("k,kchw->chw", weights[:-1], _surroundings(sizes)) + weights[-1]
        decay = torch.log1p(1 / expected.clamp_min(LEAST_SIZE))
        upper, lower = _below(0.5 - sizes, decay), 0.5 * torch.exp((-0.5 - sizes) * decay)
        return -(upper - lower).clamp_min(LEAST_PROBABILITY).log2().sum()


def _below(x: Tensor, decay: Tensor) -> Tensor:
    """Probability of less than ``x`` under a Laplacian that falls by exp(-decay) a step."""
    return torch.where(
        x < 0,
        0.5 * torch.exp(x.clamp(max=0) * decay),
        1 - 0.5 * torch.exp(-x.clamp(min=0) * decay),
    )


def _surroundings(sizes: Tensor) -> Tensor:
    """Mean sizes [4, C, h, w]: of the eight neighbours, of the same place in the channels before
    and after, of that place in all channels, of the channel."""
    channels = sizes.shape[0]
    box = functional.avg_pool2d(sizes[None], 3, 1, 1, count_include_pad=False)[0]
    neighbours = (9 * box - sizes) / 8
    reach = CHANNELS_AROUND
    padded = functional.pad(box, (0, 0, 0, 0, reach, reach))
    shifts = [s for s in range(2 * reach + 1) if s != reach]
    near = torch.stack([padded[s : s + channels] for s in shifts]).mean(0)
    return torch.stack(
        [
            neighbours,
            near,
            sizes.mean(0, keepdim=True).expand_as(sizes),
            sizes.mean((1, 2), keepdim=True).expand_as(sizes),
        ]
    )
