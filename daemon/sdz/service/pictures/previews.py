"""The previews of a page's pictures in one request: a list of files in, previews out as drawn.

    request   for each file: 4 length | file
    answer    for each file, in any order: 4 its place in the request, from 0 | 4 length | preview

Numbers are big-endian. A preview of length 0 is none: the file is damaged, or its model has no
previews. Whoever wants to know which asks for that one by itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from sdz.engine.jobs import PreviewJob
from sdz.errors import BadBody
from sdz.service.pictures.inspect import read_header

LIST_TYPE: Final = "application/x-sdz-list"
PREVIEWS_TYPE: Final = "application/x-sdz-previews"
MOST_FILES: Final = 128
CHANNELS: Final = 16
"""Of lite-1's 192. The previews of six pictures of Kodak's are 26.0 dB from what the picture
becomes, reduced; by all channels 26.1, which take four times as long."""
FEW_CHANNELS: Final = 8
FEW_PIXELS: Final = 1 << 20
"""Larger pictures are drawn from fewer: 25.6 dB, and 3 megapixels in 6 ms instead of 9."""

_LENGTH: Final = struct.Struct(">I")
_PART: Final = struct.Struct(">II")


def split(body: bytes) -> list[bytes]:
    """The files of a request. Raises BadBody."""
    return list(_files(body))


def _files(body: bytes) -> Iterator[bytes]:
    at, count = 0, 0
    while at < len(body):
        if count == MOST_FILES:
            raise BadBody(f"it has more than {MOST_FILES} files")
        if at + _LENGTH.size > len(body):
            raise BadBody("it ends within a length")
        (length,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        if at + length > len(body):
            raise BadBody("it ends within a file")
        yield body[at : at + length]
        at, count = at + length, count + 1


def part(number: int, preview: bytes) -> bytes:
    """One preview, as it is sent."""
    return _PART.pack(number, len(preview)) + preview


def job_of(data: bytes, pixels: int, max_side: int | None) -> tuple[PreviewJob, bool]:
    """What draws the preview of a file of at most ``pixels`` pixels, and whether that is soon done.

    JPEG, of which nobody sees that it loses something where so much is missing: a tenth of the
    bytes. Raises FormatError.
    """
    header = read_header(data, pixels)
    kind = "png" if header.alpha else "jpeg"
    size = header.width * header.height
    channels = CHANNELS if size <= FEW_PIXELS else FEW_CHANNELS
    job = PreviewJob(data, kind, max_side, stored=True, channels=channels, alpha=header.alpha)
    return job, size <= SOON_PIXELS


SOON_PIXELS: Final = 1 << 24
"""Who asks for a small one never waits for more than one that is larger."""
