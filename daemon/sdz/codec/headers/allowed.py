"""Which pictures are let in, by their headers alone: what every way to a picture asks first."""

from __future__ import annotations

from sdz.codec.headers import Header, look, others
from sdz.container import SIGNATURE
from sdz.container.header import MAX_SIDE
from sdz.errors import ImageTooLarge, UnreadableImage

ALREADY = "it is a .sdz file already; what it is like says: sdz info"
UNKNOWN = "no known picture format, or damaged at its start"


def require_picture(data: bytes, max_pixels: int) -> Header:
    """What a file's header says, of a format that is read and of no more than ``max_pixels``.

    Decodes nothing. Raises UnreadableImage, ImageTooLarge.
    """
    if not data:
        raise UnreadableImage("the file is empty")
    if data.startswith(SIGNATURE):
        raise UnreadableImage(ALREADY)
    header = look(data)
    if header is None:
        what = others.named(data)
        raise UnreadableImage(f"it is {what}" if what else UNKNOWN)
    if header.kind == "TIFF" and others.is_raw(data):
        raise UnreadableImage(f"it is {others.RAW}")
    if header.size is not None:
        require_size(*header.size, max_pixels)
    for frame in header.frames:
        require_size(*frame.size, max_pixels)
    return header


def require_size(width: int, height: int, max_pixels: int) -> None:
    """Raise ImageTooLarge for a picture that is."""
    if width * height > max_pixels:
        raise ImageTooLarge("the number of pixels", max_pixels, width * height)
    if max(width, height) > MAX_SIDE:
        raise ImageTooLarge("a side", MAX_SIDE, max(width, height))
