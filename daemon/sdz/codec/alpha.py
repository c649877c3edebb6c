"""The alpha channel: reduced to a few levels, each coded as the step from its left neighbour.

0 stays 0 and 255 stays 255 at any number of levels. A mask of only those two values is coded
as it is, without loss; the coder's own contexts (the pixels above and to the left) do the rest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz import container
from sdz.entropy import decode_symbols, encode_symbols
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
    """The alpha [H, W] uint8. Raises BadSymbols or BadField for a damaged stream."""
    symbols = decode_symbols(stored.data, (1, height, width))
    found = symbol_check(symbols)
    if found != stored.check:
        raise BadSymbols("the alpha channel", stored.check, found)
    level = symbols[0] if stored.levels == 1 else np.cumsum(symbols[0], axis=1, dtype=np.int64)
    for extreme in (int(level.min()), int(level.max())):
        if not 0 <= extreme <= stored.levels:
            raise BadField("alpha", f"levels 0 to {stored.levels}", extreme)
    return np.asarray((level * 510 + stored.levels) // (2 * stored.levels), dtype=np.uint8)


def symbol_check(symbols: NDArray[np.int32]) -> int:
    """The 16-bit checksum of integers, as the format defines it."""
    return container.symbol_check(np.ascontiguousarray(symbols, dtype="<i4").data)


def _steps(level: NDArray[np.int32]) -> NDArray[np.int32]:
    """Each level minus the one to its left; the first of a row minus 0."""
    return np.diff(level, axis=1, prepend=0)
