"""PNG (third edition): the chunks before its pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sdz.codec.headers.cicp import same_primaries, space_of
from sdz.codec.headers.seen import Header, Space, Unread, within

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_AS_SRGB: Final = (45000, 46000)
"""gAMA 45455 beside the primaries of sRGB, or none, is how the standard itself has sRGB written
for readers that know no better (11.3.2.5): it means that curve, not a power of 2.2."""


def read(data: bytes) -> Header:
    """The header of a PNG."""
    chunks = dict(_chunks(data))
    head = chunks.get(b"IHDR", b"")
    if len(head) < 8:
        raise Unread
    frames = int.from_bytes(chunks[b"acTL"][:4], "big") if b"acTL" in chunks else 1
    size = struct.unpack(">II", head[:8])
    return Header("PNG", (size[0], size[1]), max(frames, 1), _space(chunks))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks before the pixels that are asked for here, of which the last counts."""
    at, count = len(SIGNATURE), 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind in (b"IDAT", b"IEND"):
            return
        count += 1
        within(count, "chunks")
        if kind in _ASKED:
            yield kind, data[at + 8 : at + 8 + min(size, 64)]
        at += 12 + size


_ASKED: Final = frozenset({b"IHDR", b"acTL", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"})


def _space(chunks: dict[bytes, bytes]) -> Space | None:
    """By the standard's order (table 23): cICP, iCCP, sRGB, then gAMA and cHRM."""
    said = chunks.get(b"cICP", b"")
    if len(said) == 4:
        space = space_of(said[0], said[1])
        return space if said[3] else replace(space or Space("sRGB"), narrow=True)
    if b"iCCP" in chunks or b"sRGB" in chunks:
        return None
    gamma = int.from_bytes(chunks.get(b"gAMA", b"")[:4], "big")
    numbers = chunks.get(b"cHRM", b"")
    points = struct.unpack(">8I", numbers) if len(numbers) == 32 else ()
    return by_gamma(gamma, tuple(value / 100_000 for value in points))


def by_gamma(gamma: int, points: tuple[float, ...]) -> Space | None:
    """The space of gAMA (hundred-thousandths; 0: none) and of cHRM (xy of white, red, green, blue;
    empty: none)."""
    primaries = None
    pairs = [(points[at], points[at + 1]) for at in range(0, len(points), 2)]
    # What cannot be (y of 0, all in a line) is left to gAMA alone.
    if pairs and all(y > 0 for _, y in pairs) and _area(pairs[1:]) > 1e-4:
        found = (*pairs[1:], pairs[0])
        primaries = None if same_primaries(found) else found
    if primaries is None and (not gamma or _AS_SRGB[0] <= gamma <= _AS_SRGB[1]):
        return None
    name = f"gamma {100_000 / gamma:.3g}" if gamma else "its own primaries"
    if gamma and primaries is not None:
        name += " and its own primaries"
    curve = "power" if gamma else "srgb"
    return Space(name, curve, 100_000 / gamma if gamma else 1.0, primaries)


def _area(corners: list[tuple[float, float]]) -> float:
    (ax, ay), (bx, by), (cx, cy) = corners
    return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
