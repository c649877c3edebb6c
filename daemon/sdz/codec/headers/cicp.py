"""Colours by code points (ITU-T H.273), as in PNG's cICP and the colour boxes of AVIF and HEIC."""

from __future__ import annotations

from typing import Final

from sdz.codec.headers.seen import Space

_D65: Final = (0.3127, 0.3290)
_C: Final = (0.310, 0.316)
_SRGB: Final = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65)

_PRIMARIES: Final = {  # H.273, table 2
    1: ("BT.709", None),
    4: ("BT.470 M", ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C)),
    5: ("BT.601 625", ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65)),
    6: ("BT.601 525", ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)),
    7: ("SMPTE 240M", ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)),
    8: ("film", ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C)),
    9: ("BT.2020", ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65)),
    11: ("DCI P3", ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351))),
    12: ("Display P3", ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65)),
    22: ("EBU 3213", ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65)),
}
_CURVES: Final = {  # H.273, table 3
    1: ("bt709", 1.0, "BT.709's curve"),
    4: ("power", 2.2, "gamma 2.2"),
    5: ("power", 2.8, "gamma 2.8"),
    6: ("bt709", 1.0, "BT.709's curve"),
    8: ("power", 1.0, "linear light"),
    13: ("srgb", 1.0, ""),
    14: ("bt709", 1.0, "BT.709's curve"),
    15: ("bt709", 1.0, "BT.709's curve"),
    16: ("pq", 1.0, "PQ"),
    18: ("hlg", 1.0, "HLG"),
}
_UNSPECIFIED: Final = (0, 2)

ADOBE_RGB: Final = Space(
    "Adobe RGB", "power", 563 / 256, ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), _D65)
)
"""Adobe RGB (1998), 4.3."""


def space_of(primaries: int, transfer: int) -> Space | None:
    """The space of two code points; None where they leave it open, which means sRGB."""
    if transfer in _UNSPECIFIED and primaries in _UNSPECIFIED:
        return None
    name, of = _PRIMARIES.get(1 if primaries in _UNSPECIFIED else primaries, ("", None))
    if transfer in _UNSPECIFIED:
        transfer = 13
    if not name or transfer not in _CURVES:
        return Space(f"the code points {primaries} and {transfer} of H.273", curve="unknown")
    curve, gamma, words = _CURVES[transfer]
    return Space(f"{name}, {words}" if words else name, curve, gamma, of)


def same_primaries(found: tuple[tuple[float, float], ...]) -> bool:
    """Whether primaries, given to three digits, are those of sRGB."""
    return all(
        abs(a - b) < 0.0015
        for one, other in zip(found, _SRGB, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def space_of_icc(profile: bytes) -> Space | None:
    """The space that a profile's own cicp tag names (ICC.1:2022, 9.2.17); None without one."""
    count = int.from_bytes(profile[128:132], "big")
    for at in range(132, 132 + 12 * min(count, 100), 12):
        if profile[at : at + 4] == b"cicp":
            start = int.from_bytes(profile[at + 4 : at + 8], "big")
            tag = profile[start : start + 12]
            return space_of(tag[8], tag[9]) if tag[:4] == b"cicp" and len(tag) == 12 else None
    return None
