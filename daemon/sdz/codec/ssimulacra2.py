"""SSIMULACRA2 as a formula over one tile: colour, blur, difference maps, and the final score.

The metric compares two pictures at six scales (each half the one before, averaged in linear
light). At every scale the pictures are taken to XYB, and three maps are made per channel: SSIM
error, artefacts (edges that the original lacks) and lost detail (edges that the candidate
lacks). Each map is pooled by its mean and by its 4-norm, and one hundred and eight published
weights turn the pooled figures into one score: 100 is identical, 90 cannot be told apart, 70
high, 50 medium, 30 low quality; there is no lower bound.

Source of formula and constants: Jon Sneyers, Cloudinary, ``ssimulacra2`` (tools of libjxl, BSD
licence). Borders follow the ``ssimulacra2`` 0.3.0 package that the tests hold this to: black
beyond the left and right edge, mirrored beyond top and bottom.

``fidelity`` walks a picture with these functions; nothing here sees more than one tile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SCALES = 6
MIN_SIDE = 8  # a scale shorter than this on a side is not looked at
RADIUS = 5  # of the blur: how far a map's value reaches into its surroundings
MAPS = 9  # difference maps of a scale: three kinds (SSIM, artefact, lost detail) x three channels
_SIGMA = 1.5
_C2 = 0.0009  # keeps the SSIM ratio calm where nothing varies

# Rows: six scales, fine to coarse. Columns: weights of the means, then of the 4-norms, each for
# SSIM, artefact, lost detail. Ten digits of the sixteen published.
# fmt: off
WEIGHTS: NDArray[np.float64] = np.array(
    [
        # X
        (0.0, 0.0007376606707, 0.0, 0.0, 0.0007793481683, 0.0),
        (0.0, 0.000437115573, 0.0, 1.104172643, 0.0006628483413, 0.0001523163278),
        (0.0, 0.001640643746, 0.0, 1.842245552, 11.4411726, 0.0),
        (0.0007989109436, 0.0001768164381, 0.0, 1.878759498, 10.94906991, 0.0),
        (0.0007289346992, 0.9677937081, 0.0, 0.0001400342429, 0.9981766978, 0.0003194975593),
        (0.0004550992114, 0.0, 0.0, 0.001364876616, 0.0, 0.0),
        # Y
        (0.0, 0.0, 0.0, 7.466890328, 0.0, 17.44583398),
        (0.0006235601634, 0.0, 0.0, 6.683678146, 0.0003772440798, 1.027889938),
        (225.205153, 0.0, 0.0, 19.21323819, 0.001140152459, 0.001237755636),
        (176.393176, 0.0, 0.0, 24.43301, 0.2852080261, 0.0004485436924),
        (0.0, 0.0, 0.0, 34.77906344, 44.83562533, 0.0),
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        # B - Y
        (0.0, 0.0008680556573, 0.0, 0.0, 0.0, 0.0),
        (0.0, 0.0005313191874, 0.0, 0.0001653381416, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.0004179171803, 0.001729082823, 0.0),
        (0.002082700585, 0.0, 0.0, 8.826982765, 23.19243344, 0.0),
        (95.10804988, 0.9863978034, 0.9834382792, 0.001228640505, 171.2667256, 0.9807858872),
        (0.0, 0.0, 0.0, 0.0005130064589, 0.0, 0.0001085405786),
    ]
).ravel()
# fmt: on

# Opsin absorbance: linear sRGB to the cones' responses.
_OPSIN = torch.tensor(
    [
        [0.30, 1.0 - 0.30 - 0.078, 0.078],
        [0.23, 1.0 - 0.23 - 0.078, 0.078],
        [0.24342268924547819, 0.20476744424496821, 1 - 0.24342268924547819 - 0.20476744424496821],
    ]
)
_OPSIN_BIAS = 0.0037930732552754493
# Cube roots of the responses (L, M, S) to the three channels, scaled and shifted to be positive:
# 14 X + 0.42, Y + 0.01, (B - Y) + 0.55, where X = (L - M) / 2, Y = (L + M) / 2, B = S. The bias'
# own cube root is taken off L, M and S first, which only Y does not cancel.
_CHANNELS = torch.tensor([[7.0, -7.0, 0.0], [0.5, 0.5, 0.0], [-0.5, -0.5, 1.0]])
_CHANNELS_SHIFT = torch.tensor([[0.42], [0.01 - math.cbrt(_OPSIN_BIAS)], [0.55]])


def _taps() -> list[float]:
    """One side of the blur's kernel, from its middle outwards; the whole sums to one."""
    side = [math.exp(-0.5 * (i / _SIGMA) ** 2) for i in range(RADIUS + 1)]
    total = 2 * sum(side) - side[0]
    return [v / total for v in side]


_TAPS = _taps()


