"""Which device the models run on, and in which precision.

On a GPU, networks made of convolutions alone (those with a halo) run in float16 where their
pixels stay the same to within one level of 255; all others keep float32: the decoder of the
original SDXL autoencoder overflows in half precision, and bfloat16 has too few digits for 8 bits.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Final

import torch

from sdz.codec.autoencoder import Autoencoder
from sdz.errors import DeviceMissing

HALF: Final = torch.float16
_PROBE_SIDE: Final = 16  # latents
_TOLERANCE: Final = 1.0 / 255


def choose_device(wanted: str) -> str:
    """``cuda``, ``mps`` or ``cpu`` for what is wanted; auto takes the first there is.

    Raises DeviceMissing: what was asked for by name is never replaced by another.
    """
    found = tuple(name for name in ("cuda", "mps", "cpu") if _is_there(name))
    if wanted == "auto":
        return found[0]
    if wanted not in found:
        raise DeviceMissing(wanted, found)
    return wanted


def _is_there(name: str) -> bool:
    if name == "cuda":
        return torch.cuda.is_available()
    return name == "cpu" or torch.backends.mps.is_available()


class Precision:
    """The precision of each model on each device, found out when it is first asked for."""

    def __init__(self) -> None:
        self._half: dict[tuple[str, bytes], bool] = {}

    def of(self, model: Autoencoder, device: str) -> torch.dtype | None:
        """What ``model`` is to run in on ``device``; None: as it is, in float32."""
        key = (device, model.weights_hash)
        if key not in self._half:
            self._half[key] = half_precision_is_safe(model, device)
        return HALF if self._half[key] else None


def half_precision_is_safe(model: Autoencoder, device: str) -> bool:
    """Whether ``model``, on ``device``, decodes and encodes in float16 as it does in float32."""
    return device == "cuda" and model.halo is not None and agrees_in_half(model, device)


def agrees_in_half(model: Autoencoder, device: str, dtype: torch.dtype = HALF) -> bool:
    """Whether a picture comes out the same, to one level of 255, in ``dtype`` and in float32.

    Tried with latents of noise through the decoder, and through the encoder with what it gave.
    """
    generator = torch.Generator().manual_seed(0)
    shape = (1, model.quantiser.channels, _PROBE_SIDE, _PROBE_SIDE)
    latents = torch.randn(shape, generator=generator)
    whole = model.decode(latents).float()
    with autocast(device, dtype):
        half = model.decode(latents).float()
        again = model.encode(whole.clamp(0, 1)).float()
    if not (torch.isfinite(half).all() and torch.isfinite(again).all()):
        return False
    difference = (half.clamp(0, 1) - whole.clamp(0, 1)).abs().max().item()
    redone = (model.decode(again) - model.decode(model.encode(whole.clamp(0, 1)))).abs().mean()
    return difference <= _TOLERANCE and redone.item() <= _TOLERANCE


def autocast(device: str, dtype: torch.dtype | None) -> AbstractContextManager[None]:
    """Run what follows in ``dtype`` where that is safe; None changes nothing."""
    if dtype is None:
        return nullcontext()
    return torch.autocast(device, dtype)
