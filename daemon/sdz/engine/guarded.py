"""An autoencoder with the engine's hand on it: between tiles it may be stopped, and it says how
far it is; it runs in half precision where that is safe, and in smaller tiles where memory is short.
One of integers is run whole, in as many threads as the engine has, and stopped by what they heed.

The codec sees an ``Autoencoder`` and knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sdz.codec.autoencoder import Autoencoder, Searchable, Tiled, Whole
from sdz.container import Header
from sdz.engine.devices import autocast

if TYPE_CHECKING:
    import torch

_LEAST_KEPT: Final = 4  # latents a side of a tile without its margins; less is nearly all margin


class Guarded:
    """``model``, run under conditions. See ``codec.autoencoder.Tiled``.

    checkpoint: called before every run of the network; raises to stop. advanced: called after.
    turn: held for every run: one picture at a time uses the device, or torch's own threads.
    shrink: what ``max_tile`` is divided by. A network with a halo gives the same result in any
    tiles. One without is blended in the tiles its file names: there it only counts for new files.
    """

    def __init__(
        self,
        model: Tiled,
        *,
        device: str,
        dtype: torch.dtype | None,
        checkpoint: Callable[[], None],
        advanced: Callable[[], None],
        turn: AbstractContextManager[Any],
        shrink: int = 1,
    ) -> None:
        self._model, self._device, self._dtype = model, device, dtype
        self._checkpoint, self._advanced, self._turn = checkpoint, advanced, turn
        self.name = model.name
        self.quantiser = model.quantiser
        self.factor = model.factor
        self.weights_hash = model.weights_hash
        self.halo = model.halo
        self.max_tile = model.max_tile
        if shrink > 1:
            least = 2 * (model.halo or 0) + _LEAST_KEPT
            self.max_tile = min(model.max_tile, max(model.max_tile // shrink, least))

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """[1, 3, H, W] -> [1, C, H / factor, W / factor] float32 on the processor."""
        return self._run(self._model.encode, pixels)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """[N, C, h, w] -> [N, 3, h * factor, w * factor] float32 on the processor."""
        return self._run(self._model.decode, latents)

    def _run(
        self, network: Callable[[torch.Tensor], torch.Tensor], given: torch.Tensor
    ) -> torch.Tensor:
        with self._turn, autocast(self._device, self._dtype):
            self._checkpoint()
            result = network(given).float().cpu()
        self._advanced()
        return result


class GuardedSearch(Guarded):
    """The same of a model that can be searched. See ``codec.autoencoder.Searchable``."""

    def __init__(self, model: Searchable, **conditions: Any) -> None:
        super().__init__(model, **conditions)
        self._searched = model
        self.worth = model.worth
        self.search_device = model.search_device

    def decode_for_search(self, latents: torch.Tensor) -> torch.Tensor:
        """As ``decode``, on the model's own device, with gradients that flow back.

        In float32 always: in half precision the gradients of single pixels would vanish.
        """
        self._checkpoint()
        result = self._searched.decode_for_search(latents)
        self._advanced()
        return result


class GuardedWhole:
    """A network of integers under conditions. See ``codec.autoencoder.Whole``."""

    def __init__(
        self,
        model: Whole,
        *,
        checkpoint: Callable[[], None],
        advanced: Callable[[], None],
        **others: Any,
    ) -> None:
        self._model = model
        self._checkpoint, self._advanced = checkpoint, advanced
        self._others = others
        self.name = model.name
        self.quantiser = model.quantiser
        self.factor = model.factor
        self.weights_hash = model.weights_hash

    def decode(
        self, symbols: NDArray[np.int16], header: Header, threads: int | None = None
    ) -> NDArray[np.uint8]:
        """Pixels [H, W, 3] of symbols [C, h, w]."""
        self._checkpoint()
        pixels = self._model.decode(symbols, header, threads)
        self._advanced()
        return pixels

    def encode(self, rgb: NDArray[np.uint8], threads: int | None = None) -> NDArray[np.float32]:
        """Latents [C, h, w] of [H, W, 3]."""
        self._checkpoint()
        latents = self._model.encode(rgb, threads)
        self._advanced()
        return latents

    def searchable(self) -> Searchable:
        """The same in floats, under the same conditions."""
        return GuardedSearch(
            self._model.searchable(),
            checkpoint=self._checkpoint,
            advanced=self._advanced,
            **self._others,
        )


def guard(model: Autoencoder, **conditions: Any) -> Guarded | GuardedWhole:
    """``model`` under the conditions of ``Guarded``; it can be searched if ``model`` can."""
    if isinstance(model, Whole):
        return GuardedWhole(model, **conditions)
    if isinstance(model, Searchable):
        return GuardedSearch(model, **conditions)
    return Guarded(model, **conditions)
