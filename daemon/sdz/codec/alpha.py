"""The alpha channel: reduced to a few levels, each coded as the step from its left neighbour.

0 stays 0 and 255 stays 255 at any number of levels. A mask of only those two values is coded
as it is, without loss; the coder's own contexts (the pixels above and to the left) do the rest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz import container
from sdz.entropy import decode_rows, encode_symbols
from sdz.errors import BadField, BadSymbols

ALL_LEVELS = 255
SOME_LEVELS = 51  # steps of 5: not seen on an edge or in a soft shadow
FINE_QUALITY = 85.0


def levels_for(alpha: NDArray[np.uint8], quality: float) -> int:
    """How many steps between 0 and 255 this alpha [H, W] is given at that quality (1..100)."""
    if bool(np.all((alpha == 0) | (alpha == 255))):
        return 1
    return ALL_LEVELS if quality >= FINE_QUALITY else SOME_LEVELS


def pack_alpha(alpha: NDArray[np.uint8], levels: int) -> container.Alpha:
    """Code alpha [H, W] uint8 with ``levels`` (1..255) steps between clear and opaque."""
    level = (alpha.astype(np.int32) * (2 * levels) + 255) // 510
    level = np.where(alpha == 255, levels, np.where(alpha == 0, 0, level))
    symbols = level[None] if levels == 1 else _steps(level)[None]
    return container.Alpha(levels, symbol_check(symbols), encode_symbols(symbols))


def unpack_alpha(stored: container.Alpha, height: int, width: int) -> NDArray[np.uint8]:
    """The alpha [H, W] uint8. Raises BadSymbols or BadField for a damaged stream, TooMuchWork.

    A few rows at a time: all at once took 40 bytes for each of them.
    """
    alpha = np.empty((height, width), np.uint8)
    levels = stored.levels
    of_level = ((np.arange(levels + 1) * 510 + levels) // (2 * levels)).astype(np.uint8)
    check, top = container.SymbolCheck(), 0

    def take(steps: NDArray[np.int32]) -> None:
        nonlocal top
        check.add(np.ascontiguousarray(steps, "<i4").data)
        _require_range(steps, -levels, levels)
        # 65,535 steps of at most 255 add up within 32 bits
        level = steps if levels == 1 else np.cumsum(steps, axis=1, dtype=np.int32)
        _require_range(level, 0, levels)
        np.take(of_level, level, out=alpha[top : top + len(steps)], mode="clip")
        top += len(steps)

    decode_rows(stored.data, (1, height, width), take)
    if check.value != stored.check:
        raise BadSymbols("the alpha channel", stored.check, check.value)
    return alpha


def _require_range(found: NDArray[np.int32], low: int, high: int) -> None:
    for extreme in (int(found.min()), int(found.max())):
        if not low <= extreme <= high:
            raise BadField("alpha", f"levels 0 to {high}", extreme)


def symbol_check(symbols: NDArray[np.int32] | NDArray[np.int16]) -> int:
    """The 16-bit checksum of integers, as the format defines it."""
    check = container.SymbolCheck()
    for channel in symbols:  # one at a time: the integers of 16 bits take twice the room as bytes
        check.add(np.ascontiguousarray(channel, dtype="<i4").data)
    return check.value


def _steps(level: NDArray[np.int32]) -> NDArray[np.int32]:
    """Each level minus the one to its left; the first of a row minus 0."""
    return np.diff(level, axis=1, prepend=0)
