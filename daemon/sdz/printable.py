"""Text that a terminal, or a log, shows and does not obey.

Names of files are any bytes, and so are the words of an error that quotes one: an ESC moves the
cursor or sets the clipboard, a newline makes a second entry, and marks of writing direction
(U+202E) have ``gpj.exe`` read as ``exe.jpg``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_KEPT = "\u200c\u200d"  # joiners, without which Persian words and emoji fall apart
# Text of none but these, nearly all there is, needs no look at each letter.
_PLAIN = re.compile(r"[ -~]*")
# What shows that its sender was let in: also an error of others may quote a header.
_SECRET = re.compile(r"(?i)(\bbearer\s+|\bsdz-[\w-]+(?:=|:\s*))[\w+/.~=-]{16,}")


def printable(text: str) -> str:
    r"""``text`` on one line; what has no picture of its own is written as ``\u001b``.

    That is JSON's own way, so a line of JSON stays one.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(letter if _is_shown(letter) else _escaped(letter) for letter in text)


def printable_values(value: Any) -> Any:
    """A value of mappings, lists and texts with each text printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: printable_values(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [printable_values(inner) for inner in value]
    return value


def printable_lines(text: str) -> str:
    """As ``printable``, of text that has several lines of its own, such as a traceback."""
    return "\n".join(map(printable, text.split("\n")))


def without_secrets(text: str) -> str:
    """``text`` without the tokens, cookies and keys that requests are let in by."""
    return _SECRET.sub(r"\1[left out]", text)


def _is_shown(letter: str) -> bool:
    return letter.isprintable() or letter in _KEPT or unicodedata.category(letter) == "Zs"


def _escaped(letter: str) -> str:
    number = ord(letter)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
