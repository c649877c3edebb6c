"""sdz: pictures stored as the latents of an image autoencoder.

    data = sdz.encode(image, model="lite-1", quality=50)   # PIL image, path or bytes -> bytes
    image = sdz.decode(data)                               # -> PIL image
    info = sdz.info(data)                                  # header and report, no torch
    classes = sdz.score_map(data)                          # what may have been invented, and where

Importing the package is cheap: torch is loaded by the first picture that needs it.
"""

from __future__ import annotations

from sdz.version import __version__

# As ``typing`` has it, which alone takes longer to load than all the rest: until ``__main__`` has
# been reached nobody minds Ctrl-C, and Python prints its traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sdz import errors
    from sdz.errors import SdzError
    from sdz.pictures import decode, encode, info, preview, score_map

__all__ = ["SdzError", "__version__", "decode", "encode", "errors", "info", "preview", "score_map"]

_LAZY = {"decode", "encode", "info", "preview", "score_map"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from sdz import pictures

        return getattr(pictures, name)
    if name in ("errors", "SdzError"):
        from importlib import import_module

        found = import_module("sdz.errors")
        return found if name == "errors" else found.SdzError
    raise AttributeError(f"module 'sdz' has no attribute {name!r}")
