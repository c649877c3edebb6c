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
    """An autoencoder without its network.

    ``weights_hash``: first 8 bytes of the decoder's SHA-256, None while it is not installed.
    ``size``: bytes on this machine. ``repo``: on the hub, where it is from there.
    """

    name: str
    kind: Kind
    factor: int
    quantiser: Quantiser
    preview: PreviewTable | None = None
    weights_hash: bytes | None = None
    size: int = 0
    repo: str | None = None
