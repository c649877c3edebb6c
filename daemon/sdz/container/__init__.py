"""The container of ``.sdz`` files: bytes to a header, chunks and checksums, and back.

Needs the standard library alone; ``docs/format.md`` is normative.
"""

from sdz.container.chunks import (
    HEADER_PREFIX_BYTES,
    SIGNATURE,
    WELL_KNOWN,
    Alpha,
    Chunk,
    Header,
    Limits,
    Model,
    Report,
    SdzFile,
    Stream,
    Tiling,
    overhead,
    pack,
    read_header,
    symbol_check,
    unpack,
)

__all__ = [
    "HEADER_PREFIX_BYTES",
    "SIGNATURE",
    "WELL_KNOWN",
    "Alpha",
    "Chunk",
    "Header",
    "Limits",
    "Model",
    "Report",
    "SdzFile",
    "Stream",
    "Tiling",
    "overhead",
    "pack",
    "read_header",
    "symbol_check",
    "unpack",
]
