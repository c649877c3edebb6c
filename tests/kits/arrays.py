"""Arrays for the coder's tests, the same on every machine and with every version of NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def noise(count: int, seed: int) -> NDArray[np.int64]:
    """``count`` numbers in 0..65535 from a 64-bit linear congruential generator (Knuth's MMIX)."""
    state, found = seed, []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        found.append(state >> 48)
    return np.array(found, np.int64)


def bell(shape: tuple[int, int, int], seed: int, width: int) -> NDArray[np.int64]:
    """Integers around 0 in the shape of a bell: sums of four draws, ``width`` = 65536 / unit."""
    draws = noise(4 * int(np.prod(shape)), seed).reshape(4, *shape)
    return (draws.sum(0) - 131070) * width // 65536


def latents(shape: tuple[int, int, int], seed: int, width: int = 4) -> NDArray[np.int64]:
    """Integers that resemble latents: neighbours alike, later channels smaller and sparser."""
    field = bell(shape, seed, 64 * width)
    field[:, 1:] += field[:, :-1]
    field[:, :, 1:] += field[:, :, :-1]
    if shape[0] > 1:
        field[1:] += field[:-1] // 2
    divisor = 64 * (1 + np.arange(shape[0]))[:, None, None]
    return (field + divisor // 2) // divisor


def steps(shape: tuple[int, int, int], seed: int, width: int = 4) -> NDArray[np.float32]:
    """As latents, but in 1/16: floats that every machine holds exactly."""
    return (latents(shape, seed, 16 * width) / 16).astype(np.float32)


def golden_arrays() -> dict[str, NDArray[np.int64]]:
    """Name -> array of each golden stream of plain integers."""
    extremes = np.array([[[0, 2**31 - 1, -(2**31)], [1, -1, 2**31 - 2], [-(2**31) + 1, 7, 0]]])
    sparse = latents((24, 8, 12), 11)
    sparse[noise(sparse.size, 12).reshape(sparse.shape) > 6000] = 0
    ramp = np.add.outer(np.arange(20) * 40, np.arange(30) * 25)[None]
    return {
        "zeros": np.zeros((3, 8, 8), np.int64),
        "dense": latents((4, 16, 16), 1, 6),
        "sparse": sparse,
        "wide": ramp + bell((1, 20, 30), 5, 12),
        "mask": np.repeat(np.repeat(noise(12, 9).reshape(1, 3, 4) // 32768, 12, 1), 12, 2),
        "extremes": extremes,
    }
