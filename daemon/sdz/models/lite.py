"""lite-1, the built-in autoencoder, in integers: it takes numpy and two small libraries in C.

``lite_torch.py`` has the same for cards and for searching.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sdz import processors
from sdz.container import Header
from sdz.errors import BadModel
from sdz.extras import need
from sdz.models.editions import WEIGHTS, weights_hash
from sdz.models.known import BUILT_IN
from sdz.models.lite_tables import FACTOR, LiteQuantiser, LiteTables, tables
from sdz.network import Network, read_network

if TYPE_CHECKING:
    from sdz.codec.autoencoder import Searchable

MOST_THREADS = 4
"""More find nothing to do in a picture of ordinary size."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Lite:
    """lite-1 in integers, ready to run; see ``codec.autoencoder.Whole``. ``path``: its edition's
    file. Threads may share it."""

    path: Path
    network: Network
    known: LiteTables
    weights_hash: bytes
    name: str = BUILT_IN
    factor: int = FACTOR

    @property
    def quantiser(self) -> LiteQuantiser:
        """Between its latents and the integers of a file."""
        return self.known.quantiser

    @property
    def weights_bytes(self) -> int:
        """Memory that the layers take."""
        parts = (self.network.decoder, self.network.encoder)
        return sum(part.packed.nbytes for part in parts if part is not None)

    def decode(
        self, symbols: NDArray[np.int16], header: Header, threads: int | None = None
    ) -> NDArray[np.uint8]:
        """Pixels [H, W, 3] of symbols [C, h, w]. Raises Stopped."""
        return self.network.decode(
            symbols,
            header.step,
            size=(header.height, header.width),
            channel_steps=header.channel_steps,
            threads=threads or threads_here(),
        )

    def encode(self, rgb: NDArray[np.uint8], threads: int | None = None) -> Floats:
        """Latents [C, ceil(H / 16), ceil(W / 16)] of sRGB [H, W, 3] uint8. Raises Stopped."""
        if self.network.encoder is None:
            edition = self.known.edition
            raise BadModel(BUILT_IN, f"edition {edition} only reads; encode with {BUILT_IN}")
        latents = self.network.encode(rgb, threads=threads or threads_here())
        return latents * self.network.unit[:, None, None]

    def searchable(self) -> Searchable:
        """The same in torch. Raises ExtraMissing without it."""
        need("torch")
        from sdz.models import lite_torch

        return lite_torch.load("cpu", self.path, self.weights_hash)


def load(path: Path = WEIGHTS, digest: bytes | None = None) -> Lite:
    """lite-1 from the packaged weights, or an earlier edition's. digest: the hash that its files
    carry, where it is another than the file's."""
    return Lite(path, read_network(path), tables(path), digest or weights_hash(path))


def threads_here() -> int:
    """As many threads as help one picture on this machine."""
    return min(MOST_THREADS, processors.threads_here())
