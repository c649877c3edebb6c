"""What is known of an autoencoder without its network: sizes, quantiser, preview.

Enough to read, size and preview a picture. Needs numpy, not torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdz.codec.autoencoder import Quantiser
from sdz.models.known import Kind


@dataclass(frozen=True, slots=True, eq=False)
class PreviewTable:
    """A linear map from the C channels of a latent to ``side`` x ``side`` pixels.

    ``rows``: [C + 1, side * side * 3] float32, the bias last; columns in the order (row of the
    picture, column, colour), outputs in 0..1 sRGB.
    """

    rows: NDArray[np.float32]
    side: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """An autoencoder without its network; itself a ``Quantiser``.

    ``weights_hash``: first 8 bytes of the decoder's SHA-256, None while it is not installed.
    ``size``: bytes on this machine. ``repo``, ``subfolder`` and ``revision``: where it is from.
    """

    name: str
    kind: Kind
    channels: int
    factor: int
    quantiser: Quantiser
    preview: PreviewTable | None = None
    weights_hash: bytes | None = None
    size: int = 0
    repo: str | None = None
    subfolder: str = ""
    revision: str | None = None

    @property
    def trellis(self) -> bool:
        """Whether latents are stored by the coder's trellis."""
        return self.quantiser.trellis

    def steps(self, code: int) -> NDArray[np.float32]:
        """Quantiser step of each channel at ``code`` (0..65535): [C] float32."""
        return self.quantiser.steps(code)

    def scales(self, code: int) -> NDArray[np.float32]:
        """What each channel is multiplied by before rounding: [C] float32."""
        return self.quantiser.scales(code)

    def code_for_quality(self, quality: float) -> int:
        """Step code of a quality from 1 to 100."""
        return self.quantiser.code_for_quality(quality)

    def rd_weights(self, code: int) -> NDArray[np.float32]:
        """Bits that a squared error of one step is worth: [C] float32."""
        return self.quantiser.rd_weights(code)
