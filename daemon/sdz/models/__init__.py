"""Autoencoders by name: the one door to them. Nobody outside imports a file behind it.

Importing this imports neither torch nor numpy nor the network client: each name brings in the file
that it is from when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sdz.models.able import require_able, require_loadable, require_pullable, require_reader
    from sdz.models.description import Description
    from sdz.models.editions import reader_of
    from sdz.models.facts import About, about, page
    from sdz.models.hub import pull
    from sdz.models.known import BUILT_IN, KNOWN
    from sdz.models.preview import draw_preview
    from sdz.models.records import installed_names
    from sdz.models.registry import (
        ModelRow,
        add,
        describe,
        describe_reader,
        list_models,
        load,
        row,
        verify,
    )
    from sdz.models.store import remove

__all__ = [
    "BUILT_IN",
    "KNOWN",
    "About",
    "Description",
    "ModelRow",
    "about",
    "add",
    "describe",
    "describe_reader",
    "draw_preview",
    "installed_names",
    "list_models",
    "load",
    "page",
    "pull",
    "reader_of",
    "remove",
    "require_able",
    "require_loadable",
    "require_pullable",
    "require_reader",
    "row",
    "verify",
]

_FILES: Final = {
    "facts": ("About", "about", "page"),
    "able": ("require_able", "require_loadable", "require_pullable", "require_reader"),
    "description": ("Description",),
    "editions": ("reader_of",),
    "hub": ("pull",),
    "known": ("BUILT_IN", "KNOWN"),
    "preview": ("draw_preview",),
    "records": ("installed_names",),
    "registry": (
        "ModelRow",
        "add",
        "describe",
        "describe_reader",
        "list_models",
        "load",
        "row",
        "verify",
    ),
    "store": ("remove",),
}
_FILE_OF: Final = {name: file for file, names in _FILES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILE_OF[name]}"), name)
