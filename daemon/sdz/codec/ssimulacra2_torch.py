"""SSIMULACRA2's weighted sum with a gradient: for training, and for searching.

``formula.score_of`` makes the score of it. Borders are blurred with what is there, where the metric
takes black or mirrors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from sdz.ssimulacra2 import formula

LOOKS_WORTH = 7e-5
"""What one unit of the sum is worth in squared error. Along edition 2's curve twenty points of the
score go with 8.3e-4 of squared error from -34 on, with 4.3e-4 from 12 and 2.4e-4 (13 points) from
48; by the score's slope there, 6e-5, 7.4e-5 and 8e-5 a unit of the sum."""


def band(side: int, reach: int, inside: bool) -> Tensor:
    """The matrix that blurs a line of ``side`` by a Gaussian of 1.5: where the window fits, or
    everywhere, with what is there of it at the ends."""
    at = torch.arange(side)
    apart = (at[:, None] - at).float()
    matrix = torch.exp(-0.5 * (apart / formula.SIGMA).square()) * (apart.abs() <= reach)
    matrix = matrix[reach : side - reach] if inside else matrix
    return matrix / matrix.sum(1, keepdim=True)


@dataclass(frozen=True)
class Seen:
    """An original at one scale: the mean of its XYB, its XYB about that, and of this the blur and
    the blur of squares."""

    middle: Tensor
    plane: Tensor
    mean: Tensor
    square: Tensor


class Ssimulacra2(nn.Module):
    """The sum for pictures [N, 3, height, width] of one size: [N].

    finest: the first of the six scales that is looked at; what is finer is averaged away before
    light is made of it, which the metric does after. every: 2 looks at every second place of every
    second row. Half the size and every second place take a tenth of the time of all.
    """

    def __init__(self, height: int, width: int, finest: int = 0, every: int = 1) -> None:
        super().__init__()
        self.finest, self.every, self.scales = finest, every, 0
        while self.scales < formula.SCALES and min(height, width) >= 2 * formula.RADIUS + 1:
            k = self.scales
            if k >= finest:
                down, across = (band(side, formula.RADIUS, False) for side in (height, width))
                self.register_buffer(f"down{k}", down[::every].clone(), persistent=False)
                self.register_buffer(f"across{k}", across[::every].T.clone(), persistent=False)
            height, width, self.scales = height // 2, width // 2, k + 1
        weights = torch.from_numpy(formula.WEIGHTS).float().view(3, formula.SCALES, 2, 3)
        self.register_buffer("weights", weights * formula.SUM, persistent=False)
        opsin, channels = (
            torch.from_numpy(matrix).float() for matrix in (formula.OPSIN, formula.CHANNELS)
        )
        self.register_buffer("opsin", opsin, persistent=False)
        self.register_buffer("channels", channels, persistent=False)

    def forward(self, decoded: Tensor, original: Tensor) -> Tensor:
        """Both sRGB about -0.5..0.5."""
        return self.of(decoded, self.see(original))

    def see(self, original: Tensor) -> list[Seen]:
        """What ``of`` needs of an original, for as many decodes of it as one likes."""
        found = []
        for k, plane in self._scales(original):
            middle = plane.mean((2, 3), keepdim=True)
            y = plane - middle
            found.append(Seen(middle, y, self._blurred(k, y), self._blurred(k, y.square())))
        return found

    def of(self, decoded: Tensor, seen: list[Seen]) -> Tensor:
        """The sum: [N]."""
        total, weights = decoded.new_zeros(len(decoded)), self.get_buffer("weights")
        for (k, plane), y in zip(self._scales(decoded), seen, strict=True):
            x = plane - y.middle
            mean, square = self._blurred(k, x), self._blurred(k, x.square())
            error = self._blurred(k, (x - y.plane).square())
            e2 = (mean - y.mean).square()
            variances = square - mean.square() + y.square - y.mean.square()
            spread = (error - e2) / (variances.clamp_min(0) + formula.C2)
            ssim = (spread * (1 - e2) + e2).clamp_min(0)
            edge = (1 + (self._at(x) - mean).abs()) / (1 + (self._at(y.plane) - y.mean).abs()) - 1
            for kind, values in enumerate((ssim, edge.clamp_min(0), (-edge).clamp_min(0))):
                norm = (values.square().square().mean((2, 3)) + 1e-16) ** 0.25
                means = weights[:, k, 0, kind] * values.mean((2, 3))
                total = total + (means + weights[:, k, 1, kind] * norm).sum(1)
        return total

    def _scales(self, pixels: Tensor) -> Iterator[tuple[int, Tensor]]:
        """XYB [N, 3, H, W] of pixels by scale, from ``finest`` on."""
        for _ in range(min(self.finest, self.scales)):
            pixels = functional.avg_pool2d(pixels, 2)
        light = _linear(pixels)
        for k in range(self.finest, self.scales):
            yield k, self._xyb(light)
            if k + 1 < self.scales:
                light = functional.avg_pool2d(light, 2)

    def _blurred(self, k: int, plane: Tensor) -> Tensor:
        """Blurred, at the places that are looked at."""
        down, across = self.get_buffer(f"down{k}"), self.get_buffer(f"across{k}")
        return down @ (plane @ across)

    def _at(self, plane: Tensor) -> Tensor:
        return plane[..., :: self.every, :: self.every]

    def _xyb(self, light: Tensor) -> Tensor:
        opsin, channels = self.get_buffer("opsin"), self.get_buffer("channels")
        cones = torch.einsum("nchw,dc->ndhw", light, opsin) + formula.OPSIN_BIAS
        return torch.einsum("nchw,dc->ndhw", cones ** (1 / 3), channels)


def _linear(pixels: Tensor) -> Tensor:
    v = (pixels + 0.5).clamp(0, 1)
    return torch.where(v <= 0.04045, v / 12.92, ((v.clamp_min(0.04) + 0.055) / 1.055) ** 2.4)
