"""Picture formats that Pillow reads only with another package: JPEG XL, and HEIC as phones make it.

A package is loaded when the first file of its kind comes, since most people never have one; where
it is missing, the error says what to install.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from sdz.errors import UnreadableImage


@dataclass(frozen=True, slots=True)
class Plugin:
    """A format for people, and the modules of which one reads it.

    The first of ``modules`` is what we advise to install. ``start``: its function to call once
    loaded, where loading is not enough.
    """

    format: str
    modules: tuple[str, ...]
    package: str
    start: str = ""

    def load(self) -> ModuleType:
        """Make Pillow know the format. Raises UnreadableImage where no package is there for it."""
        for name in self.modules:
            try:
                module = importlib.import_module(name)
            except ImportError:
                continue
            if self.start:
                getattr(module, self.start)()
            return module
        raise UnreadableImage(
            f"a {self.format} picture needs one more package: pip install {self.package}"
        )


PLUGINS: Final = {
    "JXL": Plugin("JPEG XL", ("pillow_jxl",), "pillow-jxl-plugin"),
    # pi-heif only decodes; pillow-heif also writes, for which it has a GPL library in its wheels.
    "HEIF": Plugin("HEIC", ("pi_heif", "pillow_heif"), "pi-heif", "register_heif_opener"),
}
"""By Pillow's names of formats."""


def prepare(kind: str) -> None:
    """Load the package that a format needs, if it needs one.

    Raises UnreadableImage where that is not installed.
    """
    if kind in PLUGINS:
        PLUGINS[kind].load()
