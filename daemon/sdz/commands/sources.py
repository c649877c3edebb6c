"""Which pictures a command is to work on: the files it names, and what lies in its folders."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sdz.media import PICTURE_SUFFIXES
from sdz.names import ending, kind_left_alone


@dataclass(frozen=True, slots=True)
class SourcePath:
    """A path as it is named to people, and the folder below that for outputs it belongs to."""

    path: str
    below: str = ""


def walk(paths: Iterable[str], left: Counter[str], *, recursive: bool) -> Iterator[SourcePath]:
    """The paths themselves; with ``recursive`` in place of a folder the pictures below it.

    Those of a folder come by name, folder by folder, and keep their place in the tree. Hidden
    files and folders are left out, links to folders are not followed. What else is in folders is
    counted in ``left`` by its kind.
    """
    for path in paths:
        if recursive and Path(path).is_dir():
            yield from _below(path, left)
        else:
            yield SourcePath(path)


def _below(root: str, left: Counter[str]) -> Iterator[SourcePath]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        relative = os.path.relpath(folder, root)
        for name in sorted(files):
            if name.startswith("."):
                continue
            if kind := kind_left_alone(name):
                left[kind] += 1
            elif ending(name) in PICTURE_SUFFIXES:
                path = os.path.join(folder, name)  # noqa: PTH118 - keeps what the user wrote
                yield SourcePath(path, "" if relative == "." else relative)
