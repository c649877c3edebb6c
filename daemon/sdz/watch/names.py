"""Names: which files are pictures to take, and which are passed over."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Final

from sdz.media import PICTURE_SUFFIXES
from sdz.names import ending

# Written by systems, sync programs, browsers and editors while they work, never by a person.
DROPPINGS: Final = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir", "#recycle", "#snapshot"}
    | {"$recycle.bin", "system volume information", "lost+found", "__macosx", "recycler"}
)
_UNFINISHED: Final = (".part", ".partial", ".crdownload", ".download", ".tmp", ".temp", ".!ut", "~")

PART_PREFIX: Final = ".sdz-watch-"
_PART: Final = re.compile(r"\.sdz-watch-([0-9a-f]{8})-[0-9a-f]{12}\.part")


def is_passed_over(name: str) -> bool:
    """Whether a file or a folder of that name is not looked at: hidden, temporary, a dropping.

    ``.DS_Store``, ``._x``, ``.stfolder`` and ``.~lock`` are hidden by their dot already.
    """
    lower = name.lower()
    return name.startswith((".", "~$")) or lower in DROPPINGS or lower.endswith(_UNFINISHED)


def is_candidate(name: str) -> bool:
    """Whether a file of that name is a picture to take."""
    return ending(name) in PICTURE_SUFFIXES and not is_passed_over(name)


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
