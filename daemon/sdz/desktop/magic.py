"""A block of lines in a file that is somebody else's: put in front, found again by its markers.

In front, so that taking it out leaves every byte of what follows, whether or not that ends with a
newline.
"""

from __future__ import annotations

import re
from typing import Final

_BLOCK: Final = re.compile(rb"^# >>> sdz >>>[^\n]*\n(?s:.*?)^# <<< sdz <<<[^\n]*(?:\n|\Z)", re.M)


def find_block(text: bytes) -> bytes | None:
    """The block in ``text``, markers included; None where there is none."""
    found = _BLOCK.search(text)
    return found.group() if found else None


def with_block(text: bytes, block: bytes) -> bytes:
    """``text`` with ``block`` in the place of an older one, or in front."""
    found = _BLOCK.search(text)
    if found is None:
        return block + text
    return text[: found.start()] + block + text[found.end() :]


def without_block(text: bytes) -> bytes:
    """``text`` without the block."""
    return _BLOCK.sub(b"", text, count=1)
