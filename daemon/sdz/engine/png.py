"""PNG, written quickly: for who shows it at once on the same machine not even deflated.

Of a picture of 768 x 512 (two cores): not deflated it is written in 0.6 ms, has 1.18 MB, and is
shown by Chromium in 4.8 ms, by Firefox in 4.0. BMP is written in 0.4 ms, is shown in 7.0 and 4.0,
and has no alpha that all programs understand. Deflated it takes 13 ms and 0.65 MB, where Pillow,
which tries five filters for each row, takes 23 and 0.61 MB; it is shown in 11.3 and 12 ms.

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
_LEVEL: Final = 1
_UP: Final = 2
_COLOUR_TYPES: Final = {3: 2, 4: 6}
_XMP_HEAD: Final = b"XML:com.adobe.xmp\0\0\0\0\0"
"""Keyword, and that neither compression, nor language, nor a translation follows (11.3.4.5)."""


def write_png(
    pixels: NDArray[np.uint8],
    *,
    stored: bool = False,
    exif: bytes | None = None,
    xmp: bytes | None = None,
) -> bytes:
    """A PNG of pixels [H, W, 3 or 4]. stored: it is not deflated.

    exif: as TIFF begins; xmp: UTF-8. Both come at its end.
    """
    height, width, channels = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    data = _stored(_plain(pixels)) if stored else [zlib.compress(_differences(pixels).data, _LEVEL)]
    parts = [_SIGNATURE, *_chunk(b"IHDR", head), *_chunk(b"IDAT", *data)]
    if exif is not None:
        parts += _chunk(b"eXIf", exif)
    if xmp is not None:
        parts += _chunk(b"iTXt", _XMP_HEAD, xmp)
    return b"".join([*parts, *_chunk(b"IEND")])


def _plain(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows [H, 1 + W * channels]: a filter, 0, and the bytes."""
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + width * channels), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    return rows


def _differences(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same, each byte as what it has over that of the row above (filter 2, "Up")."""
    rows = _plain(pixels)
    rows[1:, 1:] -= pixels[:-1].reshape(len(pixels) - 1, rows.shape[1] - 1)
    rows[:, 0] = _UP
    return rows


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
