"""What is known of an image that a program opened with Pillow, and not we."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageFile

from sdz.codec.headers import Header, Space, look
from sdz.codec.headers.cicp import space_of
from sdz.codec.headers.png import by_gamma
from sdz.errors import ImageError

SPACE_KEYS = ("icc_profile", "gamma", "chromaticity", "srgb", "nclx_profile")
"""The names under which Pillow keeps how colours are meant."""

_HEAD = 1 << 20  # bytes in which all that is asked for stands


def header_of(image: Image.Image) -> Header:
    """The header of an image's file, as far as that is still there, or what Pillow kept of it.

    What Pillow does not keep is PNG's cICP and the colour box of AVIF: they are known of images
    that were opened by a name and are unchanged.
    """
    frames = getattr(image, "n_frames", 1)
    found = _of_file(image)
    if found is None:
        turn = 1 if image.format in ("HEIF", "JXL") else None  # their decoders have turned them
        found = Header(image.format or "", turn=turn)
        found = replace(found, space=None if "icc_profile" in image.info else _space(image))
    return made_upright(replace(found, pictures=frames), image)


def made_upright(header: Header, image: Image.Image) -> Header:
    """``header`` without the turn that a decoder makes: JPEG XL's, unless it gave back the JPEG
    that the file was made of."""
    if header.turn is None or getattr(image, "jpeg", False):
        return header
    return replace(header, turn=1)


def _of_file(image: Image.Image) -> Header | None:
    name = getattr(image, "filename", "")
    if not isinstance(image, ImageFile.ImageFile) or not name:
        return None
    try:
        with Path(name).open("rb") as file:
            header = look(file.read(_HEAD))
    except (OSError, ValueError, TypeError, ImageError):
        return None
    same = header is not None and (header.kind, header.size) == (image.format, image.size)
    return header if same else None


def _space(image: Image.Image) -> Space | None:
    info = image.info
    coded = info.get("nclx_profile")
    if isinstance(coded, dict):
        return space_of(coded["color_primaries"], coded["transfer_characteristics"])
    if "srgb" in info:
        return None
    gamma, points = info.get("gamma") or 0, info.get("chromaticity") or ()
    if not isinstance(gamma, int | float) or not isinstance(points, tuple):
        return None
    return by_gamma(round(gamma * 100_000), points if len(points) == 8 else ())
