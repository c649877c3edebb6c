"""Packages that only some need: which extra of sdz brings each, and whether it is here.

lite-1 is read and written without any of them.
"""

from __future__ import annotations

import importlib.util
from importlib.metadata import PackageNotFoundError, version

from sdz.errors import ExtraMissing

EXTRAS = {
    "torch": "torch",
    "diffusers": "diffusion",
    "huggingface_hub": "diffusion",
    "ray": "ray",
    "fsspec": "ray",
}
"""Of what is imported, the word in ``pip install 'sdz[...]'``."""


def is_here(module: str) -> bool:
    """Whether ``module`` is installed; it is not imported, which may take seconds."""
    return importlib.util.find_spec(module) is not None


def need(*modules: str) -> None:
    """Raise ExtraMissing for the first of ``modules`` that is not installed."""
    for module in modules:
        if not is_here(module):
            raise ExtraMissing(EXTRAS[module], module)


def version_of(package: str) -> str | None:
    """The version that is installed, without loading it."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
