"""sdz: pictures stored as the latents of an image autoencoder.

    data = sdz.encode(image, model="lite-1", quality=50)   # PIL image, path or bytes -> bytes
    image = sdz.decode(data)                               # -> PIL image
    info = sdz.info(data)                                  # header and report, no torch

Importing the package is cheap: torch is loaded by the first picture that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdz.errors import SdzError
from sdz.version import __version__

if TYPE_CHECKING:
    from sdz.pictures import decode, encode, info, preview

__all__ = ["SdzError", "__version__", "decode", "encode", "info", "preview"]

_LAZY = {"decode", "encode", "info", "preview"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from sdz import pictures

        return getattr(pictures, name)
    raise AttributeError(f"module 'sdz' has no attribute {name!r}")
