"""What the codec asks of an autoencoder, and of its quantiser; no implementation.

The codec stands below the models and knows them only by these protocols. A ``Quantiser`` is
plain data and numpy: it is all that reading, measuring sizes and the weightless preview need.
There are two kinds of network: one of floats, in torch, which is run in tiles (``Tiled``), and one
of integers, which takes symbols and gives bytes, whatever the picture's size (``Whole``). A
``Searchable`` one lets an encoder look for better latents than the network's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from sdz.container import Header
    from sdz.entropy.trained import Statistics


@runtime_checkable
class Quantiser(Protocol):
    """Step codes to what latents y are multiplied by before and after rounding.

    Stored are integers near ``scale * y``, and ``step`` times them is what is decoded.
    """

    @property
    def channels(self) -> int:
        """Number of latent channels C."""

    @property
    def statistics(self) -> Statistics | None:
        """How the latents are distributed, for the trained coder; None: the adaptive one."""

    @property
    def trellis(self) -> bool:
        """Whether latents are stored by the coder's trellis, whose steps are 0.62 times as large
        for the same error, and placed where its prediction leans.

        Right for latents that are nothing but numbers to be kept; wrong for a network trained
        on plain rounding, which has learnt to expect the integers themselves.
        """

    def steps(self, code: int) -> NDArray[np.float32]:
        """Quantiser step of each channel, [C] float32 > 0, strictly increasing in ``code``."""

    def scales(self, code: int) -> NDArray[np.float32]:
        """What each channel is multiplied by before rounding, [C] float32 > 0.

        1 / steps, unless the model learnt the two apart.
        """

    def code_for_quality(self, quality: float) -> int:
        """Step code, 0 (finest) to 65535 (coarsest), of a quality from 1 (coarsest) to 100."""

    def rd_weights(self, code: int) -> NDArray[np.float32]:
        """Bits that a squared error of one step is worth, by channel: [C] float32.

        Rate-distortion-optimised quantisation minimises, for a symbol q of a latent y,
        ``bits(q) + rd_weights[c] * (q - scale[c] * y) ** 2``.
        """


class Described(Protocol):
    """What tells one autoencoder from another; a loaded one has it, and a mere description."""

    @property
    def quantiser(self) -> Quantiser:
        """Between its latents and the integers of a file."""

    @property
    def factor(self) -> int:
        """Pixels to a latent, along one side (8 or 16)."""

    @property
    def weights_hash(self) -> bytes | None:
        """First 8 bytes of the SHA-256 over the decoder's weights, None where not known."""


class Loaded(Described, Protocol):
    """A network that is ready to run. Deterministic, as all of these: no sampling."""

    @property
    def name(self) -> str:
        """The registered name, as it stands in a file's header."""

    @property
    def weights_hash(self) -> bytes:
        """First 8 bytes of the SHA-256 over the decoder's weights."""


@runtime_checkable
class Whole(Loaded, Protocol):
    """A network of integers: latents to pixels and back, the same on every machine.

    Both heed ``sdz.stopping``. threads: as many as may be used, None for as many as help.
    """

    def decode(
        self, symbols: NDArray[np.int16], header: Header, threads: int | None = None
    ) -> NDArray[np.uint8]:
        """Pixels [H, W, 3] uint8 sRGB of symbols [C, h, w]. Raises Stopped."""

    def encode(self, rgb: NDArray[np.uint8], threads: int | None = None) -> NDArray[np.float32]:
        """Latents [C, ceil(H / factor), ceil(W / factor)] of sRGB [H, W, 3]. Raises Stopped."""

    def searchable(self) -> Searchable:
        """The same network in floats, for searching. Raises ExtraMissing without torch."""


@runtime_checkable
class Tiled(Loaded, Protocol):
    """A network in torch, that is run over tiles of a picture; see ``codec.tiles``."""

    @property
    def halo(self) -> int | None:
        """Radius, in latents, within which latents and pixels depend on each other.

        A latent further away changes no decoded pixel, and pixels further away change no
        latent, so tiles cut with that much margin give exactly what the whole picture gives.
        None: the network looks at all of what it is given (GroupNorm, attention), and tiles can
        only be blended.
        """

    @property
    def max_tile(self) -> int:
        """Largest side, in latents, to be run at once; larger pictures are tiled for memory."""

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """[1, C, h, w] float32 latents -> [1, 3, h * factor, w * factor] float32 sRGB.

        Mostly in 0..1; not necessarily clamped.
        """

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """[1, 3, H, W] float32 sRGB in 0..1 -> [1, C, H / factor, W / factor] float32 latents.

        H and W are multiples of the factor. The posterior mean, shifted and scaled to about
        unit variance; nothing is clipped.
        """


Autoencoder = Whole | Tiled
"""Either kind."""


@runtime_checkable
class Searchable(Tiled, Protocol):
    """An autoencoder that knows what it was trained for; see ``codec.refine``. Its latents are
    stored as plain integers, without the trellis.

    search_device: where torch has its weights, and where all of a search is done.
    """

    search_device: str

    def worth(self, code: int) -> float:
        """Bits that a squared error of pixels (of 0..1, mean of the colours) is worth: > 0."""

    def decode_for_search(self, latents: torch.Tensor) -> torch.Tensor:
        """As ``decode``, and gradients flow back to the latents (not to the weights)."""
