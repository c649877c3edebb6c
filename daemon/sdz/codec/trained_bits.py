"""What latents will take in a file of the trained coder, as a smooth function: for searching.

The contexts are those of docs/trained-coder.md in floats: what the coder rounds down is left
unrounded here, sizes are the logarithm itself, and the drift of levels, which follows the picture,
is left out. Bits stand in the coder's own tables, one number for each level and each distance of a
symbol from its mean; between them they are interpolated, which for values between two integers is
just what a draw between those two takes on average.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from sdz.entropy.trained import Statistics
from sdz.entropy.trained.layout import (
    AHEAD,
    CROSSED,
    EDGES,
    KNOTS,
    PHASES,
    PLACES,
    REACH,
    TOTAL,
    WINDOW_ENDS,
)
from sdz.entropy.trained.pairs import squared

FINE = 16  # distances from a mean are in sixteenths

WEIGHT, MEAN, OUT, BIAS, REST = 2048, 4096, 1024, 1 << 16, 1 << 17  # units; REST: a level

Floats = NDArray[np.float64]


class TrainedBits:
    """Bits by the statistics of a model at one step code, for a picture's integers [C, h, w]."""

    def __init__(self, statistics: Statistics, code: int, symbols: Tensor) -> None:
        """symbols: the picture's as they are now; which channels are filled is taken from them."""
        sizes, arrays = statistics.sizes, statistics.arrays
        self.causal, self.channels = sizes.causal, sizes.channels
        at = min(max(code - 4096, 0), 49152) / 8192
        knots = np.maximum(0, 1 - np.abs(at - np.arange(KNOTS)))

        def plain(name: str, unit: float) -> Tensor:
            return torch.from_numpy(arrays[name].astype(np.float64) / unit).float()

        def knotted(name: str, unit: float) -> Tensor:
            return torch.from_numpy(arrays[name].astype(np.float64) @ knots / unit).float()

        def before(name: str, unit: float, count: int, first: int) -> Tensor:
            return torch.from_numpy(squared(plain(name, unit).numpy(), count, first))

        n, c, first = sizes.causal, sizes.channels, sizes.causal
        self.near, self.own = knotted("near", MEAN), plain("own", WEIGHT)
        cross = before("cross", MEAN, n, 0)  # [N, N, 5]
        kernel = torch.zeros(n, n, 3, 3)
        for k, (dy, dx) in enumerate(CROSSED):
            kernel[:, :, 1 + dy, 1 + dx] = cross[..., k]
        self.cross = kernel
        earlier = before("earlier", WEIGHT, n, 0)  # [N, N, H, 2]
        self.earlier = earlier.permute(0, 2, 3, 1).reshape(n * sizes.hidden, 2 * n)
        self.pools = before("pools", WEIGHT, n, 0)  # [N, N, H]
        self.out, self.rest = plain("out", OUT), knotted("rest", REST)
        earlier = before("plane_earlier", WEIGHT, c - n, first)  # [M, C, G, 2]
        self.plane_earlier = earlier.permute(0, 2, 3, 1).reshape(-1, 2 * c)
        self.ring, self.half = plain("ring", WEIGHT), plain("half", WEIGHT)
        self.plane_later = plain("later", BIAS)
        self.plane_out, self.plane_rest = plain("plane_out", OUT), knotted("plane_rest", REST)
        filled = symbols.ne(0).any(2).any(1).float()
        self.bias = knotted("bias", BIAS) + plain("share", WEIGHT) * filled.mean()
        ahead = functional.pad(filled.cumsum(0), (1, AHEAD), value=float(filled.sum()))
        ahead[0] = 0
        ahead = (ahead[first + AHEAD : c + AHEAD] - ahead[first:c]) / AHEAD
        windows = plain("windows", WEIGHT)  # [M, G, 9]
        self.windows, self.plane_bias = windows[..., :-1], knotted("plane_bias", BIAS)
        self.plane_bias = self.plane_bias + windows[..., -1] * ahead[:, None]
        self.table = _Table(_row_bits(arrays["rows"], arrays["shifts"]), arrays["shifts"], FINE)
        self.plane_table = _Table(_plane_bits(arrays["plane_rows"]), arrays["shifts"], 1)
        self.device = torch.device("cpu")

    def of(self, values: Tensor) -> Tensor:
        """Bits of values [C, h, w], which need not be integers: one number.

        A part of the picture is taken for a picture of its own.
        """
        self._move(values.device)
        size = torch.log2(1 + values.abs().clamp(max=255))
        box = functional.avg_pool2d(functional.pad(size, (1, 1, 1, 1), mode="replicate"), 3, 1)
        bits, n = values.new_zeros(()), self.causal
        if n:
            mean, level = self._place_after_place(values[:n], size[:n], box[:n])
            bits = bits + self.table.of(values[:n] - mean, level)
        if n < self.channels:
            bits = bits + self.plane_table.of(values[n:], self._planes(size, box))
        return bits

    def _place_after_place(self, q: Tensor, size: Tensor, box: Tensor) -> tuple[Tensor, Tensor]:
        """Means and levels of the first channels [N, h, w]."""
        n, height, width = q.shape
        places = _neighbours(q)
        mean = torch.einsum("ck,ckyx->cyx", self.near, torch.stack(places, 1))
        around = functional.pad(q, (1, 1, 1, 1), mode="replicate")
        mean = mean + functional.conv2d(around[None], self.cross)[0]
        seen = torch.stack([*places, *(places[a] - places[b] for a, b in EDGES)], 1)
        x = torch.einsum("chk,ckyx->chyx", self.own, torch.log2(1 + seen.abs().clamp(max=255)))
        both = torch.cat([size, box]).flatten(1)
        x = x + (self.earlier @ both).view(n, -1, height, width)
        bias = self.bias + torch.einsum("d,cdh->ch", size.mean((1, 2)), self.pools)
        level = torch.einsum("chyx,ch->cyx", _unit(x + bias[..., None, None]), self.out * 8)
        return mean, level + self.rest[:, None, None]

    def _planes(self, size: Tensor, box: Tensor) -> Tensor:
        """Levels of the other channels [M, h, w]."""
        _, height, width = size.shape
        x = (self.plane_earlier @ torch.cat([size, box]).flatten(1)).view(
            len(self.ring), -1, height, width
        )
        bias = self.plane_bias + torch.einsum("mk,mgk->mg", self._windows(size), self.windows)
        own = size[self.causal :]
        odd = (torch.arange(height)[:, None] + torch.arange(width)) % 2
        odd = odd.to(size.device, size.dtype)
        p = functional.pad(own, (1, 1, 1, 1))
        ring = p[:, :-2, 1:-1] + p[:, 2:, 1:-1] + p[:, 1:-1, :-2] + p[:, 1:-1, 2:]
        half = (own * (1 - odd)).sum((1, 2)) / (1 - odd).sum()
        later = self.plane_later + half[:, None] * self.half
        second = ring[:, None] * self.ring[..., None, None] + later[..., None, None]
        x = _unit(x + bias[..., None, None] + second * odd)
        level = torch.einsum("mgyx,mg->myx", x, self.plane_out * 8)
        return level + self.plane_rest[:, None, None]

    def _windows(self, size: Tensor) -> Tensor:
        """Mean pools of ranges of earlier channels: [M, 8]."""
        total = functional.pad(size.mean((1, 2)).cumsum(0), (1, 0))
        rows = torch.arange(self.causal, self.channels, device=size.device)
        found, near = [], rows
        for end in WINDOW_ENDS:
            far = (rows - end).clamp_min(0)
            found.append((total[near] - total[far]) / (near - far).clamp_min(1))
            near = far
        return torch.stack(found, 1)

    def _move(self, device: torch.device) -> None:
        if device != self.device:
            for name, value in vars(self).items():
                if isinstance(value, Tensor):
                    setattr(self, name, value.to(device))
            self.table.move(device)
            self.plane_table.move(device)
            self.device = device


