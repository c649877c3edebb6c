"""SSIMULACRA2's numbers, and the final score.

The metric compares two pictures at six scales (each half the one before, averaged in linear
light). At every scale the pictures are taken to XYB, and three maps are made per channel: SSIM
error, artefacts (edges that the original lacks) and lost detail (edges that the candidate
lacks). Each map is pooled by its mean and by its 4-norm, and one hundred and eight published
weights turn the pooled figures into one score: 100 is identical, 90 cannot be told apart, 70
high, 50 medium, 30 low quality; there is no lower bound.

Source of formula and constants: Jon Sneyers, Cloudinary, ``ssimulacra2`` (tools of libjxl, BSD
licence). Borders follow the ``ssimulacra2`` 0.3.0 package that the tests hold this to: black
beyond the left and right edge, mirrored beyond top and bottom.

The maps are made in C (``metric.c``) by the numbers given here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

SCALES = 6
MIN_SIDE = 8  # a scale shorter than this on a side is not looked at
RADIUS = 5  # of the blur: how far a map's value reaches into its surroundings
MAPS = 9  # difference maps of a scale: three kinds (SSIM, artefact, lost detail) x three channels
SIGMA = 1.5  # of the blur
C2 = 0.0009  # keeps the SSIM ratio calm where nothing varies

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

SUM = 0.9562382616834844
"""What the weighted sum is multiplied by."""

# Opsin absorbance: linear sRGB to the cones' responses.
OPSIN = np.array(
    [
        [0.30, 1.0 - 0.30 - 0.078, 0.078],
        [0.23, 1.0 - 0.23 - 0.078, 0.078],
        [0.24342268924547819, 0.20476744424496821, 1 - 0.24342268924547819 - 0.20476744424496821],
    ]
)
OPSIN_BIAS = 0.0037930732552754493
# Cube roots of the responses (L, M, S) to the three channels, scaled and shifted to be positive:
# 14 X + 0.42, Y + 0.01, (B - Y) + 0.55, where X = (L - M) / 2, Y = (L + M) / 2, B = S. The bias'
# own cube root is taken off L, M and S first, which only Y does not cancel.
CHANNELS = np.array([[7.0, -7.0, 0.0], [0.5, 0.5, 0.0], [-0.5, -0.5, 1.0]])
CHANNELS_SHIFT = np.array([0.42, 0.01 - math.cbrt(OPSIN_BIAS), 0.55])


def linear_light() -> NDArray[np.float64]:
    """Linear light [256] of each sRGB byte (IEC 61966-2-1), 0..1."""
    v = np.arange(256) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def taps() -> NDArray[np.float64]:
    """One side of the blur's kernel, from its middle outwards; the whole sums to one."""
    side = np.exp(-0.5 * (np.arange(RADIUS + 1) / SIGMA) ** 2)
    return np.asarray(side / (2 * side.sum() - side[0]))


def numbers() -> NDArray[np.float32]:
    """All of them as ``Formula`` of job.h has them."""
    bias, calm = np.array([OPSIN_BIAS]), np.array([C2])
    parts = [linear_light(), taps(), OPSIN, bias, CHANNELS, CHANNELS_SHIFT, calm]
    return np.concatenate([part.ravel() for part in parts]).astype(np.float32)


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
    x = np.einsum("skcn...,csnk->...", norms, weights) * SUM
    return score_of(x)


def score_of(total: ArrayLike) -> NDArray[np.float64]:
    """The score of weighted sums: 100 for 0 and less, 30 for 10, 0 for 21."""
    x = np.asarray(total, np.float64)
    x = x * (2.326765642916932 + x * (6.248496625763138e-05 * x - 0.020884521182843837))
    return np.asarray(100.0 - 10.0 * np.maximum(x, 0.0) ** 0.6276336467831387)
