"""How far the colour of smooth regions is off: CIEDE2000 after an 8x8 mean.

The eye takes patches of a slightly wrong hue in skin and sky for blotches long before it minds a
grain of the same error, so what is compared is a mean of pixels, and only where the original is
smooth. Formula: G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference formula:
implementation notes, supplementary test data, and mathematical observations", 2005, equations 2 to
22, whose weights kL, kC and kH are 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELL = 8
_TO_XYZ = np.array(  # of linear sRGB, IEC 61966-2-1
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
_POWER = 25.0**7

Floats = NDArray[np.float64]


def smooth_colour_error(
    original: NDArray[np.uint8], decoded: NDArray[np.uint8], smooth: NDArray[np.bool_]
) -> float:
    """Mean CIEDE2000 over the 8x8 means of regions; pixels [H, W, 3], smooth [H / n, W / n].

    NaN where no region is smooth.
    """
    cells = tuple(cell_means(pixels) for pixels in (original, decoded))
    times = cells[0].shape[0] // smooth.shape[0]  # cells along one side of a region
    mask = smooth.repeat(times, 0).repeat(times, 1)
    height, width = mask.shape
    labs = (lab_of_linear(found[:height, :width][mask]) for found in cells)
    found = ciede2000(*labs)
    return float(found.mean()) if found.size else float("nan")


def cell_means(pixels: NDArray[np.uint8]) -> Floats:
    """[H, W, 3] sRGB to means of light over 8x8 pixels, [H / 8, W / 8, 3] linear, 0 to 1."""
    h, w = (side // CELL for side in pixels.shape[:2])
    value = pixels[: h * CELL, : w * CELL] / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear.reshape(h, CELL, w, CELL, 3).mean((1, 3)))


def lab_of_linear(linear: Floats) -> Floats:
    """Linear sRGB [..., 3] of 0 to 1 to CIELAB by its own white."""
    xyz = linear @ _TO_XYZ.T / _TO_XYZ.sum(1)
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def ciede2000(one: Floats, other: Floats) -> Floats:
    """Differences of CIELAB colours [..., 3]: [...]."""
    (l1, a1, b1), (l2, a2, b2) = np.moveaxis(one, -1, 0), np.moveaxis(other, -1, 0)
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + _POWER))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi)
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)
    l, c = (l1 + l2) / 2, (c1 + c2) / 2  # noqa: E741 - the formula's own letters
    h = np.degrees(np.where(grey, h1 + h2, (h1 + turn / 2) % (2 * np.pi)))
    t = (
        1
        - 0.17 * np.cos(np.radians(h - 30))
        + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6))
        - 0.20 * np.cos(np.radians(4 * h - 63))
    )
    s_l = 1 + 0.015 * (l - 50) ** 2 / np.sqrt(20 + (l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c, 1 + 0.015 * c * t
    angle = 60 * np.exp(-(((h - 275) / 25) ** 2))
    r = -2 * np.sqrt(c**7 / (c**7 + _POWER)) * np.sin(np.radians(angle))
    l_, c_, h_ = d_l / s_l, d_c / s_c, d_h / s_h
    return np.asarray(np.sqrt(l_**2 + c_**2 + h_**2 + r * c_ * h_))
