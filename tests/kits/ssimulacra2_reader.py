"""SSIMULACRA2's maps in NumPy and double precision, as its paper-thin formula says: slow and plain.

Nothing is taken from the package but the numbers of ``formula.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdz.ssimulacra2.formula import (
    C2,
    CHANNELS,
    CHANNELS_SHIFT,
    MIN_SIDE,
    OPSIN,
    OPSIN_BIAS,
    RADIUS,
    SCALES,
    linear_light,
    score,
    taps,
)

Planes = NDArray[np.float64]


def read_maps(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> list[Planes]:
    """The maps [9, h, w] of each scale: SSIM, artefacts, lost detail, by three channels each."""
    scales = []
    x, y = (_linear(picture) for picture in (a, b))
    while len(scales) < SCALES and min(x.shape[1:]) >= MIN_SIDE:
        scales.append(_maps(_channels(x), _channels(y)))
        x, y = _halved(x), _halved(y)
    return scales


def read_score(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> tuple[float, float]:
    """Whole, and the worst of the regions of 256x256 of the picture."""
    maps = read_maps(a, b)
    height, width = maps[0].shape[1:]
    whole = _score(maps, (0, height), (0, width))
    regions = [_score(maps, rows, columns) for rows in _edges(height) for columns in _edges(width)]
    return whole, min(whole, *regions)


def read_cells(a: NDArray[np.uint8], b: NDArray[np.uint8], side: int) -> Planes:
    """The score of each square of ``side`` pixels by itself."""
    maps = read_maps(a, b)
    rows, columns = (
        [(start, min(start + side, size)) for start in range(0, size, side)]
        for size in maps[0].shape[1:]
    )
    return np.array([[_score(maps, row, column) for column in columns] for row in rows])


def _score(maps: list[Planes], rows: tuple[int, int], columns: tuple[int, int]) -> float:
    """Of a part of the picture, in its pixels."""
    parts = [
        m[:, rows[0] >> s : -(-rows[1] >> s), columns[0] >> s : -(-columns[1] >> s)]
        for s, m in enumerate(maps)
    ]
    return float(score(np.stack([_pooled(part) for part in parts])))


def _edges(size: int) -> list[tuple[int, int]]:
    starts = list(range(0, size, 256))
    if len(starts) > 1 and size - starts[-1] < 64:
        starts.pop()
    return list(zip(starts, [*starts[1:], size], strict=True))


def _pooled(maps: Planes) -> Planes:
    return np.stack([maps.mean((1, 2)), (maps**4).mean((1, 2))], 1)


def _linear(rgb: NDArray[np.uint8]) -> Planes:
    short = [(0, max(0, MIN_SIDE - side)) for side in rgb.shape[:2]]
    return linear_light()[np.pad(rgb, [*short, (0, 0)], mode="edge")].transpose(2, 0, 1)


def _halved(planes: Planes) -> Planes:
    height, width = planes.shape[1:]
    even = np.pad(planes, [(0, 0), (0, height % 2), (0, width % 2)], mode="edge")
    return even.reshape(3, -(-height // 2), 2, -(-width // 2), 2).mean((2, 4))


def _channels(linear: Planes) -> Planes:
    cones = np.cbrt(np.einsum("dc,chw->dhw", OPSIN, linear) + OPSIN_BIAS)
    return np.einsum("dc,chw->dhw", CHANNELS, cones) + CHANNELS_SHIFT[:, None, None]


def _blurred(planes: Planes) -> Planes:
    _, height, width = planes.shape
    planes = np.pad(planes, [(0, 0), (0, 0), (RADIUS, RADIUS)])
    planes = np.pad(planes, [(0, 0), (RADIUS, RADIUS), (0, 0)], mode="symmetric")
    weights = np.concatenate([taps()[:0:-1], taps()])
    down = sum(w * planes[:, i : i + height] for i, w in enumerate(weights))
    return np.asarray(sum(w * down[:, :, i : i + width] for i, w in enumerate(weights)))


def _maps(x: Planes, y: Planes) -> Planes:
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x, variance_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    near = (2 * covariance + C2) / (variance_x + variance_y + C2)
    ssim = 1 - (1 - (mean_x - mean_y) ** 2) * near
    edge = (1 + abs(y - mean_y)) / (1 + abs(x - mean_x)) - 1
    return np.concatenate([ssim, edge, -edge]).clip(0)
