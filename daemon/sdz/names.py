"""How files are called: which end of a name says what is in a file, and what is made of it.

Only endings that are known (``media.KNOWN_SUFFIXES``) are endings: of ``IMG.2024`` and ``scan.1``
everything is the name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from typing import Final

from sdz.media import (
    ANY_OTHER,
    KNOWN_SUFFIXES,
    OTHER_KINDS,
    OTHER_SUFFIXES,
    PICTURE_SUFFIXES,
    SDZ_SUFFIX,
)

MOST_NAMES: Final = 1000


def ending(name: str) -> str:
    """What a name ends in, in lower case and with its dot; nothing where it is no known ending."""
    # Not Path.suffix: this runs for every file of every scan.
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot > 0 else ""
    return suffix if suffix in KNOWN_SUFFIXES else ""


def stem(name: str) -> str:
    """A name without its known ending."""
    return name[: len(name) - len(ending(name))]


def kind_left_alone(name: str) -> str | None:
    """What kind of file is left alone, by its name; None for a picture and for a ``.sdz``."""
    suffix = ending(name)
    if suffix in PICTURE_SUFFIXES or suffix == SDZ_SUFFIX:
        return None
    return OTHER_SUFFIXES.get(suffix, ANY_OTHER)


def counted(left: Mapping[str, int]) -> str:
    """What was left alone, in words: ``12 RAW files, 1 film``; nothing where nothing was."""
    kinds = [*OTHER_KINDS, ANY_OTHER]
    found = [(left[kind], kind) for kind in kinds if left.get(kind)]
    return ", ".join(f"{count:,} {plural(kind, count)}" for count, kind in found)


def plural(word: str, count: int) -> str:
    """``film``, or ``films`` where there is not just one."""
    return word if count == 1 else f"{word}s"


def output_names(name: str, suffix: str = SDZ_SUFFIX) -> Iterator[str]:
    """Names for what is made of the file ``name``, the best first: the first that is not
    another's is taken.

    photo.jpg: photo.sdz, photo.jpg.sdz, photo.jpg.2.sdz, photo.jpg.3.sdz ...
    """
    if ending(name):
        yield _fitting(stem(name), suffix)
    yield _fitting(name, suffix)
    for number in range(2, MOST_NAMES):
        yield _fitting(name, f".{number}{suffix}")


def _fitting(start: str, end: str) -> str:
    """A name of at most 255 bytes, which is what file systems take."""
    raw = os.fsencode(start)
    if len(raw) + len(end) <= 255:
        return start + end
    # Long names that differ only in their end must still differ.
    mark = hashlib.sha256(raw).hexdigest()[:8]
    kept = raw[: 255 - len(end) - 9].decode("utf-8", "ignore")
    return f"{kept}-{mark}{end}"
