"""From sums over cells to scores: of the whole picture, of its worst region, of every cell.

Every map of the metric is summed over squares of 32x32 picture pixels (the same squares at every
scale: 16 at half size, ... 1 at 1/32). Whole picture and regions are scored from those sums, so the
tiling leaves no trace in the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sdz.ssimulacra2.formula import MAPS, score

CELL = 32  # side of a cell, in picture pixels; job.h
REGION = 256  # side of a region, in picture pixels
_SMALLEST_REGION = 64  # a last row or column narrower than this belongs to the one before

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What two pictures' maps come to.

    sizes: (height, width) of each scale. sums: of each scale, [9, 2, rows, columns] of cells: of
    each map and of its fourth power. Pictures under 8 pixels on a side count as widened to 8.
    """

    sizes: tuple[tuple[int, int], ...]
    sums: tuple[Floats, ...]

    @classmethod
    def empty(cls, sizes: list[tuple[int, int]]) -> Comparison:
        """With sums that are still to be filled in."""
        cells = [(CELL >> scale, size) for scale, size in enumerate(sizes)]
        sums = (
            np.empty((MAPS, 2, -(-height // cell), -(-width // cell)))
            for cell, (height, width) in cells
        )
        return cls(tuple(sizes), tuple(sums))

    @cached_property
    def whole(self) -> float:
        """The score of the picture: 100 where both are the same."""
        areas = np.array([height * width for height, width in self.sizes])
        sums = np.stack([cells.sum((2, 3)) for cells in self.sums])
        return float(score(sums / areas[:, None, None]))

    @cached_property
    def worst(self) -> float:
        """The score of its worst region of 256x256 pixels, at most that of the whole."""
        each = REGION // CELL
        sums = np.stack(self.sums)
        lengths = [self._lengths(axis, REGION) for axis in (0, 1)]
        for axis in (0, 1):
            sums = np.add.reduceat(sums, range(0, sums.shape[3 + axis], each), 3 + axis)
            if lengths[axis].shape[1] > 1 and lengths[axis][0, -1] < _SMALLEST_REGION:
                kept = range(lengths[axis].shape[1] - 1)
                sums = np.add.reduceat(sums, kept, 3 + axis)
                lengths[axis] = np.add.reduceat(lengths[axis], kept, 1)
        return min(self.whole, float(_scores(sums, *lengths).min()))

    def by_cell(self) -> Floats:
        """The scores of all cells [rows, columns], each by itself."""
        return _scores(np.stack(self.sums), *(self._lengths(axis, CELL) for axis in (0, 1)))

    def _lengths(self, axis: int, side: int) -> NDArray[np.int64]:
        """Of each scale [pieces]: how long they are where it is cut every ``side`` pixels."""
        return np.array(
            [
                [
                    min(side >> scale, size[axis] - start)
                    for start in range(0, size[axis], side >> scale)
                ]
                for scale, size in enumerate(self.sizes)
            ]
        )


def _scores(sums: Floats, heights: NDArray[np.int64], widths: NDArray[np.int64]) -> Floats:
    """Of pieces: sums [S, 9, 2, rows, columns], heights [S, rows], widths [S, columns]."""
    return score(sums / (heights[:, :, None] * widths[:, None, :])[:, None, None])
