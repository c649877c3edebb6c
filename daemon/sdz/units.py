"""Durations and sizes as people write them: ``5m``, ``1h30m``, ``250ms``; ``512MiB``, ``2GB``.

A number without a unit is refused (but 0 needs none): whether 300 means seconds or milliseconds,
bytes or megabytes, should not be guessed, and a wrong guess should not become 0. So are ``K`` and
``M`` alone, which mean 1,000 to some and 1,024 to others. Of sizes small letters are as good as
capitals: nobody means bits.
"""

from __future__ import annotations

import math
import re
from typing import Final

DURATION: Final = "a duration such as 30s, 5m, 1h30m, 250ms or forever"
SIZE: Final = "a size such as 512MiB, 2GB or 100kB"

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES: Final = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_BY_SMALL_LETTERS: Final = {unit.lower(): size for unit, size in _BYTES.items()}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def parse_duration(text: str) -> float:
    """Seconds; infinity for ``forever``. Raises ValueError for anything else."""
    word = text.strip()
    if word == "0":
        return 0.0
    if word == "forever":
        return math.inf
    parts = _DURATION_PART.findall(word)
    if not parts or "".join(number + unit for number, unit in parts) != word:
        raise ValueError(DURATION)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def parse_size(text: str) -> int:
    """Bytes. Raises ValueError for what is no size."""
    word = text.strip()
    if word == "0":
        return 0
    match = _SIZE.fullmatch(word)
    if match is None or match[2].lower() not in _BY_SMALL_LETTERS:
        raise ValueError(SIZE)
    return round(float(match[1]) * _BY_SMALL_LETTERS[match[2].lower()])


def parse_bytes(text: str) -> int:
    """As ``parse_size``, but a whole number alone is so many bytes: where only bytes are meant."""
    word = text.strip().replace(",", "").replace("_", "")
    return int(word) if word.isascii() and word.isdigit() else parse_size(text)


def size_in_words(size: int) -> str:
    """Bytes for people, in thousands: ``12.1 MB``."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"
