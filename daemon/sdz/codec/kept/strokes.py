"""Where there may be writing: thin strokes of one colour, many beside each other, in a band.

Not a reader, and it may find other things than letters. A place counts where, in 24 x 40 pixels,

- something lighter or darker than all within three pixels stands out by ``LEAST_CONTRAST`` levels;
- what stands out most has one colour, more evenly than grass or hair have;
- it covers some of the ground and not half of it, and rows and columns cross it often;

and where rows of pixels cross it often in a band of the height of small letters, and hardly above
and below. That last tells lines of text from texture: of Kodak's pictures the first three take 5 %
of the area, and the band one in a hundred of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sdz.codec.kept.boxes import boxes_of
from sdz.container import Box

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Care:
    """How sure a search is to be.

    crossings: of 40 pixels of a row in a band, on the mean, at least. beside: what share of the
    crossings in a band rows above and below it may have. run: blocks beside each other, at least.
    spread: how far the colours of a whole line's strokes may differ, as a share of its contrast.
    """

    crossings: float
    beside: float
    run: int
    spread: float


SEEKING: Final = Care(6, 0.2, 6, math.inf)
"""For who asks for text: of Kodak's pictures, which have hardly any, 1 % is taken for it."""
SURE: Final = Care(7, 0.12, 10, 0.24)
"""For who asked for nothing: a tenth of that, and two thirds of the lines."""

BLOCK = 8
LEAST_CONTRAST = 40
BAND = 3
"""Rows on each side of a band's middle: the x-height of 9 to 16 pixels."""
BESIDE = (9, 12)
"""Rows from a band's middle that are above or below it."""
LETTERS = 8
"""Rows of letters on each side of a band's middle."""
GAP = 3
"""Blocks between two of a run: a wide space, or a letter that was missed."""
REACH = 8
"""Blocks between two runs of a row that are one line with a word that was missed."""
ENDS = 2
"""Blocks more at both ends of a line."""
MARGIN = 4
_ROWS = 1 << 10
"""Rows of pixels that are looked at together."""


def boxes_of_text(rgb: Pixels, care: Care = SEEKING) -> list[Box]:
    """Rectangles of ``rgb`` [H, W, 3] where there may be writing of 9 to 16 pixels, the largest
    first."""
    height, width = rgb.shape[:2]
    if min(height, width) < 2 * BLOCK:
        return []
    found = np.concatenate([bands(rgb[top : top + _ROWS], care) for top in range(0, height, _ROWS)])
    boxes = boxes_of(_lines(found, care.run), BLOCK, width, height, MARGIN)
    return [box for box in boxes if _spread_in(rgb, box) <= care.spread]


def _spread_in(rgb: Pixels, box: Box) -> float:
    """How far the colours of what stands out most in a box differ, as a share of its contrast."""
    part = rgb[box.top : box.bottom, box.left : box.right]
    grey = np.asarray(Image.fromarray(part).convert("L"))
    found = math.inf
    for hat in (grey - _opened(grey), _closed(grey) - grey):
        contrast = float(np.percentile(hat, 97))
        if contrast >= LEAST_CONTRAST / 2:
            colours = part[hat >= 0.85 * contrast].astype(np.float32)
            found = min(found, float(np.sqrt(colours.var(0).mean())) / contrast)
    return found


