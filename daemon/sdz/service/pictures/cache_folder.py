"""Which folder may be the cache's, and which files in it are the cache's: no others are deleted.

A folder is taken that is empty, or that bears our tag; the tag is a ``CACHEDIR.TAG``, which
also has backups pass it over (https://bford.info/cachedir/). Before there were tags, a cache
held nothing but pictures named by their keys: such a folder is tagged. Any other is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sdz.errors import BadSetting

TAG: Final = "CACHEDIR.TAG"
PART: Final = ".part-"
_TEXT: Final = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# Pictures that sdz has decoded. They may be deleted at any time, and sdz deletes them.\n"
)
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_SHELF: Final = re.compile(r"[0-9a-f]{2}")
_PART_NAME: Final = re.compile(rf"{re.escape(PART)}[0-9a-f]+")


def own(folder: Path) -> Path:
    """``folder``, made and tagged if need be.

    Raises BadSetting where it holds files of others, OSError where it cannot be made or read.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tag = folder / TAG
    if tag.is_file() and tag.read_bytes()[: len(_TEXT)] == _TEXT:
        return folder
    foreign = next(_foreign(folder), None)
    if foreign is not None:
        raise BadSetting(
            str(folder),
            "cache.folder",
            "an empty folder, since sdz deletes old files in it",
            f"one with {foreign}",
        )
    tag.write_bytes(_TEXT)
    return folder


def ours(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Pictures, and parts of some that were being written: files by our names, links left out."""
    if not folder.is_dir():
        return
    for entry in _entries(folder):
        if _is_part(entry):
            yield entry
        elif _is_shelf(entry):
            yield from (file for file in _entries(Path(entry.path)) if _is_picture(file, entry))


def _foreign(folder: Path) -> Iterator[str]:
    """Names of what cannot have been put there by a cache."""
    for entry in _entries(folder):
        if _is_shelf(entry):
            for file in _entries(Path(entry.path)):
                if not _is_picture(file, entry):
                    yield f"{entry.name}/{file.name}"
        elif not _is_part(entry):
            yield entry.name


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _is_shelf(entry: os.DirEntry[str]) -> bool:
    return _SHELF.fullmatch(entry.name) is not None and entry.is_dir(follow_symlinks=False)


def _is_part(entry: os.DirEntry[str]) -> bool:
    return _PART_NAME.fullmatch(entry.name) is not None and entry.is_file(follow_symlinks=False)


def _is_picture(file: os.DirEntry[str], shelf: os.DirEntry[str]) -> bool:
    named = _KEY.fullmatch(file.name) is not None and file.name.startswith(shelf.name)
    return named and file.is_file(follow_symlinks=False)
