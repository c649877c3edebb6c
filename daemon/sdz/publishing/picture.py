"""A picture file to all that is offered of it: ``.sdz`` and fallbacks at all widths."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from PIL import Image, PngImagePlugin

from sdz.codec.fidelity import Reference
from sdz.codec.pixels import Picture, open_picture
from sdz.making.maker import BlockingMaker, Made
from sdz.progress import part
from sdz.publishing.fallback import as_image, fallback_of
from sdz.publishing.recipe import Recipe
from sdz.wish import Wish

_FIRST_GUESS: Final = {"avif": 40, "jpeg": 35, "webp": 35}
"""For preset standard; the next width begins with what the last one found."""

_SHARES: Final = (0.4, 0.9)
"""Of the time of a width, when the .sdz is there, and when the AVIF is."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A file to offer. kind: one of ``names.SUFFIXES``. quality: of the fallback's format."""

    kind: str
    width: int
    height: int
    score: float
    quality: int | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Published:
    """All that is offered of a picture: narrowest first, each with its .sdz first."""

    width: int
    height: int
    variants: tuple[Variant, ...]
    notes: tuple[str, ...]


def publish_picture(data: bytes, recipe: Recipe, maker: BlockingMaker) -> Published:
    """Make all that the recipe asks for. Raises ImageError, EncodeError, ModelError."""
    wish = recipe.wish
    with part("opening", 0, 0.02):
        picture = open_picture(
            data,
            keep_metadata=wish.keep_metadata,
            keep_location=wish.keep_location,
            only=wish.only,
        )
    variants = tuple(_variants(picture, recipe, maker))
    widest = variants[-1]
    return Published(widest.width, widest.height, variants, picture.notes)


def _variants(picture: Picture, recipe: Recipe, maker: BlockingMaker) -> Iterator[Variant]:
    # The sizes were settled by opening it; what is made of them is a picture of its own.
    wish = replace(recipe.wish, allow_larger=True, only="any")
    widths = recipe.widths_of(picture.width)
    guesses = dict(_FIRST_GUESS)
    whole, done = sum(width**2 for width in widths), 0
    for width in widths:
        low, done = done / whole, done + width**2
        with part(f"{width} wide", 0.02 + 0.98 * low, 0.02 + 0.98 * done / whole):
            yield from _of_width(resized(picture, width), wish, maker, guesses)


def _of_width(
    picture: Picture, wish: Wish, maker: BlockingMaker, guesses: dict[str, int]
) -> Iterator[Variant]:
    width, height = picture.width, picture.height
    with part(f"{width} wide", 0, _SHARES[0]):
        made = maker.make(as_png(picture), wish)
    reference = Reference(picture.rgb, picture.alpha)
    score = _score_of(made)
    yield Variant("sdz", width, height, score, None, made.data)
    kinds = ("avif", "jpeg" if picture.alpha is None else "webp")
    for kind, low, high in zip(kinds, _SHARES, (*_SHARES[1:], 1.0), strict=True):
        with part(f"{width} wide, {kind.upper()}", low, high):
            found = fallback_of(picture, reference, kind, score, guesses[kind])
        guesses[kind] = found.quality
        yield Variant(kind, width, height, round(found.score, 2), found.quality, found.data)


def _score_of(made: Made) -> float:
    if made.report is None:
        raise ValueError("what makers make is measured")
    return made.report.score


def resized(picture: Picture, width: int) -> Picture:
    """The picture at that width, with what else it has; itself where it is no wider."""
    if width >= picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    values = np.asarray(as_image(picture).resize((width, height), Image.Resampling.LANCZOS))
    alpha = None if picture.alpha is None else np.ascontiguousarray(values[..., 3])
    return replace(picture, rgb=np.ascontiguousarray(values[..., :3]), alpha=alpha)


def as_png(picture: Picture) -> bytes:
    """The picture for a maker, which takes files."""
    more = PngImagePlugin.PngInfo()
    if picture.xmp is not None:
        more.add_itxt("XML:com.adobe.xmp", picture.xmp.decode("utf-8", "replace"))
    buffer = io.BytesIO()
    exif = b"" if picture.exif is None else b"Exif\0\0" + picture.exif
    as_image(picture).save(buffer, "PNG", compress_level=1, pnginfo=more, exif=exif)
    return buffer.getvalue()
