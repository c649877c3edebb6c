"""The names of kinds of pictures: media types, and how their files are called."""

from __future__ import annotations

from typing import Final

SDZ_SUFFIX: Final = ".sdz"
SDZ_TYPE: Final = "application/x-sdz"
"""Over HTTP, where nothing should take a file for a picture that it can show."""
SDZ_IMAGE_TYPE: Final = "image/x-sdz"
"""On desktops and in Pillow, where it is one picture among others."""

MEDIA_TYPES: Final = {
    "png": "image/png",
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "avif": "image/avif",
}
"""Formats a picture is decoded to, best liked first: PNG loses nothing and is soon written."""

OUTPUT_SUFFIXES: Final = {
    ".png": "png",
    ".webp": "webp",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".avif": "avif",
}
"""The format that the name of an output asks for."""

# For the formats of codec.headers, in lower case. Pillow's own list takes 200 ms to load.
PICTURE_SUFFIXES: Final = frozenset(
    {
        *(".apng", ".avif", ".avifs", ".bmp", ".dds", ".dib", ".gif", ".heic", ".heif"),
        *(".hif", ".icns", ".ico", ".jfif"),
        *(".j2c", ".j2k", ".jp2", ".jpc", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".jxl"),
        *(".mpo", ".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".rgb", ".rgba"),
        *(".bw", ".sgi", ".tga", ".tif", ".tiff", ".webp"),
    }
)
"""By which names picture files are found in folders. What they are is told by their contents."""

KNOWN_SUFFIXES: Final = PICTURE_SUFFIXES | OUTPUT_SUFFIXES.keys() | {SDZ_SUFFIX}
"""What counts as an ending at all; see ``names``."""
