"""Files that people take for pictures, or cameras put beside them: named, so that a refusal is not
"unknown format". Told by their contents, as pictures are; a name may say anything."""

from __future__ import annotations

import re
import struct
from typing import Final

from sdz.codec.headers import heif, tiff
from sdz.errors import ImageTooLarge

RAW: Final = "a RAW file of a camera, which sdz does not develop; export it as a TIFF or JPEG first"
FILM: Final = "a film; sdz keeps still pictures alone"
DOCUMENT: Final = "a document, which sdz does not draw; export it as a PNG or TIFF first"
ARCHIVE: Final = "an archive; take the pictures out of it first"

_STARTS: Final = (
    (RAW, (b"FUJIFILMCCD-RAW", b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"FOVb", b"\0MRM")),
    (RAW, (b"II\x1a\0\0\0HEAPCCDR",)),
    (
        FILM,
        (b"\x1aE\xdf\xa3", b"FLV\x01", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"0&\xb2u\x8ef\xcf\x11"),
    ),
    (
        DOCUMENT,
        (b"%PDF", b"%!PS", b"8BPS", b"8BPB", b"gimp xcf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ),
    (
        ARCHIVE,
        (b"PK\x03\x04", b"Rar!\x1a", b"7z\xbc\xaf'\x1c", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0"),
    ),
)
_FILMS: Final = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VP"}
    | {b"qt  ", b"3gp4", b"3gp5", b"3gp6", b"3g2a", b"MSNV", b"dash", b"hvc1", b"XAVC"}
)
_SVG: Final = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg\b", re.S
)

# Fields of TIFF (DNG specification 1.7, TIFF/EP): what a page is, where others hang, how its
# values are meant, and the edition of DNG.
_SUB_PAGES, _MEANT, _DNG = 330, 262, 50706
_OF_A_SENSOR: Final = frozenset({32803, 34892})  # a mosaic of colours; linear raw
_MOST_SUB_PAGES: Final = 16


def named(data: bytes) -> str | None:
    """What a file is that holds no picture which is read, and what to do; None: not known."""
    for what, starts in _STARTS:
        if data.startswith(starts):
            return what
    if data[4:8] == b"ftyp":
        brands = heif.brands(data)
        if brands & {b"crx "}:
            return RAW
        return FILM if brands & _FILMS else None
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return FILM
    if data[:1] == b"G" and data[188:189] == b"G" and data[376:377] == b"G":  # MPEG-TS
        return FILM
    return DOCUMENT if _SVG.match(data[:4096]) else None


def is_raw(data: bytes) -> bool:
    """Whether a TIFF is a RAW file: what a reader of TIFF finds in it is but its thumbnail."""
    if data[8:10] == b"CR":
        return True
    try:
        layout = tiff.Layout.of(data)
        return _is_raw_page(data, layout, layout.first(data), deep=True)
    except (struct.error, ImageTooLarge):
        return False


def _is_raw_page(data: bytes, layout: tiff.Layout, at: int, *, deep: bool) -> bool:
    start, count = layout.fields(data, at)
    for field in layout.table(data, start, min(count, 1000)):
        if field.tag == _DNG:
            return True
        if (
            field.tag == _MEANT
            and field.count == 1
            and field.numbers(data, layout)[0] in _OF_A_SENSOR
        ):
            return True
        if field.tag == _SUB_PAGES and deep and 0 < field.count <= _MOST_SUB_PAGES:
            pages = field.numbers(data, layout)
            if any(_is_raw_page(data, layout, page, deep=False) for page in pages):
                return True
    return False
