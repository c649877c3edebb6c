"""Which device the models run on, and in which precision.

On a GPU, networks made of convolutions alone (those with a halo) run in float16 where their
pixels stay the same to within one level of 255; all others keep float32: the decoder of the
original SDXL autoencoder overflows in half precision, and bfloat16 has too few digits for 8 bits.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sdz.codec.autoencoder import Autoencoder, Searchable, Tiled, Whole
from sdz.errors import DeviceMissing
from sdz.extras import is_here

if TYPE_CHECKING:
    import torch

Load = Callable[[str, str], Autoencoder]

_DRIVERS: Final = ("nvidiactl", "nvhost-gpu", "nvgpu", "kfd", "dxg")
"""In /dev where Linux has a card that torch can use: NVIDIA's, Jetson's, AMD's, Windows' own."""
_PROBE_SIDE: Final = 16  # latents
_TOLERANCE: Final = 1.0 / 255


def choose_device(wanted: str) -> str:
    """``cuda``, ``mps`` or ``cpu`` for what is wanted; auto takes the first there is.

    torch is loaded only where a card may be: it takes seconds, and lite-1 does without.

    Raises DeviceMissing: what was asked for by name is never replaced by another.
    """
    names = ("cuda", "mps", "cpu") if wanted in ("cuda", "mps") or card_may_be_here() else ("cpu",)
    found = tuple(name for name in names if _is_there(name))
    if wanted == "auto":
        return found[0]
    if wanted not in found:
        raise DeviceMissing(wanted, found)
    return wanted


def card_may_be_here(devices: Path = Path("/dev")) -> bool:
    """Whether it is worth asking torch. On Linux a driver shows itself in ``devices``."""
    if not is_here("torch"):
        return False
    if sys.platform != "linux":
        return True
    return any((devices / name).exists() for name in _DRIVERS)


def _is_there(name: str) -> bool:
    if name == "cpu":
        return True
    if not is_here("torch"):
        return False
    import torch

    return torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available()


class Precision:
    """The precision of each model on each device, found out when it is first asked for."""

    def __init__(self) -> None:
        self._half: dict[tuple[str, bytes], bool] = {}

    def of(self, model: Autoencoder, device: str) -> torch.dtype | None:
        """What ``model`` is to run in on ``device``; None: as it is, in float32 or integers."""
        # lite-1, the one that can be searched, was neither safe nor faster in half precision on an
        # H100, where it is held to its integers.
        if device != "cuda" or isinstance(model, Whole | Searchable):
            return None
        import torch

        key = (device, model.weights_hash)
        if key not in self._half:
            self._half[key] = half_precision_is_safe(model, device)
        return torch.float16 if self._half[key] else None


def half_precision_is_safe(model: Tiled, device: str) -> bool:
    """Whether ``model``, on ``device``, decodes and encodes in float16 as it does in float32."""
    return device == "cuda" and model.halo is not None and agrees_in_half(model, device)


def agrees_in_half(model: Tiled, device: str, dtype: torch.dtype | None = None) -> bool:
    """Whether a picture comes out the same, to one level of 255, in float32 and in ``dtype``, which
    is float16 unless another is given.

    Tried with latents of noise through the decoder, and through the encoder with what it gave.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    shape = (1, model.quantiser.channels, _PROBE_SIDE, _PROBE_SIDE)
    latents = torch.randn(shape, generator=generator)
    whole = model.decode(latents).float()
    with autocast(device, dtype or torch.float16):
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
    import torch

    return torch.autocast(device, dtype)


def in_threads(load: Load, threads: int | None) -> Load:
    """``load``, after which torch, where a model has brought it in, uses as many threads."""

    def loaded(name: str, device: str) -> Autoencoder:
        model = load(name, device)
        if threads is not None and "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(threads)
        return model

    return loaded


def device_is_lost(error: Exception) -> bool:
    """Whether, after ``error``, nothing runs on the device any more in this process."""
    return isinstance(error, RuntimeError) and "CUDA error" in str(error)
