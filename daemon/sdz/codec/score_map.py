"""The map of scores: how close a decoded picture is to its source, by cells of 32 x 32 pixels.

What a class means, and how it is measured, is said in docs/format.md, chunk ``s``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz.codec.alpha import symbol_check
from sdz.container import CELL, CLASSES, Header, ScoreMap
from sdz.entropy import decode_symbols, encode_symbols
from sdz.entropy.allowance import Allowance, allowing
from sdz.errors import BadField, BadSymbols

BEST = 90
"""The least score of class 0."""
POINTS = 10
"""What a class spans."""
MOST_SHARE = 0.02
"""Of a file that its map may take."""
RESERVED_SHARE = 0.01
"""Of a file of a given size that is left for it: such a file is to be filled to 98 %."""
BYTES_A_CELL = 0.37
"""What the map of a photograph takes: 0.25 at high quality, 0.37 at the lowest."""

Scores = NDArray[np.float64]
Classes = NDArray[np.uint8]


def cells_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of cells of a picture."""
    return -(-height // CELL), -(-width // CELL)


def cells_in(header: Header) -> int:
    """How many cells a picture has."""
    rows, columns = cells_of(header.height, header.width)
    return rows * columns


def as_digits(classes: Classes) -> str:
    """Classes as hexadecimal digits, row after row."""
    return "".join("0123456789abcdef"[kind] for kind in classes.ravel().tolist())


def classes_of(scores: Scores) -> Classes:
    """The classes of local scores, of the same shape."""
    return np.clip(np.ceil((BEST - scores) / POINTS), 0, CLASSES - 1).astype(np.uint8)


def least_score(kind: int) -> int:
    """The least local score of a class, for people; that of the last class has no end."""
    return BEST - POINTS * kind


def pack_scores(classes: Classes) -> ScoreMap:
    """Code classes [rows, columns]."""
    middle = int(np.median(classes))
    symbols = classes.astype(np.int32)[None] - middle
    return ScoreMap(middle, symbol_check(symbols), encode_symbols(symbols))


def unpack_scores(stored: ScoreMap, header: Header) -> Classes:
    """The classes [rows, columns] in a file. Raises BadSymbols or BadField for damage,
    TooMuchWork."""
    with allowing(Allowance.of(len(stored.data))):
        symbols = decode_symbols(stored.data, (1, *cells_of(header.height, header.width)))
    found = symbol_check(symbols)
    if found != stored.check:
        raise BadSymbols("the map of scores", stored.check, found)
    classes = symbols[0].astype(np.int64) + stored.middle
    for extreme in (int(classes.min()), int(classes.max())):
        if not 0 <= extreme < CLASSES:
            raise BadField("the map of scores", f"classes 0 to {CLASSES - 1}", extreme)
    return np.asarray(classes, dtype=np.uint8)


def reserve_for(height: int, width: int, target: int) -> int:
    """Bytes to be left for the map in a file of ``target`` bytes: none where it would not be
    written."""
    rows, columns = cells_of(height, width)
    wanted = 12 + round(BYTES_A_CELL * rows * columns)
    return wanted if wanted <= RESERVED_SHARE * target else 0
