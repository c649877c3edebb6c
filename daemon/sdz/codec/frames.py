"""How many pictures a file holds, and which of them is kept."""

from __future__ import annotations

from PIL import Image

from sdz.codec.headers import Header
from sdz.codec.headers.jpeg import GAIN_MAP
from sdz.errors import SeveralFrames

_ANIMATED = ("AVIF", "GIF", "JXL", "PNG", "WEBP")
# What the decoder finds counts. But Pillow takes seconds to go through the pages of a TIFF, tells
# a JPEG's thumbnails and gain map from pictures as little as libheif does, and the others do not
# look further than the first.
_PROMISED = ("GIF", "PNG", "WEBP")  # what their headers say is no more than that
_COUNTED = ("AVIF", "GIF", "HEIF", "PNG", "WEBP")


def refuse_several(header: Header, only: str) -> None:
    """Raise SeveralFrames, before anything is decoded, where the header is enough to tell."""
    if only != "any" and header.pictures > 1 and header.kind not in _PROMISED:
        raise SeveralFrames


def keep_first(image: Image.Image, header: Header, *, only: str) -> str:
    """Go to the picture that is kept; what is to be said of the others, or nothing.

    Raises SeveralFrames where there are others and ``only`` says that one is wanted.
    """
    found = getattr(image, "n_frames", 1) if header.kind in _COUNTED else 1
    if GAIN_MAP in header.notes:
        found = 1
    frames = max(found, header.pictures)
    if header.kind in _PROMISED:
        frames = found
    if frames == 1:
        return ""
    if only != "any":
        raise SeveralFrames
    if header.kind == "HEIF" or (header.kind == "AVIF" and found == 1):
        return f"the main one of {frames} pictures is kept"  # it was opened at that
    image.seek(0)
    if header.kind == "JXL":
        return "animated: the first frame is kept"
    kind = "animated: " if header.kind in _ANIMATED else ""
    return f"{kind}the first of {frames} frames is kept"
