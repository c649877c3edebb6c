"""Any of Pillow's modes to 8-bit sRGB, with the alpha apart.

What is lost or assumed on the way is said in ``notes``.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_PROFILE_SPACE = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab"}  # of ICC, by mode


def to_8_bits(image: Image.Image, notes: list[str]) -> Image.Image:
    """Wide integers and floats to 8 bits by their nominal range, rounded and not cut."""
    if image.mode.startswith("I;16"):
        notes.append("reduced to 8 bits a channel")
        wide = np.asarray(image)
        table = np.rint(np.arange(65536) / 257).astype(np.uint8)
        grey = Image.fromarray(table[wide])
        clear = image.info.get("transparency")
        if not isinstance(clear, int):
            return grey
        return Image.merge(
            "LA", (grey, Image.fromarray(np.where(wide == clear, 0, 255).astype("u1")))
        )
    if image.mode in ("I", "F"):
        notes.append("reduced to 8 bits a channel")
        values = np.asarray(image, np.float32)
        white = _white(values, (65535, 2**31 - 1) if image.mode == "I" else (1, 255, 65535))
        values = np.nan_to_num(values, posinf=white, neginf=0) * np.float32(255 / white)
        return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    return image


def _white(values: NDArray[np.float32], usual: tuple[int, ...]) -> float:
    """Which of the ``usual`` values, rising, is white here: the first that little goes beyond.

    Twice a nominal white is a highlight that is cut; much more is another scale.
    """
    peak = float(np.max(values, initial=0, where=np.isfinite(values)))
    return next((float(white) for white in usual if peak <= 2 * white), peak)


def split_alpha(image: Image.Image) -> tuple[Image.Image, NDArray[np.uint8] | None]:
    """The colours without alpha, and the alpha or None."""
    keyed = "transparency" in image.info and image.mode in ("1", "L", "P", "RGB")
    if not keyed and not image.mode.endswith(("A", "a")):
        return image, None
    if image.mode == "RGB" and not _is_colour(image.info["transparency"]):
        return image, None
    grey = image.mode in ("1", "L", "LA", "La")
    image = image.convert("LA" if grey else "RGBA")
    return image.convert("L" if grey else "RGB"), np.asarray(image.getchannel("A"))


def _is_colour(key: Any) -> bool:
    """Whether a picture's transparent colour is of 8 bits; of 16, Pillow has thrown half away."""
    return isinstance(key, tuple) and len(key) == 3 and max(key) <= 255


def to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    """Colours of any mode, without alpha, as RGB; by the ICC profile where it can be used."""
    if image.mode not in _PROFILE_SPACE:  # 1, P, YCbCr, HSV ...
        image = image.convert("RGB")
    if profile:
        converted = _by_profile(image, profile, notes)
        if converted is not None:
            return converted
        notes.append("its ICC profile is damaged or does not fit, and was ignored")
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB") or image
    return image if image.mode == "RGB" else image.convert("RGB")


def _by_profile(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image | None:
    """``image`` brought to sRGB by an ICC profile; None where that cannot be done."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if image.mode == "L" and space == "RGB":  # greys saved with the profile of their screen
            image = image.convert("RGB")
        if _PROFILE_SPACE[image.mode] != space:
            return None
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    try:
        description = source.profile.profile_description or ""
    except ValueError:  # letters that are none
        description = ""
    name = "".join(letter for letter in description if letter.isprintable()).strip()[:60]
    if "sRGB" not in name:
        notes.append(f"colours converted from {name or 'its ICC profile'} to sRGB")
    return converted
