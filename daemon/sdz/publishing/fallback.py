"""An AVIF, JPEG or WebP that looks like a ``.sdz``: the smallest that scores as much.

Quality is searched by SSIMULACRA2, so that visitors who get one or the other see as good a picture,
and their bytes can be compared.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np
from PIL import Image

from sdz.codec.fidelity import Reference
from sdz.codec.pixels import Picture
from sdz.stopping import leaving

NEAR: Final = 0.5
"""How much better than asked for is near enough. A step of quality is up to three points where
files are small: 40 photographs came out a point above, in the mean."""

LEAST, MOST = 1, 100
"""Qualities."""

_FIRST_STEP: Final = 8


@dataclass(frozen=True, slots=True)
class _Way:
    """How a file is made but for its quality, and the highest quality that is worth trying so."""

    options: dict[str, Any]
    most: int = MOST


_WAYS: Final = {
    # Speed 4 takes five times as long for 1 %. Colours at full size: within 2 % for photographs,
    # and drawings cannot be held otherwise (a score of 80 took quality 99, halved 100 gave 17).
    "avif": (_Way({"speed": 6, "subsampling": "4:4:4"}),),
    # Colours at half size save photographs 4 to 24 %; beyond 85 they hold scores down.
    "jpeg": (
        _Way({"progressive": True, "optimize": True, "subsampling": "4:2:0"}, 85),
        _Way({"progressive": True, "optimize": True, "subsampling": "4:4:4"}),
    ),
    "webp": (_Way({"method": 4}),),
}
"""Of each kind, the one that is tried first first."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """A picture file, the quality it was made with, and what it scores."""

    data: bytes = field(repr=False)
    quality: int
    score: float


def fallback_of(
    picture: Picture, reference: Reference, kind: str, score: float, guess: int
) -> Fallback:
    """The smallest file of ``kind`` that scores ``score``, or ``NEAR`` above it; the best there
    is where none does. guess: the quality to begin with."""
    image = as_image(picture)

    def attempt(way: _Way, quality: int) -> Fallback:
        data = _saved(image, kind, {**way.options, "quality": quality}, picture)
        with Image.open(io.BytesIO(data)) as decoded:
            values = np.asarray(decoded.convert(image.mode))
        alpha = values[..., 3] if picture.alpha is not None else None
        found = reference.measure(np.ascontiguousarray(values[..., :3]), alpha)
        return Fallback(data, quality, found.score)

    first, *others = _WAYS[kind]
    found = searched(partial(attempt, first), score, guess, first.most)
    for way in others:
        if found.score < score:
            found = searched(partial(attempt, way), score, guess, way.most)
    return found


def searched(
    attempt: Callable[[int], Fallback], score: float, guess: int, most: int = MOST
) -> Fallback:
    """The attempt of the lowest quality that scores ``score``, or near enough above it; that of
    the highest where none does."""
    below: Fallback | None = None  # the best that is not good enough
    above: Fallback | None = None  # the least that is
    quality, step = min(max(guess, LEAST), most), _FIRST_STEP
    while True:
        made = attempt(quality)
        if made.score < score:
            below = made
        else:
            above = made
        low = below.quality if below else LEAST - 1
        high = above.quality if above else most + 1
        if high - low <= 1 or (above is not None and above.score - score <= NEAR):
            return above or made
        if below and above:
            share = (score + NEAR / 2 - below.score) / (above.score - below.score)
            wanted = round(low + share * (high - low))
        else:
            wanted = low + step if below else high - step
            step *= 2
        quality = min(max(wanted, low + 1), high - 1)


def as_image(picture: Picture) -> Image.Image:
    """Its pixels as an image of Pillow's, RGB or RGBA."""
    image = Image.fromarray(picture.rgb)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    return image


def _saved(image: Image.Image, kind: str, options: dict[str, Any], picture: Picture) -> bytes:
    """The file, with the metadata of ``picture``."""
    if picture.exif is not None:
        options["exif"] = b"Exif\0\0" + picture.exif
    if picture.xmp is not None:
        options["xmp"] = picture.xmp
    buffer = io.BytesIO()
    leaving(lambda: image.save(buffer, kind.upper(), **options))
    return buffer.getvalue()
