"""What the contexts of the trained coder compute, in floats that follow its integers.

Inputs are the very integers of docs/trained-coder.md (sizes, boxes, pools, rounded down as there),
in units of 1 where the coder has 32 or 512, so that a fit needs only its weights rounded.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from sdz.entropy.trained.layout import AHEAD, CROSSED, EDGES, PLACES, WINDOW_ENDS

KNOTS = tuple(range(4096, 53249, 8192))  # step codes between which biases are interpolated
SLOPE = 0.125  # of a hidden unit below 0
LOWEST, HIGHEST = -11.0, 6.0  # levels


def _size(a: int) -> int:
    e = (a + 1).bit_length() - 1
    return 32 * e + ((a + 1) * 32 >> e) - 32


_SIZES = torch.tensor([_size(a) for a in range(256)]) / 32


def size_of(q: Tensor) -> Tensor:
    """log2(1 + |q|) in straight pieces between powers of two, |q| at most 255, in 1/32."""
    return _SIZES[q.abs().clamp(max=255).int()]


def box_of(f: Tensor) -> Tensor:
    """Mean of 3x3 sizes, the edges repeated, rounded as the coder does."""
    p = functional.pad(f, (1, 1, 1, 1), mode="replicate")
    rows = p[..., :-2, :] + p[..., 1:-1, :] + p[..., 2:, :]
    total = (rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]) * 32
    return torch.floor(total * 57 / 512) / 32


def pool_of(f: Tensor) -> Tensor:
    """Mean size of a plane, in 1/512: [..., h, w] -> [...]."""
    return torch.floor(f.mean((-2, -1)) * 512) / 512


def causal_of(q: Tensor) -> list[Tensor]:
    """The values at PLACES around each place of [B, C, h, w], as the decoder has them then."""
    left = functional.pad(q[..., :-1, :1], (0, 0, 1, 0)).expand(*q.shape[:-1], 2)
    p = torch.cat([left, q, q[..., -1:]], -1)
    p = functional.pad(p, (0, 0, 2, 0))
    h, w = q.shape[-2:]
    return [p[..., 2 + dy : 2 + dy + h, 2 + dx : 2 + dx + w] for dy, dx in PLACES]


def knots_of(code: Tensor) -> Tensor:
    """Weights of the knots [B, K] for step codes [B]."""
    at = ((code - KNOTS[0]) / (KNOTS[1] - KNOTS[0])).clamp(0, len(KNOTS) - 1)
    return (1 - (at[:, None] - torch.arange(len(KNOTS))).abs()).clamp_min(0)


def bits_of(q: Tensor, mean: Tensor | float, level: Tensor) -> Tensor:
    """Bits of integers by a logistic whose scale is 1 / (2 softplus(-level))."""
    inverse = 2 * functional.softplus(-level)
    d = (q - mean).abs()
    upper, lower = torch.sigmoid((0.5 - d) * inverse), torch.sigmoid((-0.5 - d) * inverse)
    return -torch.log2((upper - lower).clamp_min(2e-5))


class Causal(nn.Module):
    """Contexts of the first channels, place after place."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.channels, self.hidden = c, h = channels, hidden
        k = len(KNOTS)
        self.register_buffer("before", torch.tril(torch.ones(c, c), -1))
        self.near = nn.Parameter(torch.zeros(c, len(PLACES)))
        self.near_code = nn.Parameter(torch.zeros(c, len(PLACES)))
        self.cross = nn.Parameter(torch.zeros(c, c, len(CROSSED)))
        self.own = nn.Parameter(torch.randn(c, h, len(PLACES) + len(EDGES)) * 0.1)
        self.earlier = nn.Parameter(torch.randn(c, h, c, 2) * 0.02)
        self.pools = nn.Parameter(torch.zeros(c, h, c))
        self.filled = nn.Parameter(torch.zeros(c, h))
        self.bias = nn.Parameter((torch.randn(c, h) * 0.2)[:, :, None].repeat(1, 1, k))
        self.out = nn.Parameter(torch.randn(c, h) * 0.3)
        self.rest = nn.Parameter(torch.zeros(c, k))
        with torch.no_grad():
            self.near[:, 0], self.near[:, 1], self.near[:, 2] = 0.35, 0.35, -0.1

    def forward(self, q: Tensor, f: Tensor, box: Tensor, filled: Tensor, code: Tensor):
        """q [B, c, h, w] values -> means and levels of the same shape."""
        c, h = self.channels, self.hidden
        places, knots = causal_of(q), knots_of(code)
        t = ((code - 30000) / 12000)[:, None, None, None]
        stack = torch.stack(places, 2)  # [B, c, 9, h, w]
        weight = self.near + t[:, :, :, 0] * self.near_code  # [B, c, 9]
        mean = torch.einsum("bck,bckyx->bcyx", weight, stack)
        p = functional.pad(q, (1, 1, 1, 1), mode="replicate")
        kernel = torch.zeros(c, c, 3, 3)
        for k, (dy, dx) in enumerate(CROSSED):
            kernel[:, :, 1 + dy, 1 + dx] = self.cross[..., k] * self.before
        mean = mean + functional.conv2d(p, kernel)
        slopes = [size_of(places[a] - places[b]) for a, b in EDGES]
        sizes = torch.cat([size_of(stack), torch.stack(slopes, 2)], 2)
        x = torch.einsum("chk,bckyx->bchyx", self.own, sizes)
        both = torch.cat([f, box], 1)
        w = torch.cat([self.earlier[..., 0], self.earlier[..., 1]], 2)
        w = w * self.before.repeat(1, 2)[:, None]
        x = x + functional.conv2d(both, w.reshape(c * h, 2 * c, 1, 1)).view_as(x)
        pools = torch.einsum("bd,chd->bch", pool_of(f), self.pools * self.before[:, None])
        bias = torch.einsum("bk,chk->bch", knots, self.bias)
        bias = bias + pools + filled[:, None, None] * self.filled
        x = functional.leaky_relu(x + bias[..., None, None], SLOPE)
        level = torch.einsum("bchyx,ch->bcyx", x, self.out)
        level = level + torch.einsum("bk,ck->bc", knots, self.rest)[..., None, None]
        return mean, level


