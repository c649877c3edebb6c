"""The map of scores as a picture for people: colours over a grey one, where detail may be wrong."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sdz.codec.score_map import Classes, least_score
from sdz.container import CELL, CLASSES
from sdz.grades import SHADES

MOST_SIDE: Final = 4096


def draw_map(classes: Classes, size: tuple[int, int], below: Image.Image | None) -> Image.Image:
    """The map [rows, columns] over ``below`` (None: plain grey), RGB, of a picture of ``size``
    (width, height), reduced to ``MOST_SIDE`` pixels a side."""
    scale = min(1.0, MOST_SIDE / max(size))
    small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    grey = Image.new("L", small, 128) if below is None else below.convert("L").resize(small)
    colours, shares = _tables()
    rows = np.minimum((np.arange(small[1]) / scale).astype(int) // CELL, classes.shape[0] - 1)
    columns = np.minimum((np.arange(small[0]) / scale).astype(int) // CELL, classes.shape[1] - 1)
    out = np.empty((small[1], small[0], 3), np.uint8)
    values = np.asarray(grey)
    for y, row in enumerate(rows):  # a row at a time: floats of a whole picture are large
        kinds = classes[row][columns]
        share = shares[kinds][:, None]
        out[y] = np.rint(values[y][:, None] * (1 - share) + colours[kinds] * share)
    return Image.fromarray(out)


def _tables() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(colour [16, 3], share [16]) of each class."""
    found = [next(s for s in SHADES if least_score(kind) >= s.least) for kind in range(CLASSES)]
    colours = np.array([one.colour for one in found], np.float32)
    return colours, np.array([one.share for one in found], np.float32)
