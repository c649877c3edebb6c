"""An autoencoder with the engine's hand on it: between tiles it may be stopped, and it says how
far it is; it runs in half precision where that is safe, and in smaller tiles where memory is short.

The codec sees an ``Autoencoder`` and knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch

from sdz.codec.autoencoder import Autoencoder, Searchable
from sdz.engine.devices import autocast

_LEAST_KEPT: Final = 4  # latents a side of a tile without its margins; less is nearly all margin


class Guarded:
    """``model``, run under conditions. See ``codec.autoencoder.Autoencoder``.

    checkpoint: called before every run of the network; raises to stop. advanced: called after.
    shrink: what ``max_tile`` is divided by. A network with a halo gives the same result in any
    tiles. One without is blended in the tiles its file names: there it only counts for new files.
    """

    def __init__(
        self,
        model: Autoencoder,
        *,
        device: str,
        dtype: torch.dtype | None,
        checkpoint: Callable[[], None],
        advanced: Callable[[], None],
        shrink: int = 1,
    ) -> None:
        self._model, self._device, self._dtype = model, device, dtype
        self._checkpoint, self._advanced = checkpoint, advanced
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
        self._checkpoint()
        with autocast(self._device, self._dtype):
            result = network(given).float().cpu()
        self._advanced()
        return result


class GuardedSearch(Guarded):
    """The same of a model that can be searched. See ``codec.autoencoder.Searchable``."""

    def __init__(self, model: Searchable, **conditions: Any) -> None:
        super().__init__(model, **conditions)
        self._searched = model
        self.worth = model.worth

    def decode_for_search(self, latents: torch.Tensor) -> torch.Tensor:
        """As ``decode``, on the model's own device, with gradients that flow back.

        In float32 always: in half precision the gradients of single pixels would vanish.
        """
        self._checkpoint()
        result = self._searched.decode_for_search(latents)
        self._advanced()
        return result


def guard(model: Autoencoder, **conditions: Any) -> Guarded:
    """``model`` under the conditions of ``Guarded``; it can be searched if ``model`` can."""
    if isinstance(model, Searchable):
        return GuardedSearch(model, **conditions)
    return Guarded(model, **conditions)
