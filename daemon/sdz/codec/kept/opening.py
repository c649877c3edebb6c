"""A kept region's bytes to its pixels: held by its header to the size that the file says."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image, WebPImagePlugin

from sdz.codec.headers import Frame, look
from sdz.codec.kept.placing import place
from sdz.container import REGION_KINDS, Box, Kept, Region
from sdz.errors import BadField, ImageTooLarge

Pixels = NDArray[np.uint8]

_READERS = {"AVIF": AvifImagePlugin, "WEBP": WebPImagePlugin}
"""Named, so that Pillow knows them without loading all that it has."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """Kept regions with their pixels [height, width, 3], in the order in which they are placed."""

    soft: int
    regions: tuple[tuple[Box, Pixels], ...]

    def over(self, rgb: Pixels) -> None:
        """Place them over ``rgb`` [H, W, 3], in place."""
        place(rgb, self.regions, self.soft)


def open_kept(kept: Kept) -> Opened:
    """Decode all regions. Raises BadField for one that is not what the file says it is."""
    return Opened(kept.soft, tuple((region.box, open_region(region)) for region in kept.regions))


def open_region(region: Region) -> Pixels:
    """The pixels [height, width, 3] uint8 of a region.

    Its header is looked at before a decoder sees it, that of the frame in it, too, so that memory
    is taken for what the box says and no more; one decoder alone is asked. Raises BadField.
    """
    kind = REGION_KINDS[region.kind]
    size = (region.box.width, region.box.height)
    expected = f"a picture, {kind}, {size[0]}x{size[1]}"
    try:
        header = look(region.data)
    except ImageTooLarge:
        header = None
    if header is None or header.kind != kind:
        raise _unlike(expected, "another format" if header else "none")
    if header.size != size or header.pictures > 1:
        raise _unlike(expected, _described(header.size, header.pictures))
    if kind == "AVIF" and [frame.most for frame in header.frames] != [size]:
        raise _unlike(expected, f"frames of {_sizes(header.frames)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pixels = _decoded(region.data, kind)
    except MemoryError:
        raise
    except Exception as error:  # whatever a decoder lets through for a damaged file
        raise _unlike(expected, f"damage ({error})") from None
    if pixels.shape != (size[1], size[0], 3):
        raise _unlike(expected, f"an array of {pixels.shape}")
    return pixels


def _decoded(data: bytes, kind: str) -> Pixels:
    with Image.open(io.BytesIO(data), formats=(kind,)) as image:
        return np.asarray(image)


def _unlike(expected: str, found: str) -> BadField:
    return BadField("a kept region", expected, found)


def _sizes(frames: Iterable[Frame]) -> str:
    return ", ".join("{}x{}".format(*frame.most) for frame in frames) or "no size"


def _described(size: tuple[int, int] | None, pictures: int) -> str:
    if size is None:
        return "no size"
    return f"{pictures} of {size[0]}x{size[1]}" if pictures > 1 else f"{size[0]}x{size[1]}"