class _Table:
    """Bits [L, D] of distances from the mean in steps of 1/fine bins, for each level."""

    def __init__(self, bits: Floats, shifts: NDArray[Any], fine: int) -> None:
        self.levels, self.width = bits.shape
        raw = shifts.astype(np.float64)
        self.bits = torch.from_numpy(bits + raw[:, None]).float().flatten()
        self.scale = torch.from_numpy(fine / 2.0**raw).float()

    def move(self, device: torch.device) -> None:
        """Be where the values are."""
        self.bits, self.scale = self.bits.to(device), self.scale.to(device)

    def of(self, distance: Tensor, level: Tensor) -> Tensor:
        """The sum over all places."""
        level = (level - 0.5).clamp(0, self.levels - 1)  # a row is right in its middle
        low = level.detach().floor().clamp(max=max(self.levels - 2, 0))
        row = low.long()
        below, above = self._at(distance.abs(), row), self._at(distance.abs(), row + 1)
        return torch.lerp(below, above, level - low).sum()

    def _at(self, distance: Tensor, row: Tensor) -> Tensor:
        x = distance * self.scale[row]
        low = x.detach().floor().clamp(max=self.width - 2)  # beyond the last, as between the last
        at = row * self.width + low.long()
        below, above = self.bits[at], self.bits[at + 1]
        return below + (above - below) * (x - low)


