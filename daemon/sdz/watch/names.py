"""Names: which files are pictures to take, which are passed over, how outputs are called."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sdz.media import PICTURE_SUFFIXES, SDZ_SUFFIX

# Written by systems, sync programs, browsers and editors while they work, never by a person.
DROPPINGS: Final = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir", "#recycle", "#snapshot"}
    | {"$recycle.bin", "system volume information", "lost+found", "__macosx", "recycler"}
)
_UNFINISHED: Final = (".part", ".partial", ".crdownload", ".download", ".tmp", ".temp", ".!ut", "~")

PART_PREFIX: Final = ".sdz-watch-"
_PART: Final = re.compile(r"\.sdz-watch-([0-9a-f]{8})-[0-9a-f]{12}\.part")
MOST_NAMES: Final = 1000


def is_passed_over(name: str) -> bool:
    """Whether a file or a folder of that name is not looked at: hidden, temporary, a dropping.

    ``.DS_Store``, ``._x``, ``.stfolder`` and ``.~lock`` are hidden by their dot already.
    """
    lower = name.lower()
    return name.startswith((".", "~$")) or lower in DROPPINGS or lower.endswith(_UNFINISHED)


def is_candidate(name: str) -> bool:
    """Whether a file of that name is a picture to take."""
    # The name's own rule, not Path.suffix: this runs for every file of every scan.
    dot = name.rfind(".")
    return dot > 0 and name[dot:].lower() in PICTURE_SUFFIXES and not is_passed_over(name)


def is_seen(relative: Path) -> bool:
    """Whether nothing on the way to ``relative`` (to the root) is passed over."""
    return not any(is_passed_over(part) for part in relative.parts)


def part_token(root: Path) -> str:
    """What marks the temporary files of the watcher of ``root``."""
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:8]


def part_name(token: str) -> str:
    """A new name for a temporary file: hidden, short, and like no other program's."""
    return f"{PART_PREFIX}{token}-{secrets.token_hex(6)}.part"


def is_part(name: str, token: str) -> bool:
    """Whether ``name`` is a temporary file of the watcher with that token."""
    found = _PART.fullmatch(name)
    return found is not None and found[1] == token


def output_names(name: str) -> Iterator[str]:
    """Names for the output of ``name``, the best first: the first that is free is taken.

    photo.jpg: photo.sdz, photo.jpg.sdz, photo.jpg.2.sdz, photo.jpg.3.sdz ...
    """
    stem = name[: name.rfind(".")] if "." in name[1:] else name
    yield _fitting(stem, "")
    yield _fitting(name, "")
    for number in range(2, MOST_NAMES):
        yield _fitting(name, f".{number}")


def _fitting(stem: str, more: str) -> str:
    """A name of at most 255 bytes, which is what file systems take."""
    ending = f"{more}{SDZ_SUFFIX}"
    raw = os.fsencode(stem)
    if len(raw) + len(ending) <= 255:
        return stem + ending
    # Long names that differ only in their end must still differ.
    mark = hashlib.sha256(raw).hexdigest()[:8]
    kept = raw[: 255 - len(ending) - 9].decode("utf-8", "ignore")
    return f"{kept}-{mark}{ending}"
