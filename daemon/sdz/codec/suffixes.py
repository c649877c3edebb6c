"""By which names picture files are found in folders. What they are is told by their contents."""

from __future__ import annotations

from typing import Final

# For the formats of ``pixels.FORMATS``, in lower case. Pillow's own list takes 200 ms to load.
PICTURE_SUFFIXES: Final = frozenset(
    {
        *(".apng", ".avif", ".avifs", ".bmp", ".dds", ".dib", ".gif", ".heic", ".heif"),
        *(".hif", ".icns", ".ico", ".jfif"),
        *(".j2c", ".j2k", ".jp2", ".jpc", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".jxl"),
        *(".mpo", ".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".rgb", ".rgba"),
        *(".bw", ".sgi", ".tga", ".tif", ".tiff", ".webp"),
    }
)
