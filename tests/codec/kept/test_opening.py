"""A region is opened if it is just what the file says of it; all else is refused by its box."""

from __future__ import annotations

import struct
from typing import Any

import drawn
import numpy as np
import pytest
from PIL import Image

from sdz.codec.kept.opening import open_kept, open_region
from sdz.container import Box, Kept, Region
from sdz.errors import BadField, FormatError

PIXELS = drawn.scene(24, 40)
BOX = Box(5, 6, 40, 24)
AVIF = drawn.as_file(PIXELS, "AVIF", quality=90, subsampling="4:4:4")
WEBP = drawn.as_file(PIXELS, "WEBP", lossless=True)


def region(data: bytes, kind: int = 1, box: Box = BOX) -> Region:
    return Region(box, kind, data)


def test_lossless_webp_is_opened_as_it_was() -> None:
    assert np.array_equal(open_region(region(WEBP, 2)), PIXELS)


def test_avif_is_opened() -> None:
    found = open_region(region(AVIF))
    assert found.shape == PIXELS.shape
    assert np.abs(found.astype(int) - PIXELS).mean() < 4


def test_all_are_opened_in_their_order() -> None:
    opened = open_kept(Kept(3, (region(WEBP, 2), region(AVIF))))
    assert [box for box, _ in opened.regions] == [BOX, BOX]
    rgb = drawn.scene(60, 80)
    opened.over(rgb)
    assert np.array_equal(rgb[16:24, 15:35], opened.regions[1][1][10:18, 10:30])


def other(kind: str, **options: Any) -> bytes:
    return drawn.as_file(PIXELS, kind, **options)


WITH_ALPHA = Image.fromarray(np.dstack([PIXELS, drawn.soft_alpha(24, 40)]))
FRAMES = {"save_all": True, "append_images": [Image.fromarray(PIXELS[::-1])]}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (WEBP, 1),
        (AVIF, 2),
        (other("PNG"), 1),
        (other("JPEG"), 2),
        (b"not a picture", 1),
        (drawn.as_file(PIXELS[:, :39], "AVIF"), 1),
        (drawn.as_file(PIXELS[:23], "WEBP"), 2),
        (drawn.as_file(WITH_ALPHA, "AVIF"), 1),
        (drawn.as_file(WITH_ALPHA, "WEBP", lossless=True), 2),
        (other("WEBP", **FRAMES), 2),
        (other("AVIF", **FRAMES), 1),
        (AVIF[:200], 1),
        (AVIF[:-9], 1),
        (WEBP[: len(WEBP) // 2], 2),
    ],
    ids=range(14),
)
def test_anything_else_is_refused(data: bytes, kind: int) -> None:
    with pytest.raises(BadField, match="a kept region expected a picture"):
        open_region(region(data, kind))


@pytest.mark.parametrize(("data", "kind"), [(AVIF, 1), (WEBP, 2)])
def test_cut_anywhere_it_is_refused_or_the_same(data: bytes, kind: int) -> None:
    whole = open_region(region(data, kind))
    for length in range(0, len(data), 7):
        try:
            assert np.array_equal(open_region(region(data[:length], kind)), whole)
        except FormatError:
            continue


@pytest.mark.parametrize(("data", "kind"), [(AVIF, 1), (WEBP, 2)])
def test_with_a_flipped_bit_it_is_a_picture_or_refused(data: bytes, kind: int) -> None:
    """A chunk's CRC finds them first; whoever makes that right, too, harms nobody."""
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 1 << position % 8
        try:
            assert open_region(region(bytes(damaged), kind)).shape == PIXELS.shape
        except FormatError:
            continue


def test_a_header_that_lies_about_its_size_is_refused_before_it_is_decoded() -> None:
    """The box says 40 x 24, the file 60,000 x 60,000: 10 GB, if a decoder believed it."""
    place = AVIF.index(b"ispe") + 8
    large = AVIF[:place] + struct.pack(">II", 60000, 60000) + AVIF[place + 8 :]
    with pytest.raises(BadField, match="found 60000x60000"):
        open_region(region(large))


def test_a_frame_larger_than_its_header_says_is_refused_before_it_is_decoded() -> None:
    """Its boxes say 40 x 24 as the file does, the picture in them is larger: a decoder would make
    all of it and scale it down, 245 MB for 1.1 kB of 8,192 x 8,192."""
    hidden = drawn.as_file(drawn.smooth(300, 200), "AVIF", quality=10, subsampling="4:4:4")
    place = hidden.index(b"ispe") + 8
    lying = hidden[:place] + struct.pack(">II", 40, 24) + hidden[place + 8 :]
    with pytest.raises(BadField, match="found frames of 200x300"):
        open_region(region(lying))


def test_a_region_whose_frame_cannot_be_told_is_refused() -> None:
    """Items in pieces, or without a sequence header: nobody writes them."""
    place = AVIF.index(b"iloc")
    lost = AVIF[: place - 4] + AVIF[place - 4 :].replace(b"iloc", b"free", 1)
    with pytest.raises(BadField, match="found frames of no size"):
        open_region(region(lost))