def bands(rgb: Pixels, care: Care) -> Mask:
    """Which blocks [ceil(H / 8), ceil(W / 8)] hold a part of a band of strokes."""
    height, width = rgb.shape[:2]
    rgb = np.pad(rgb, ((0, -height % BLOCK), (0, -width % BLOCK), (0, 0)), mode="edge")
    grey = np.asarray(Image.fromarray(rgb).convert("L"))
    found = np.zeros((rgb.shape[0] // BLOCK, rgb.shape[1] // BLOCK), np.bool_)
    for hat in (grey - _opened(grey), _closed(grey) - grey):
        found |= _bands(rgb, hat, care)
    return found


def _bands(rgb: Pixels, hat: Pixels, care: Care) -> Mask:
    most = _around(_blocks(hat, np.max), np.maximum)
    near = np.repeat(np.repeat(most, BLOCK, 0), BLOCK, 1).astype(np.uint16)
    wide = 20 * hat.astype(np.uint16)
    stroke, core = (wide >= 9 * near) & (hat >= 16), (wide >= 13 * near) & (hat >= 18)
    across = np.zeros(stroke.shape, np.float32)
    across[:, 1:] = stroke[:, 1:] ^ stroke[:, :-1]
    band = _in_band(across, care)
    if not band.any():
        return _any(band)
    rows = np.repeat(_has_strokes(rgb, most, stroke, core, across), BLOCK, 0) & band
    letters = np.zeros_like(rows)
    for y in range(-LETTERS, LETTERS + 1):
        letters[max(0, y) : len(rows) + min(0, y)] |= rows[max(0, -y) : len(rows) - max(0, y)]
    return _any(letters)


def _any(rows: Mask) -> Mask:
    return np.asarray(rows.reshape(-1, BLOCK, rows.shape[1]).any(1))


def _in_band(across: Floats, care: Care) -> Mask:
    """Which rows, by columns of blocks [H, W / 8], are the middle of a band: ``across`` [H, W] says
    where a row crosses the edge of a stroke."""
    columns = _along(across.reshape(len(across), -1, BLOCK).sum(2), np.add, 1, 2)
    sums = np.concatenate((np.zeros_like(columns[:1]), np.cumsum(columns, 0)))
    rows = np.arange(len(columns))

    def mean(first: int, last: int) -> Floats:
        low, high = (np.clip(rows + at, 0, len(rows)) for at in (first, last + 1))
        found: Floats = (sums[high] - sums[low]) / np.maximum(high - low, 1)[:, None]
        return found

    band = mean(-BAND, BAND)
    first, last = BESIDE
    beside = np.maximum(mean(-last, -first), mean(first, last))
    return np.asarray((band >= care.crossings) & (beside <= care.beside * band))


def _has_strokes(rgb: Pixels, most: Pixels, stroke: Mask, core: Mask, across: Floats) -> Mask:
    cores, strokes = (_sum(mask.astype(np.float32)) for mask in (core, stroke))
    down = np.zeros(stroke.shape, np.float32)
    down[1:] = stroke[1:] ^ stroke[:-1]
    crossings, rows = _sum(across), _sum(down)
    area = 15 * BLOCK * BLOCK
    return np.asarray(
        (most >= LEAST_CONTRAST)
        & (_spread(rgb, core, cores) <= 0.15 * most)
        & (cores >= 0.2 * strokes)
        & (strokes >= 0.05 * area)
        & (strokes <= 0.36 * area)
        & (crossings >= 0.06 * area)
        & (rows >= 0.4 * crossings)
        & (rows <= 2 * crossings)
    )


def _spread(rgb: Pixels, core: Mask, cores: Floats) -> Floats:
    """How far the colours of the core pixels around a block differ: standard deviation, levels."""
    total = np.zeros_like(cores)
    for channel in range(3):
        values = np.where(core, rgb[..., channel], 0).astype(np.float32)
        mean = _sum(values) / np.maximum(cores, 1)
        total += np.maximum(_sum(values * values) / np.maximum(cores, 1) - mean * mean, 0)
    return np.asarray(np.sqrt(total / 3), np.float32)


def _sum(values: Floats) -> Floats:
    return np.asarray(_around(_blocks(values, np.sum), np.add))


def _blocks(values: Any, pool: Any) -> Any:
    height, width = values.shape
    return pool(values.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK), axis=(1, 3))


def _around(blocks: Any, join: Any) -> Any:
    """Over three rows and five columns of blocks; beyond the edge there is nothing."""
    return _along(_along(blocks, join, 0, 1), join, 1, 2)


def _along(values: Any, join: Any, axis: int, reach: int) -> Any:
    size = values.shape[axis]
    wide = np.pad(values, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)])
    joined = np.take(wide, range(size), axis)
    for start in range(1, 2 * reach + 1):
        joined = join(joined, np.take(wide, range(start, start + size), axis))
    return joined


def _lines(found: Mask, least: int) -> Mask:
    """Runs along rows of blocks, short ones left out, those near each other joined."""
    lines = np.zeros_like(found)
    for y, row in enumerate(found):
        long = np.zeros_like(row)
        for left, right in _runs(row, GAP):
            if right - left >= least:
                long[left:right] = True
        for left, right in _runs(long, REACH):
            lines[y, max(0, left - ENDS) : right + ENDS] = True
    return lines


def _runs(row: Mask, gap: int) -> Iterator[tuple[int, int]]:
    """(first, behind the last) of those set, with up to ``gap`` others between two."""
    places = np.flatnonzero(row)
    if not places.size:
        return
    cuts = np.flatnonzero(np.diff(places) > gap + 1)
    starts = np.concatenate(([0], cuts + 1))
    ends = np.concatenate((cuts, [places.size - 1]))
    for start, end in zip(starts, ends, strict=True):
        yield int(places[start]), int(places[end]) + 1


def _opened(grey: Pixels) -> Pixels:
    return _extreme(_extreme(grey, np.minimum), np.maximum)


def _closed(grey: Pixels) -> Pixels:
    return _extreme(_extreme(grey, np.maximum), np.minimum)


def _extreme(grey: Pixels, join: Callable[[Pixels, Pixels], Pixels]) -> Pixels:
    """The least or the most within three pixels in each direction."""
    for axis in (0, 1):
        size = grey.shape[axis]
        wide = np.pad(grey, [(3, 3) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        two = join(_cut(wide, 0, -1, axis), _cut(wide, 1, None, axis))
        four = join(_cut(two, 0, -2, axis), _cut(two, 2, None, axis))
        grey = join(_cut(four, 0, size, axis), _cut(four, 3, 3 + size, axis))
    return grey


def _cut(values: Pixels, start: int, stop: int | None, axis: int) -> Pixels:
    return values[start:stop] if axis == 0 else values[:, start:stop]
