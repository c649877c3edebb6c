"""Looking at pictures before any work is done, and the work that needs no engine.

What is too large or no picture is refused by its header here, in this process, before a byte of
it is decompressed and before the engine is woken; no decoder sees it in this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from sdz import container
from sdz.codec.headers.allowed import require_picture
from sdz.container import HEADER_PREFIX_BYTES, Header, SdzFile
from sdz.errors import LimitExceeded

Result = TypeVar("Result")

QUICK_BYTES: Final = 1 << 18
"""Up to here, going through a file takes less time than a thread costs."""


def read_header(data: bytes, pixels: int) -> Header:
    """The header of a ``.sdz`` file of at most that many pixels. Raises FormatError."""
    header = container.read_header(data[:HEADER_PREFIX_BYTES])
    if header.width * header.height > pixels:
        raise LimitExceeded("the number of pixels", pixels, header.width * header.height)
    return header


async def unpack(data: bytes) -> SdzFile:
    """All of a ``.sdz`` file, checked by its CRCs. Raises FormatError."""
    return await in_thread(container.unpack, data, quick=len(data) <= QUICK_BYTES)


async def check_image(data: bytes, pixels: int) -> None:
    """Raise UnreadableImage or ImageTooLarge by an image file's header alone."""
    await in_thread(require_picture, data, pixels)


async def in_thread(
    work: Callable[..., Result], data: bytes, *more: object, quick: bool = False
) -> Result:
    """``work(data, *more)``, in a thread unless it is quick."""
    return work(data, *more) if quick else await asyncio.to_thread(work, data, *more)
