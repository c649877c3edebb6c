"""The container of ``.sdz`` files: bytes to a header, chunks and checksums, and back.

Needs the standard library alone; ``docs/format.md`` is normative.
"""

from sdz.container.chunks import (
    HEADER_PREFIX_BYTES,
    SIGNATURE,
    overhead,
    pack,
    read_header,
    symbol_check,
    unpack,
)
from sdz.container.fields import (
    FACTORS,
    MAX_CHANNELS,
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
    is_model_name,
)

__all__ = [
    "FACTORS",
    "HEADER_PREFIX_BYTES",
    "MAX_CHANNELS",
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
    "is_model_name",
    "overhead",
    "pack",
    "read_header",
    "symbol_check",
    "unpack",
]
