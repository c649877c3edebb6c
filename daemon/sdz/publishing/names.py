"""How the outputs of a picture are called: ``photo.sdz photo.avif photo.jpg`` for the widest,
``photo-480.sdz`` and so on for the others.

The widest has the plain name, so that links to ``photo.jpg`` hold, and a server finds the ``.sdz``
beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from sdz.media import SDZ_IMAGE_TYPE, SDZ_SUFFIX
from sdz.names import output_names

SUFFIXES: Final = {"sdz": SDZ_SUFFIX, "avif": ".avif", "jpeg": ".jpg", "webp": ".webp"}
"""Kinds of outputs, best first, as a browser is to choose."""

TYPES: Final = {"sdz": SDZ_IMAGE_TYPE, **{kind: f"image/{kind}" for kind in list(SUFFIXES)[1:]}}

_LONGEST: Final = "-16383.avif"


def bases_of(
    pictures: Iterable[str], widths: tuple[int, ...], taken: Iterable[str] = ()
) -> dict[str, str]:
    """What the outputs' names begin with, for each picture; paths with slashes from the folder.

    No two pictures have an output in common, on file systems that fold letters neither: of
    ``photo.jpg`` and ``photo.png`` the second gets ``photo.png``. taken: names of other outputs.
    """
    used = {name.lower() for name in taken}
    found: dict[str, str] = {}
    for picture in sorted(pictures):
        path = PurePosixPath(picture)
        for name in output_names(path.name, _LONGEST):
            base = str(path.with_name(name.removesuffix(_LONGEST)))
            names = {file.lower() for file in _all_files(base, widths)}
            if not names & used:
                used |= names
                found[picture] = base
                break
    return found


def file_of(base: str, kind: str, width: int, widest: int) -> str:
    """The name of an output."""
    return f"{base}{'' if width == widest else f'-{width}'}{SUFFIXES[kind]}"


def _all_files(base: str, widths: tuple[int, ...]) -> Iterable[str]:
    for kind in SUFFIXES:
        yield file_of(base, kind, 0, 0)
        for width in widths:
            yield file_of(base, kind, width, 0)