def positive_xyb(linear: Tensor) -> Tensor:
    """Linear sRGB [3, h, w] in 0..1 to the metric's three channels [3, h, w], about 0..1."""
    cones = torch.addmm(torch.full((3, 1), _OPSIN_BIAS), _OPSIN, linear.reshape(3, -1))
    cones.pow_(1 / 3)
    return torch.addmm(_CHANNELS_SHIFT, _CHANNELS, cones).view(linear.shape)


def halve(linear: Tensor) -> Tensor:
    """Mean of each 2x2 block of [3, h, w]; at an odd edge, of the pixels that are there."""
    height, width = linear.shape[1:]
    even = torch.nn.functional.pad(linear, (0, width % 2, 0, height % 2), mode="replicate")
    return torch.nn.functional.avg_pool2d(even, 2)


def blur(planes: Tensor) -> Tensor:
    """Gaussian of sigma 1.5 over [P, h + 10, w + 10], giving [P, h, w].

    Shifted additions: on 256x256 tiles 2 ns a pixel and plane, against 3 for a depthwise
    convolution and 10 for a product with a band matrix.
    """
    for axis in (2, 1):
        size = planes.shape[axis] - 2 * RADIUS
        out = planes.narrow(axis, RADIUS, size) * _TAPS[0]
        for i in range(1, RADIUS + 1):
            before = planes.narrow(axis, RADIUS - i, size)
            out.add_(before + planes.narrow(axis, RADIUS + i, size), alpha=_TAPS[i])
        planes = out
    return planes


@dataclass(frozen=True)
class TileStats:
    """What a comparison needs to know of one picture's tile.

    ``padded``: channels [3, h + 10, w + 10], the tile with its surroundings. ``mean``,
    ``variance``: blurred value and variance [3, h, w]. ``edge``: 1 + distance from the mean.
    """

    padded: Tensor
    mean: Tensor
    variance: Tensor
    edge: Tensor

    @classmethod
    def of(cls, padded: Tensor) -> TileStats:
        """The statistics of ``padded`` [3, h + 10, w + 10]."""
        mean = blur(padded)
        variance = blur(padded.square()).addcmul_(mean, mean, value=-1)
        core = padded[:, RADIUS:-RADIUS, RADIUS:-RADIUS]
        return cls(padded, mean, variance, (core - mean).abs_().add_(1))


def difference_maps(original: TileStats, candidate: TileStats) -> Tensor:
    """The maps [9, h, w], all >= 0: SSIM error, artefacts, lost detail, by three channels each.

    With e the difference of the means and D the variance of the difference, the SSIM error
    1 - (1 - e^2) (2 cov + C2) / (var1 + var2 + C2) is e^2 + (1 - e^2) D / (var1 + var2 + C2).
    In this form nothing cancels, so float32 is as good as float64: the weights of the SSIM maps
    would turn a rounding of 1e-4 into a tenth of a point.
    """
    e2 = (original.mean - candidate.mean).square_()
    spread = blur((original.padded - candidate.padded).square_()).sub_(e2)
    spread.div_((original.variance + candidate.variance).add_(_C2))
    ssim = spread.mul_(1 - e2).add_(e2)
    edge = (candidate.edge / original.edge).sub_(1)
    return torch.cat((ssim, edge, edge.neg())).clamp_min_(0)


def pooled_sums(maps: Tensor, cell: int) -> NDArray[np.float64]:
    """Sums over ``cell`` x ``cell`` squares of ``maps`` [9, h, w] and of their fourth powers.

    Returns [9, 2, ceil(h / cell), ceil(w / cell)].
    """
    height, width = maps.shape[1:]
    rows, columns = -(-height // cell), -(-width // cell)
    if (rows * cell, columns * cell) != (height, width):
        pad = (0, columns * cell - width, 0, rows * cell - height)
        maps = torch.nn.functional.pad(maps, pad)
    both = torch.stack((maps, maps.square().square_()), 1)
    cells = both.view(MAPS, 2, rows, cell, columns, cell)
    return cells.sum((3, 5)).numpy().astype(np.float64)


def score(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """The score from pooled means [S, 9, 2, ...]: of each map, and of its fourth power.

    S, the number of scales, is 6 unless the picture is small. With fewer scales the weights are
    taken from the front of the one list, as the original does.
    """
    scales = means.shape[0]
    norms = means.copy()
    norms[:, :, 1] **= 0.25
    # [S, kind, channel, norm, ...] against weights in the order channel, scale, norm, kind.
    norms = norms.reshape(scales, 3, 3, 2, *means.shape[3:])
    weights = WEIGHTS[: scales * 18].reshape(3, scales, 2, 3)
    x = np.einsum("skcn...,csnk->...", norms, weights) * 0.9562382616834844
    x = x * (2.326765642916932 + x * (6.248496625763138e-05 * x - 0.020884521182843837))
    return np.asarray(100.0 - 10.0 * np.maximum(x, 0.0) ** 0.6276336467831387)
