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

OTHER_KINDS: Final = {
    "RAW file": (
        *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef"),
        *(".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".srw", ".x3f"),
    ),
    "film": (
        *(".3gp", ".avi", ".flv", ".insv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg"),
        *(".mpg", ".mts", ".webm", ".wmv"),
    ),
    "document": (
        *(".ai", ".doc", ".docx", ".eps", ".odt", ".pdf", ".ppt", ".pptx", ".psb", ".psd"),
        *(".svg", ".xcf", ".xls", ".xlsx"),
    ),
    "archive": (".7z", ".bz2", ".gz", ".iso", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"),
}
"""What lies beside pictures and is left alone, by kinds that people ask about: what cameras make
and this package does not read, and what a picture may be inside of."""

OTHER_SUFFIXES: Final = {suffix: kind for kind, all_ in OTHER_KINDS.items() for suffix in all_}
ANY_OTHER: Final = "other file"

KNOWN_SUFFIXES: Final = (
    PICTURE_SUFFIXES | OUTPUT_SUFFIXES.keys() | OTHER_SUFFIXES.keys() | {SDZ_SUFFIX}
)
"""What counts as an ending at all; see ``names``."""
