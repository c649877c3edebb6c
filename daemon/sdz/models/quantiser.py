"""The quantiser of autoencoders whose latents have about unit variance in every channel.

All channels share one step. ``Quantiser`` of ``sdz.codec.autoencoder`` says what the methods
promise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CODES_PER_OCTAVE = 4096
"""4096 codes double the step, so one code changes it by 0.017 %: finer than any rate search."""

CODE_OF_ONE = 32768
"""The code whose step is 1, the standard deviation of a latent. Codes span 2**-8 to 2**8."""

COARSEST = 38137  # quality 1: step 2.48, worth 4: a latent seldom leaves zero
FINEST = 13561  # quality 100: worth 1/16, an error well below what the autoencoders lose themselves

RD_WEIGHT = 4.5
"""Bits that a squared error of one step is worth.

At high rate an optimal uniform quantiser has D = step**2 / 12 and R = h - log2(step), hence
-dR/dD = 6 / ln 2 = 8.66 bits a squared step; at the rates pictures are stored at, coders use less
(HEVC's reference encoder 7.5 for its plain quantiser). A step of the trellis is 0.62 times as large
for the same error, which makes that 3 to 4; tried on latents of Stable Diffusion 1.x, 4.5 was best.
"""


@dataclass(frozen=True, slots=True)
class UniformQuantiser:
    """One step for all ``channels``: step = 2 ** ((code - 32768) / 4096).

    Quality is logarithmic in the step, from 2.5 (quality 1) to 0.04 (quality 100), steps of the
    trellis: plain steps of the same error are 4 and 1/16. The middle has about the error of a
    256-colour palette of Stable Diffusion 1.x latents.
    """

    channels: int
    trellis: bool = True
    statistics: None = None

    def steps(self, code: int) -> NDArray[np.float32]:
        """Quantiser step of each channel at ``code`` (0..65535): [C] float32."""
        return np.full(self.channels, 2.0 ** ((code - CODE_OF_ONE) / CODES_PER_OCTAVE), np.float32)

    def scales(self, code: int) -> NDArray[np.float32]:
        """What each channel is multiplied by before rounding, 1 / step: [C] float32."""
        return np.float32(1) / self.steps(code)

    def code_for_quality(self, quality: float) -> int:
        """Step code of a quality from 1 to 100; beyond that range, that of its nearer end."""
        position = (min(max(quality, 1.0), 100.0) - 1.0) / 99.0
        return round(COARSEST + (FINEST - COARSEST) * position)

    def rd_weights(self, code: int) -> NDArray[np.float32]:  # noqa: ARG002 - the same at every code
        """Bits that a squared error of one step is worth: [C] float32, the same at every code."""
        return np.full(self.channels, RD_WEIGHT, np.float32)