def windows_of(pools: Tensor, filled: Tensor, first: int) -> Tensor:
    """Means of pools of earlier channels in WINDOW_ENDS, and the share of the next AHEAD channels
    that are not empty: pools, filled [B, C] -> [B, C - first, len(WINDOW_ENDS) + 1]."""
    total = functional.pad(pools.cumsum(1), (1, 0))
    rows = torch.arange(first, pools.shape[1])
    found, near = [], rows
    for window in WINDOW_ENDS:
        far = (rows - window).clamp_min(0)
        found.append((total[:, near] - total[:, far]) / (near - far).clamp_min(1))
        near = far
    ahead = functional.pad(filled, (0, AHEAD)).cumsum(1)
    found.append((ahead[:, rows + AHEAD] - ahead[:, rows]) / AHEAD)
    return torch.stack(found, 2)


class Planes(nn.Module):
    """Contexts of the other channels, two passes over each plane."""

    def __init__(self, channels: int, first: int, hidden: int) -> None:
        super().__init__()
        self.channels, self.first, self.hidden = channels, first, hidden
        n, h, k = channels - first, hidden, len(KNOTS)
        before = (torch.arange(channels)[None] < torch.arange(first, channels)[:, None]).float()
        self.register_buffer("before", before.repeat_interleave(h, 0).repeat(1, 2))
        near = torch.arange(first, channels)[:, None] - torch.arange(channels)[None]
        start = 0.3 / (8 + near.clamp_min(0)).repeat_interleave(h, 0)
        self.earlier = nn.Parameter(
            torch.cat([start, start], 1) * (1 + 0.5 * torch.randn(n * h, 1))
        )
        self.windows = nn.Parameter(torch.zeros(n, h, len(WINDOW_ENDS) + 1))
        self.bias = nn.Parameter((torch.randn(n, h) * 0.1)[..., None].repeat(1, 1, k))
        self.ring = nn.Parameter(torch.full((n, h), 0.1))
        self.first_half = nn.Parameter(torch.full((n, h), 0.1))
        self.second = nn.Parameter(torch.zeros(n, h))
        self.out = nn.Parameter(1.0 / h + 0.2 * torch.randn(n, h))
        self.rest = nn.Parameter(torch.full((n, k), -3.0))

    def forward(self, f: Tensor, box: Tensor, filled: Tensor, code: Tensor) -> Tensor:
        """f, box [B, C, h, w] -> levels [B, C - first, h, w], by the pass that each place is in."""
        b, _, rows, columns = f.shape
        n, h, knots = self.channels - self.first, self.hidden, knots_of(code)
        both = torch.cat([f, box], 1).flatten(2)  # [B, 2C, P]
        x = torch.matmul(self.earlier * self.before, both).view(b, n, h, rows, columns)
        bias = torch.einsum("bk,nhk->bnh", knots, self.bias)
        windows = windows_of(pool_of(f), filled, self.first)
        bias = bias + torch.einsum("bnk,nhk->bnh", windows, self.windows)
        own = f[:, self.first :]
        odd = (torch.arange(rows)[:, None] + torch.arange(columns)) % 2
        p = functional.pad(own, (1, 1, 1, 1))
        ring = p[..., :-2, 1:-1] + p[..., 2:, 1:-1] + p[..., 1:-1, :-2] + p[..., 1:-1, 2:]
        even = (1 - odd).sum()
        half = torch.floor((own * (1 - odd)).sum((2, 3)) * 512 / even) / 512
        later = self.second + half[..., None] * self.first_half  # [B, n, h]
        second = ring[:, :, None] * self.ring[..., None, None] + later[..., None, None]
        x = functional.leaky_relu(x + bias[..., None, None] + second * odd, SLOPE)
        level = torch.einsum("bnhyx,nh->bnyx", x, self.out)
        return level + torch.einsum("bk,nk->bn", knots, self.rest)[..., None, None]
