"""Weights of pairs of channels, as statistics hold them: for each channel those before it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


def squared(pairs: NDArray[Number], count: int, first: int = 0) -> NDArray[Number]:
    """[pairs, ...] -> [count, first + count, ...], with 0 where there is no pair.

    first: the number of the first of the ``count`` channels; those before it are before all.
    """
    square = np.zeros((count, first + count, *pairs.shape[1:]), pairs.dtype)
    square[np.tril_indices(count, first - 1, first + count)] = pairs
    return square
