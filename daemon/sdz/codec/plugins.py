"""Picture formats that Pillow reads only with another package: JPEG XL, and HEIC as phones make it.

A package is loaded when the first file of its kind comes, since most people never have one; where
it is missing, the error says what to install.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sdz.errors import UnreadableImage


@dataclass(frozen=True, slots=True)
class Plugin:
    """A format for people, how its files begin, and the modules of which one reads it.

    The first of ``modules`` is what we advise to install. ``start``: its function to call once
    loaded, where loading is not enough.
    """

    format: str
    begins: Callable[[bytes], bool]
    modules: tuple[str, ...]
    package: str
    start: str = ""

    def load(self) -> bool:
        """Make Pillow know the format; False where no package is installed for it."""
        for name in self.modules:
            try:
                module = importlib.import_module(name)
            except ImportError:
                continue
            if self.start:
                getattr(module, self.start)()
            return True
        return False


def prepare(data: bytes) -> None:
    """Load the package that a file's format needs, if it needs one.

    Raises UnreadableImage where that is not installed.
    """
    for plugin in PLUGINS:
        if plugin.begins(data) and not plugin.load():
            raise UnreadableImage(
                f"a {plugin.format} picture needs one more package: pip install {plugin.package}"
            )


def _is_jpeg_xl(data: bytes) -> bool:
    """ISO/IEC 18181-2: a bare codestream, or a container by its signature box."""
    return data.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"))


def _is_heif(data: bytes) -> bool:
    """ISO/IEC 23008-12: the brands of HEVC pictures, which AVIF (its cousin) does not claim."""
    if data[4:8] != b"ftyp":
        return False
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    brands = {box[at : at + 4] for at in range(0, len(box), 4) if at != 4}  # 4: a version
    return bool(brands & _HEVC_BRANDS) and b"avif" not in brands


_HEVC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})

PLUGINS: Final = (
    Plugin("JPEG XL", _is_jpeg_xl, ("pillow_jxl",), "pillow-jxl-plugin"),
    # pi-heif only decodes; pillow-heif also writes, for which it has a GPL library in its wheels.
    Plugin("HEIC", _is_heif, ("pi_heif", "pillow_heif"), "pi-heif", "register_heif_opener"),
)
