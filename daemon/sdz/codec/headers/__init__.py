"""What a picture file is, how large, and what else it says, by its first bytes alone.

    seen.py      what is found
    boxes.py cicp.py av1.py     boxes, code points and frames, which several formats have in common
    png.py jpeg.py tiff.py heif.py jxl.py jp2.py simple.py     the formats
    others.py    what is no picture, by its name
    allowed.py   what is let in

The one place that tells formats apart. Needs the standard library alone and decodes nothing; what
it goes through is bounded (``MOST_PARTS``), so that a file of any making takes milliseconds.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import Final

from sdz.codec.headers import heif, jp2, jpeg, jxl, png, simple, tiff
from sdz.codec.headers.seen import BUDGET, LEFT_OUT, Budget, Frame, Header, Space, Unread

__all__ = ["LEFT_OUT", "Frame", "Header", "Space", "look"]


def look(data: bytes) -> Header | None:
    """What the header of a picture file says; None where it is of no format that is read.

    A header that is damaged is one that says no more than the format. Raises ImageTooLarge for one
    of more parts than are looked at.
    """
    token = BUDGET.set(Budget())
    try:
        for kind, begins, read in _READERS:
            if begins(data):
                try:
                    return read(data)
                except (Unread, IndexError, ValueError, struct.error):
                    return Header(kind)
        return None
    finally:
        BUDGET.reset(token)


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(signatures)


def _is_avif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and bool(heif.brands(data) & heif.AVIF_BRANDS)


def _is_heif(data: bytes) -> bool:
    """The brands of HEVC pictures, which AVIF (its cousin) does not claim."""
    return data[4:8] == b"ftyp" and bool(heif.brands(data) & heif.HEVC_BRANDS)


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _is_ppm(data: bytes) -> bool:
    return data[:1] == b"P" and data[1:2] in b"0123456fy" and len(data) > 2


def _is_pcx(data: bytes) -> bool:
    return len(data) >= 12 and data[0] == 10 and data[1] in (0, 2, 3, 5)


# EPS and PDF are left out because they run other programs, FITS and the scientific formats hold no
# pictures for viewing, WMF needs the system's renderer.
_READERS: Final[tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], Header]], ...]] = (
    ("JPEG", _starts(b"\xff\xd8\xff"), jpeg.read),
    ("PNG", _starts(png.SIGNATURE), png.read),
    ("GIF", _starts(b"GIF87a", b"GIF89a"), simple.gif),
    ("WEBP", _is_webp, simple.webp),
    ("AVIF", _is_avif, partial(heif.read, kind="AVIF")),
    ("HEIF", _is_heif, partial(heif.read, kind="HEIF")),
    ("JXL", _starts(jxl.BARE, jxl.BOXED), jxl.read),
    ("TIFF", _starts(*tiff.STARTS), tiff.read),
    ("JPEG2000", _starts(b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n"), jp2.read),
    ("BMP", _starts(b"BM"), simple.bmp),
    ("QOI", _starts(b"qoif"), simple.qoi),
    ("DDS", _starts(b"DDS "), simple.dds),
    ("ICNS", _starts(b"icns"), simple.icns),
    ("ICO", _starts(b"\0\0\1\0"), simple.ico),
    ("SGI", _starts(b"\x01\xda"), simple.sgi),
    ("PPM", _is_ppm, simple.ppm),
    (
        "DIB",
        _starts(*(bytes((size, 0, 0, 0)) for size in (12, 40, 52, 56, 64, 108, 124))),
        simple.dib,
    ),
    ("PCX", _is_pcx, simple.pcx),
    ("TGA", simple.is_tga, simple.tga),  # last: it has no signature
)
