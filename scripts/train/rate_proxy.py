"""The rate during training: what a good adaptive coder would need, as a smooth function.

The coder of the product learns each file's statistics and has no gradient. In its place stands
a small causal network that sees what that coder sees (four causal neighbours in all channels,
and the channels already coded here) and predicts a logistic distribution for each symbol. It is
thrown away after the training.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAST_PROBABILITY = 1e-6


class RateProxy(nn.Module):
    """Integers [N, C, h, w] and noisy values of the same shape -> bits of each picture [N]."""

    def __init__(self, channels: int, rates: int, hidden: int = 3) -> None:
        super().__init__()
        self.channels, self.hidden = channels, hidden
        wide = channels * hidden
        self.around = nn.Conv2d(4 * 2 * channels, wide, 1)
        self.here = nn.Parameter(torch.zeros(wide, 2 * channels))
        earlier = torch.arange(channels)[None, :] < torch.arange(channels)[:, None]
        mask = earlier.repeat_interleave(hidden, 0).repeat(1, 2)
        self.register_buffer("mask", mask.float())
        self.rate = nn.Embedding(rates, wide)
        self.mix = nn.Conv2d(wide, wide, 1, groups=channels)
        self.out = nn.Conv2d(wide, 2 * channels, 1, groups=channels)
        with torch.no_grad():
            self.around.weight.mul_(0.3)
            self.out.weight.mul_(0.3)

    def forward(self, q: Tensor, noisy: Tensor, rate: Tensor) -> Tensor:
        """Bits of each picture of the batch; ``rate`` [N] is the index of its rate."""
        q = q.detach()
        size = q.abs().log1p()
        features = torch.cat([q.sign() * size, size], 1)
        padded = functional.pad(features, (1, 1, 1, 0))
        h, w = q.shape[-2:]
        north, west = padded[..., :h, :], padded[..., 1:, :w]
        around = torch.cat(
            [north[..., :w], north[..., 1 : w + 1], north[..., 2:], west],
            1,
        )
        x = self.around(around)
        x = x + functional.conv2d(features, (self.here * self.mask)[..., None, None])
        x = x + self.rate(rate)[..., None, None]
        x = functional.leaky_relu(x, 0.1)
        x = functional.leaky_relu(x + self.mix(x), 0.1)
        mean, scale = self.out(x).float().unflatten(1, (self.channels, 2)).unbind(2)
        inverse = torch.exp(-scale.clamp(-5, 8)) * 2
        upper = torch.sigmoid((noisy - mean + 0.5) * inverse)
        lower = torch.sigmoid((noisy - mean - 0.5) * inverse)
        probability = (upper - lower).clamp_min(LEAST_PROBABILITY)
        return -probability.log2().flatten(1).sum(1)