def _neighbours(q: Tensor) -> list[Tensor]:
    """The values at PLACES around each place of [N, h, w], as a reader has them then."""
    left = functional.pad(q[:, :-1, :1], (0, 0, 1, 0)).expand(*q.shape[:2], 2)
    p = functional.pad(torch.cat([left, q, q[..., -1:]], 2), (0, 0, 2, 0))
    height, width = q.shape[1:]
    return [p[:, 2 + dy : 2 + dy + height, 2 + dx : 2 + dx + width] for dy, dx in PLACES]


def _unit(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 1 / 8)


def _row_bits(rows: NDArray[Any], shifts: NDArray[Any]) -> Floats:
    """[L, 16 REACH + 1] of ``rows`` [L, PHASES, 33]: distances in sixteenths of a bin.

    A distance belongs to one phase and one bin of it, or at halves to one on either side. Where low
    bits are raw, the phase is nothing beside a bin, and its first stands for all.
    """
    bits = math.log2(TOTAL) - np.log2(rows.astype(np.float64))
    middle = REACH + 1  # the column of bin 0
    found = np.empty((len(rows), FINE * REACH + 1))
    for distance in range(FINE * REACH + 1):
        bins, rest = divmod(distance, FINE)
        below = bits[:, rest, middle - bins] if rest < PHASES else None
        above = bits[:, FINE - rest, middle + bins + 1] if FINE - rest < PHASES else None
        sides = [side for side in (below, above) if side is not None]
        found[:, distance] = np.mean(sides, axis=0)
    coarse = shifts > 0
    whole = np.arange(0, FINE * REACH + 1, FINE)
    up, down = bits[:, 0, middle : middle + REACH + 1], bits[:, 0, 1 : middle + 1][:, ::-1]
    for level in np.flatnonzero(coarse):
        found[level] = np.interp(np.arange(FINE * REACH + 1), whole, (up[level] + down[level]) / 2)
    return found


def _plane_bits(rows: NDArray[Any]) -> Floats:
    """[L, REACH] of ``plane_rows`` [L, 16]: bins 0 to 14, half of each but 0 for either sign."""
    bits = math.log2(TOTAL) - np.log2(rows.astype(np.float64))
    bits[:, 1:] += 1
    return bits[:, :REACH]
