"""Formats whose size stands at a fixed place, or nearly."""

from __future__ import annotations

import re
import struct
from typing import Final

from sdz.codec.headers.boxes import boxes
from sdz.codec.headers.seen import Header, Unread

_PPM_TOKEN: Final = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*(\d{1,9})(?=\s|#)")
_LEADING: Final = 4096  # comments of a PPM may be longer; they never are


def gif(data: bytes) -> Header:
    """GIF. How many frames it has is left to the decoder, who goes through them anyway."""
    return Header("GIF", struct.unpack_from("<HH", data, 6))


def bmp(data: bytes) -> Header:
    """BMP of any edition."""
    return _dib(data, 14, "BMP")


def dib(data: bytes) -> Header:
    """BMP without the header of a file."""
    return _dib(data, 0, "DIB")


def _dib(data: bytes, at: int, kind: str) -> Header:
    if int.from_bytes(data[at : at + 4], "little") == 12:
        return Header(kind, struct.unpack_from("<HH", data, at + 4))
    width, height = struct.unpack_from("<ii", data, at + 4)
    return Header(kind, (abs(width), abs(height)))


def webp(data: bytes) -> Header:
    """WebP: lossy, lossless, or with extensions."""
    kind = data[12:16]
    if kind == b"VP8X":
        sides = [1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27)]
        return Header("WEBP", (sides[0], sides[1]), 2 if data[20] & 2 else 1)
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return Header("WEBP", ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
    width, height = struct.unpack_from("<HH", data, 26)
    return Header("WEBP", (width & 0x3FFF, height & 0x3FFF))


def ppm(data: bytes) -> Header:
    """Netpbm's formats, and Pillow's own of the kind."""
    head = data[:_LEADING]
    at, sides = re.match(rb"\S*", head).end(), []  # type: ignore[union-attr]
    for _ in range(2):
        found = _PPM_TOKEN.match(head, at)
        if found is None:
            raise Unread
        sides.append(int(found[1]))
        at = found.end()
    return Header("PPM", (sides[0], sides[1]))


def qoi(data: bytes) -> Header:
    """QOI. Its word on colours ("linear") is not believed: Pillow writes it into every file."""
    return Header("QOI", struct.unpack_from(">II", data, 4))


def ico(data: bytes) -> Header:
    """ICO: the largest of its icons is read."""
    count = int.from_bytes(data[4:6], "little")
    sides = [(data[at] or 256, data[at + 1] or 256) for at in range(6, 6 + 16 * count, 16)]
    return Header("ICO", max(sides), count)


def icns(data: bytes) -> Header:
    """ICNS: the largest of its icons is read. How large that is only its decoder knows."""
    kinds = {box.kind for box in boxes(data, 8)} - {b"TOC ", b"icnV", b"info", b"name"}
    icons = [kind for kind in kinds if not kind.endswith(b"mk")]  # the masks of others
    return Header("ICNS", pictures=max(len(icons), 1))


def dds(data: bytes) -> Header:
    """DDS: of a cube's six sides, or of several textures, the first is read."""
    height, width = struct.unpack_from("<II", data, 12)
    cube = bool(int.from_bytes(data[112:116], "little") & 0x200)
    many = data[84:88] == b"DX10" and int.from_bytes(data[140:144], "little") > 1
    return Header("DDS", (width, height), 2 if cube or many else 1)


def pcx(data: bytes) -> Header:
    """PCX."""
    left, top, right, bottom = struct.unpack_from("<HHHH", data, 4)
    return Header("PCX", (right + 1 - left, bottom + 1 - top))


def sgi(data: bytes) -> Header:
    """SGI."""
    return Header("SGI", struct.unpack_from(">HH", data, 6))


def tga(data: bytes) -> Header:
    """TGA."""
    return Header("TGA", struct.unpack_from("<HH", data, 12))


def is_tga(data: bytes) -> bool:
    """Whether this may be a TGA, which has no signature: its first 18 bytes must make sense."""
    return (
        len(data) > 18
        and data[1] in (0, 1)
        and data[2] in (1, 2, 3, 9, 10, 11)
        and data[16] in (1, 8, 15, 16, 24, 32)
        and any(data[12:14])
        and any(data[14:16])
    )
