"""How likely there are small letters, by a little network of its own: 8 x 8 pixels a place.

It sees how light a place is beside its surroundings, in units of how much these vary, and so finds
letters of low contrast on a calm ground as well as of full contrast on leaves. Four layers, 27,000
weights, trained by ``scripts/train/letters.py`` on lines drawn over photographs.

In floats: a place may come out otherwise on another machine. What is kept for it is in the file.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

BLOCK: Final = 8
CALM: Final = 8.0
"""Levels: what varies less counts as varying so much."""
_WEIGHTS = Path(__file__).with_name("letters.npz")
_ROWS = 128
"""Rows of pixels that are looked at together: some 10 kB of memory for a column of pixels."""
_HALO = 32
"""Rows more on both sides: no place sees farther than 28."""


def likelihood(grey: Grey) -> Floats:
    """Of each block [ceil(H / 8), ceil(W / 8)] of ``grey`` [H, W]: the logarithm of how many times
    likelier it is to lie in a line of small letters than not, as in pictures half of which have
    some."""
    height, width = grey.shape
    grey = np.pad(grey, ((0, -height % BLOCK), (0, -width % BLOCK)), mode="edge")
    found = []
    for top in range(0, len(grey), _ROWS):
        first = max(0, top - _HALO)
        seen = _forward(grey[first : top + _ROWS + _HALO].astype(np.float32))
        skipped = (top - first) // BLOCK
        found.append(seen[skipped : skipped + _ROWS // BLOCK])
    return np.concatenate(found)


def _forward(grey: Floats) -> Floats:
    weights = _weights()
    layers = _relative(grey)[None]
    for name, stride, pad in (("a", 2, (3, 3)), ("b", 4, (1, 1)), ("c", 1, (1, 4))):
        layers = _convolved(layers, weights[f"{name}.weight"], weights[f"{name}.bias"], stride, pad)
        np.maximum(layers, 0, out=layers)
    found = _convolved(layers, weights["d.weight"], weights["d.bias"], 1, (0, 0))
    return np.asarray(found[0], np.float32)


@cache
def _weights() -> dict[str, Floats]:
    with np.load(_WEIGHTS, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


def _relative(grey: Floats) -> Floats:
    """``grey`` less the mean of the 3 x 5 blocks around each, over their standard deviation."""
    blocks = grey.reshape(len(grey) // BLOCK, BLOCK, -1, BLOCK)
    mean, square = (_around((blocks**power).mean((1, 3))) for power in (1, 2))
    deviation = np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)) + CALM, np.float32)
    return np.asarray((grey - _wide(mean)) / _wide(deviation), np.float32)


def _around(blocks: Floats) -> Floats:
    padded = np.pad(blocks, ((1, 1), (2, 2)), mode="edge")
    return np.asarray(sliding_window_view(padded, (3, 5)).mean((2, 3)), np.float32)


def _wide(blocks: Floats) -> Floats:
    return blocks.repeat(BLOCK, 0).repeat(BLOCK, 1)


def _convolved(
    layers: Floats, weight: Floats, bias: Floats, stride: int, pad: tuple[int, int]
) -> Floats:
    """[C, h, w] to [C', h', w'], with zeros beyond the edges."""
    down, across = pad
    padded = np.pad(layers, ((0, 0), (down, down), (across, across)))
    kernel = weight.shape[2:]
    seen = sliding_window_view(padded, kernel, axis=(1, 2))[:, ::stride, ::stride]
    height, width = seen.shape[1:3]
    rows = seen.transpose(1, 2, 0, 3, 4).reshape(height * width, -1)
    found = rows @ weight.reshape(len(weight), -1).T + bias
    return np.asarray(found.T.reshape(len(weight), height, width))
