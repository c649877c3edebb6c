"""Files that need no model: a .sdz that is well framed, and pictures drawn by hand."""

from __future__ import annotations

import struct
import zlib

from sdz import container
from sdz.container import WELL_KNOWN, Header, Limits, Model, Report, SdzFile, Stream
from sdz.models.editions import weights_hash


def sdz_file(
    width: int = 32, height: int = 16, body: bytes = b"coded", model: Model = WELL_KNOWN[0]
) -> bytes:
    """A file whose container is right; what its stream holds is for an engine to find out."""
    report = Report(80.5, 71.25, 33.5)
    header = Header(width, height, model, weights_hash(), 7, report=report)
    anything = Limits(pixels=2**40, symbols=2**40)
    return container.pack(SdzFile(header, (Stream(0, body),)), anything)


def png_header(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel that claims a size and holds next to nothing."""

    def chunk(kind: bytes, payload: bytes) -> bytes:
        crc = zlib.crc32(kind + payload)
        return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", crc)

    size = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
