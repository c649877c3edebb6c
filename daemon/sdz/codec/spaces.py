"""From a space of colours that a file names, or spells out by numbers, to sRGB; HDR to SDR.

HDR: white of SDR is 203 cd/m2, as ITU-R BT.2408 has it (58 % of PQ, 75 % of HLG on a display of
1,000 cd/m2). Up to three quarters of that light nothing changes. What is above is compressed by
Reinhard's extended curve, whose end is the brightest that the picture has: one that goes up to
white and no further is not changed at all. The largest of red, green and blue takes the curve, and
the others follow in proportion, so that colours keep their hue.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdz.codec.headers import LEFT_OUT, Space

SDR_WHITE: Final = 203.0
"""cd/m2."""
KNEE: Final = 0.75
"""Up to that share of SDR white's light, HDR is not compressed."""
HDR: Final = ("pq", "hlg")

_BLOCK: Final = 1 << 20  # pixels at a time, so that floats of all are never there at once
_HLG_PEAK: Final = 1000.0  # cd/m2 of the display that BT.2100's system gamma of 1.2 is for
_HLG_LUMA: Final = np.array([0.2627, 0.6780, 0.0593], np.float32)
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_D65: Final = (0.3127, 0.3290)
_SRGB: Final = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65)

Light = NDArray[np.float32]


def from_space(
    values: NDArray[np.uint8] | NDArray[np.uint16], space: Space, notes: list[str]
) -> NDArray[np.uint8]:
    """``values`` [H, W, 3] of ``space`` as sRGB, rounded. Colours that sRGB lacks are clipped."""
    white = float(np.iinfo(values.dtype).max)
    steps = np.arange(white + 1) / white
    if space.narrow:
        steps = (steps * 255 - 16) / 219
    table = _light(np.clip(steps, 0, 1), space).astype(np.float32)
    matrix = _matrix(space)
    rows = max(1, _BLOCK // values.shape[1])
    blocks = [slice(at, at + rows) for at in range(0, len(values), rows)]
    notes.append(f"colours converted from {space.name} to sRGB")
    peak = 1.0
    if space.curve in HDR:
        peak = max(float(_block(values[part], table, space, matrix).max()) for part in blocks)
        if peak > 1.001:
            shown = round(peak * SDR_WHITE)
            notes.append(
                f"{LEFT_OUT}light of over {SDR_WHITE:.0f} cd/m2 (HDR, up to {shown:,} cd/m2), "
                "compressed into what a usual display shows"
            )
    found = np.empty(values.shape, np.uint8)
    for part in blocks:
        light = _block(values[part], table, space, matrix)
        if peak > 1.001:
            light = _compressed(light, peak)
        found[part] = _SRGB_VALUES[np.rint(np.clip(light, 0, 1) * 65535).astype(np.uint16)]
    return found


def _block(
    values: NDArray[np.uint8] | NDArray[np.uint16], table: Light, space: Space, matrix: Light
) -> Light:
    """Light of some rows, by the primaries of sRGB, 1 for white, not negative."""
    light = table[values]
    if space.curve == "hlg":  # BT.2100: the scene's light, and the display's by the system gamma
        luma = light @ _HLG_LUMA
        light *= (_HLG_PEAK / SDR_WHITE) * np.power(luma, np.float32(0.2))[..., None]
    ours: Light = np.maximum(light @ matrix, 0)
    return ours


def _compressed(light: Light, peak: float) -> Light:
    most = light.max(axis=2, keepdims=True)
    over = np.maximum(most - KNEE, 0) / (1 - KNEE)
    end = (peak - KNEE) / (1 - KNEE)
    bent = KNEE + (1 - KNEE) * over * (1 + over / end**2) / (1 + over)
    scale: Light = np.where(most > KNEE, bent / np.maximum(most, KNEE), 1).astype(np.float32)
    return light * scale


def _light(values: NDArray[np.float64], space: Space) -> NDArray[np.float64]:
    """What values of 0 to 1 stand for: 1 is white, of HLG the brightest of the scene."""
    match space.curve:
        case "power":
            return np.power(values, space.gamma)
        case "srgb":  # IEC 61966-2-1
            return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        case "bt709":
            return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))
        case "pq":  # SMPTE ST 2084
            root = np.power(values, 32 / 2523)
            bent = np.maximum(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)
            return np.power(bent, 8192 / 1305) * (10_000 / SDR_WHITE)
        case "hlg":  # BT.2100
            a, b, c = 0.17883277, 0.28466892, 0.55991073
            return np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
        case other:
            raise ValueError(other)


def _matrix(space: Space) -> Light:
    """[3, 3] that light of a space, in rows, is multiplied by from the right."""
    if space.primaries is None:
        return np.eye(3, dtype=np.float32)
    adapted = _adapted(space.primaries[3]) @ _to_xyz(space.primaries)
    return (np.linalg.inv(_to_xyz(_SRGB)) @ adapted).T.astype(np.float32)


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    columns = np.array([_xyz(point) for point in primaries[:3]]).T
    scaled: NDArray[np.float64] = columns * np.linalg.solve(columns, _xyz(primaries[3]))
    return scaled


def _adapted(white: tuple[float, float]) -> NDArray[np.float64]:
    """Bradford's adaptation of a white to D65."""
    scale = (_BRADFORD @ _xyz(_D65)) / (_BRADFORD @ _xyz(white))
    matrix: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD
    return matrix


def _xyz(point: tuple[float, float]) -> NDArray[np.float64]:
    x, y = point
    return np.array([x / y, 1, (1 - x - y) / y])


def _srgb_values() -> NDArray[np.uint8]:
    """sRGB of light in 65,535 steps: even in the dark each is a twentieth of a level."""
    light = np.arange(65536) / 65535
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    table: NDArray[np.uint8] = np.rint(values * 255).astype(np.uint8)
    return table


_SRGB_VALUES: Final = _srgb_values()
