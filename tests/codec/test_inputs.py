"""Whatever way a file says its colours, its turn and its pictures: every way in gives the same."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import drawn
import inputs
import numpy as np
import pytest
from fake_autoencoder import FakeAutoencoder
from inputs import Input
from PIL import Image

from sdz.codec.frames import keep_first
from sdz.codec.headers import look
from sdz.codec.headers.seen import MOST_PARTS
from sdz.codec.known import header_of
from sdz.codec.pixels import Picture, from_image, open_picture
from sdz.engine.encoding import encode
from sdz.engine.jobs import EncodeJob
from sdz.errors import ImageTooLarge, NotHeldWhole, SdzError, SeveralFrames, UnreadableImage
from sdz.service.dashboard.compare_worker import Original
from sdz.service.pictures.inspect import check_image
from sdz.watch.looking.whole import missing
from sdz.wish import Wish

LIMIT = 1 << 20
each_input = pytest.mark.parametrize("each", inputs.ALL, ids=lambda each: each.about)


def patches(rgb: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The middles of so many patches."""
    h, w = rgb.shape[:2]
    down = [(2 * row + 1) * h // (2 * rows) for row in range(rows)]
    across = [(2 * column + 1) * w // (2 * columns) for column in range(columns)]
    return rgb[np.ix_(down, across)].astype(int)


def assert_right(picture: Picture, each: Input) -> None:
    wanted = each.wanted.astype(int)
    rows, columns = wanted.shape[:2]
    if "HDR" in each.about:  # white and what is brighter stand below
        rows += 1
    else:
        side = (picture.height > picture.width) - (picture.height < picture.width)
        assert "ICO" in each.about or side == (rows > columns) - (rows < columns)
    found = patches(picture.rgb, rows, columns)[: wanted.shape[0]]
    assert np.abs(found - wanted).max() <= each.levels, found.tolist()


@each_input
def test_its_colours_and_its_turn_are_right(each: Input) -> None:
    picture = open_picture(each.data)
    assert_right(picture, each)
    assert each.note in "; ".join(picture.notes)


@each_input
async def test_every_way_in_sees_the_same(each: Input, tmp_path: Path) -> None:
    picture = open_picture(each.data)
    await check_image(each.data, LIMIT)  # the daemon, before it wakes an engine
    _, _, meta = encode(EncodeJob(each.data, Wish(allow_larger=True)), FakeAutoencoder(), LIMIT)
    assert tuple(meta["notes"]) == picture.notes
    assert np.array_equal(Original(each.data, LIMIT).picture.rgb, picture.rgb)
    path = tmp_path / "picture"
    path.write_bytes(each.data)
    for source in (path, io.BytesIO(each.data)) if each.pillow else (path,):
        with Image.open(source) as image:
            opened = from_image(image)
            levels = 6 if "16 bits" in each.about or "10 bits" in each.about else 1
            if "HDR" not in each.about:
                assert np.abs(opened.rgb.astype(int) - picture.rgb).max() <= levels


@each_input
def test_what_it_holds_beyond_one_picture_is_refused_where_that_is_asked(each: Input) -> None:
    for only, errors in (("single", SeveralFrames), ("whole", (SeveralFrames, NotHeldWhole))):
        if each.refused and (only == "whole" or each.refused == "single"):
            with pytest.raises(errors):
                open_picture(each.data, only=only)
        else:
            open_picture(each.data, only=only)


@each_input
def test_half_of_it_is_not_there_yet_or_refused(each: Input) -> None:
    """Watching waits for the rest, and nobody makes anything of it."""
    half = each.data[: len(each.data) // 2]
    assert missing(half) or each.about.startswith(("JPEG XL", "ICO"))  # known by no lengths
    with pytest.raises(SdzError):
        open_picture(half, only="whole")


def test_light_beyond_white_is_bent_and_never_falls() -> None:
    steps = np.linspace(0, 5, 64)[None, :, None].repeat(3, 2)
    data = inputs.png(inputs.pq(inputs.by(inputs.BT2020, steps)), inputs.cicp(9, 16), depth=16)
    values = patches(open_picture(data).rgb, 1, 64)[0, :, 1]
    assert (np.diff(values) >= 0).all()
    assert values[-1] == 255
    below = steps[0, :, 1] < 0.74
    assert np.abs(values - inputs.srgb(steps[0, :, 1]) * 255)[below].max() <= 1


def test_an_animated_jpeg_xl_is_told_by_its_header() -> None:
    data = inputs.jxl_that_says(inputs.jxl(inputs.PAIR), animated=True)
    header = look(data)
    assert header is not None
    assert header.pictures == 2
    with pytest.raises(SeveralFrames):
        open_picture(data, only="single")
    image = Image.fromarray(inputs.PAIR)
    assert keep_first(image, header, only="any") == "animated: the first frame is kept"


def test_a_gain_map_is_no_picture_of_its_own_but_is_missed() -> None:
    data = drawn.as_file(
        Image.fromarray(inputs.PAIR),
        "MPO",
        save_all=True,
        append_images=[Image.fromarray(inputs.OTHER)],
        xmp=b"<x xmlns:hdrgm='' hdrgm:Version='1'/>",
    )
    picture = open_picture(data, only="single")
    assert picture.notes == ("left out: its gain map, which makes it HDR",)
    with pytest.raises(NotHeldWhole, match="gain map"):
        open_picture(data, only="whole")


def test_too_many_parts_are_refused_before_any_decoder_sees_them() -> None:
    png = inputs.png(inputs.srgb(inputs.SCENE), *[(b"teSt", b"")] * (MOST_PARTS + 1))
    with pytest.raises(ImageTooLarge, match="chunks"):
        open_picture(png)


def test_code_points_that_cannot_be_read_are_said() -> None:
    picture = open_picture(inputs.png(inputs.srgb(inputs.SCENE), inputs.cicp(1, 17)))
    assert picture.notes == (
        "its colours are those of the code points 1 and 17 of H.273, and were taken for sRGB",
    )


def test_pillow_images_keep_what_they_know_when_they_are_changed() -> None:
    data = inputs.png(inputs.SCENE, inputs.gama(100_000))
    with Image.open(io.BytesIO(data)) as image:
        half = image.resize((32, 32), Image.Resampling.NEAREST)
    assert header_of(half).space is not None
    assert np.abs(patches(from_image(half).rgb, 2, 2) - inputs.PATCHES).max() <= 3


def test_what_is_no_picture_is_told_without_a_decoder() -> None:
    for data in (b"", b"hello, this is text\n" * 9, b"SDZ1" + bytes(60)):
        with pytest.raises(UnreadableImage):
            open_picture(data)


def test_the_page_has_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "pictures.md"
    assert inputs.table() in page.read_text()


def test_headers_of_many_small_parts_cost_no_more_than_their_limit() -> None:
    """Files that are all properties, items, segments or pages."""

    def box(kind: bytes, body: bytes) -> bytes:
        return (8 + len(body)).to_bytes(4, "big") + kind + body

    head = box(b"ftyp", b"avif\0\0\0\0avifmif1")
    one = b"\0\1\xff" + b"\1" * 255
    named = box(b"ipma", bytes(4) + (9999).to_bytes(4, "big") + one * 9999)
    items = box(b"iinf", bytes(6) + box(b"infe", b"\2\0\0\0\0\1\0\0av01") * 20_000)
    for inner, what in ((box(b"iprp", named) * 20, "parts"), (items, "boxes")):
        with pytest.raises(ImageTooLarge, match=what):
            look(head + box(b"meta", bytes(4) + inner))
    with pytest.raises(ImageTooLarge, match="segments"):
        look(b"\xff\xd8\xff\xe0\0\2" * 20_000)
    sides = struct.pack("<HHHIHHHHIHH", 2, 256, 3, 1, 8, 0, 257, 3, 1, 8, 0)
    pages = b"".join(sides + struct.pack("<I", 8 + 30 * (at + 1)) for at in range(20_000))
    with pytest.raises(ImageTooLarge, match="pages"):
        look(b"II*\0" + struct.pack("<I", 8) + pages)
