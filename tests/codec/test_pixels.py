"""Every kind of picture becomes upright 8-bit sRGB, or a named error; nothing is hidden."""

from __future__ import annotations

import io
import random
import tracemalloc
import warnings
import zlib
from pathlib import Path

import drawn
import numpy as np
import pytest
from PIL import Image

from sdz import container
from sdz.codec.headers.allowed import MAX_SIDE
from sdz.codec.pixels import from_image, open_picture
from sdz.errors import ImageTooLarge, SdzError, UnreadableImage

GREY_STEPS = np.arange(256, dtype=np.uint8).reshape(16, 16)
TWO_BY_THREE = np.zeros((2, 3, 3), np.uint8)
TWO_BY_THREE[0, 0] = 255
TURNED = "turned upright as its EXIF says"
REDUCED = "reduced to 8 bits a channel"


def with_orientation(kind: str, value: int, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return drawn.as_file(TWO_BY_THREE, kind, exif=exif, **options)


class TestModes:
    def test_rgb_is_taken_as_it_is(self) -> None:
        rgb = drawn.scene(20, 30)
        data = drawn.as_file(rgb)
        picture = open_picture(data)
        assert np.array_equal(picture.rgb, rgb)
        assert (picture.alpha, picture.exif, picture.xmp, picture.notes) == (None, None, None, ())
        assert (picture.width, picture.height, picture.source_bytes) == (30, 20, len(data))

    def test_a_path_and_a_stream_read_alike(self, tmp_path: Path) -> None:
        data = drawn.as_file(drawn.scene(9, 7))
        (tmp_path / "a.png").write_bytes(data)
        for source in (tmp_path / "a.png", io.BytesIO(data)):
            assert np.array_equal(open_picture(source).rgb, open_picture(data).rgb)

    def test_bilevel(self) -> None:
        black_white = Image.fromarray(GREY_STEPS).point(lambda v: 255 * (v > 99), "1")
        rgb = open_picture(drawn.as_file(black_white)).rgb
        assert np.array_equal(rgb, np.where(GREY_STEPS > 99, 255, 0)[..., None].repeat(3, 2))

    def test_grey(self) -> None:
        picture = open_picture(drawn.as_file(GREY_STEPS))
        assert np.array_equal(picture.rgb, GREY_STEPS[..., None].repeat(3, 2))
        assert picture.alpha is None

    def test_grey_with_alpha(self) -> None:
        alpha = GREY_STEPS[::-1].copy()
        image = Image.merge("LA", (Image.fromarray(GREY_STEPS), Image.fromarray(alpha)))
        picture = open_picture(drawn.as_file(image))
        assert picture.alpha is not None
        assert np.array_equal(picture.alpha, alpha)
        seen = alpha > 0
        assert np.array_equal(picture.rgb[seen], GREY_STEPS[seen][:, None].repeat(3, 1))

    def test_palette(self) -> None:
        rgb = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 8, 7]]], np.uint8)
        image = Image.fromarray(rgb).convert("P", palette=Image.Palette.ADAPTIVE)
        assert np.array_equal(open_picture(drawn.as_file(image)).rgb, rgb)

    def test_palette_with_a_clear_entry(self) -> None:
        image = Image.new("P", (4, 2), 0)
        image.putpalette([255, 0, 0, 0, 255, 0])
        image.paste(1, (2, 0, 4, 2))
        for kind in ("PNG", "GIF"):
            picture = open_picture(drawn.as_file(image, kind, transparency=1))
            assert picture.alpha is not None
            assert picture.alpha.tolist() == [[255, 255, 0, 0]] * 2
            # What is clear has been given the colour beside it.
            assert np.array_equal(picture.rgb, np.full((2, 4, 3), (255, 0, 0)))

    def test_palette_with_alpha_for_every_entry(self) -> None:
        image = Image.new("P", (2, 1), 0)
        image.putpalette([255, 0, 0, 0, 255, 0])
        image.putpixel((1, 0), 1)
        picture = open_picture(drawn.as_file(image, transparency=bytes((40, 200))))
        assert picture.alpha is not None
        assert picture.alpha.tolist() == [[40, 200]]
        assert picture.rgb.tolist() == [[[255, 0, 0], [0, 255, 0]]]

    def test_rgb_with_one_clear_colour(self) -> None:
        rgb = np.array([[[1, 2, 3], [200, 100, 50]]], np.uint8)
        picture = open_picture(drawn.as_file(rgb, transparency=(200, 100, 50)))
        assert picture.alpha is not None
        assert picture.alpha.tolist() == [[255, 0]]

    @pytest.mark.parametrize("mode", ["1", "L"])
    def test_grey_with_one_clear_value(self, mode: str) -> None:
        image = Image.fromarray(np.array([[0, 255]], np.uint8)).convert(mode)
        picture = open_picture(drawn.as_file(image, transparency=0))
        assert picture.alpha is not None
        assert picture.alpha.tolist() == [[0, 255]]

    def test_rgba(self) -> None:
        rgb, alpha = drawn.scene(16, 16), drawn.soft_alpha(16, 16)
        picture = open_picture(drawn.as_file(np.dstack([rgb, alpha])))
        assert picture.alpha is not None
        assert np.array_equal(picture.alpha, alpha)
        assert np.array_equal(picture.rgb[alpha > 0], rgb[alpha > 0])

    def test_alpha_that_is_opaque_everywhere_is_none(self) -> None:
        rgba = np.dstack([drawn.scene(8, 8), np.full((8, 8), 255, np.uint8)])
        assert open_picture(drawn.as_file(rgba)).alpha is None

    @pytest.mark.parametrize(("mode", "plain"), [("RGBa", "RGBA"), ("La", "LA"), ("PA", "RGBA")])
    def test_other_modes_with_alpha(self, mode: str, plain: str) -> None:
        rgba = Image.fromarray(np.dstack([drawn.scene(8, 8), np.full((8, 8), 90, np.uint8)]))
        image = (
            rgba.convert("P").convert("PA") if mode == "PA" else rgba.convert(plain).convert(mode)
        )
        if mode == "PA":
            image.putalpha(90)
        picture = from_image(image)
        assert picture.alpha is not None
        assert np.all(picture.alpha == 90)

    def test_cmyk_jpeg(self) -> None:
        image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
        picture = open_picture(drawn.as_file(image, "JPEG", quality=95))
        assert np.abs(picture.rgb.astype(int) - (255, 0, 0)).max() <= 4

    @pytest.mark.parametrize("mode", ["YCbCr", "HSV", "RGBX"])
    def test_other_colour_models(self, mode: str) -> None:
        image = Image.new("RGB", (3, 2), (200, 60, 30)).convert(mode)
        assert np.abs(from_image(image).rgb.astype(int) - (200, 60, 30)).max() <= 3

    def test_lab_tiff(self) -> None:
        # L* 78.4 is grey 194 of sRGB; +40 along a* is towards red.
        grey, red = (
            Image.new("LAB", (3, 2), (200, 128, 128)),
            Image.new("LAB", (3, 2), (200, 168, 128)),
        )
        assert np.abs(open_picture(drawn.as_file(grey, "TIFF")).rgb.astype(int) - 194).max() <= 2
        r, g, b = open_picture(drawn.as_file(red, "TIFF")).rgb[0, 0].astype(int)
        assert r - g > 60
        assert r > b

    @pytest.mark.parametrize(
        "kind", ["BMP", "JPEG2000", "TGA", "PPM", "PCX", "ICO", "WEBP", "AVIF"]
    )
    def test_other_files(self, kind: str) -> None:
        rgb = drawn.smooth(32, 32)
        options = {"lossless": True} if kind == "WEBP" else {}
        found = open_picture(drawn.as_file(rgb, kind, **options)).rgb.astype(int)
        assert np.abs(found - rgb).max() <= (40 if kind == "AVIF" else 0)


class TestWideValues:
    @pytest.mark.parametrize("kind", ["PNG", "TIFF"])
    def test_16_bits_are_rounded_not_cut(self, kind: str) -> None:
        wide = np.array([[0, 128, 129, 32767, 32768, 65406, 65407, 65535]], np.uint16)
        picture = open_picture(drawn.as_file(Image.fromarray(wide), kind))
        assert picture.rgb[0, :, 0].tolist() == [0, 0, 1, 127, 128, 254, 255, 255]
        assert picture.notes == (REDUCED,)

    def test_16_bits_with_a_clear_value(self) -> None:
        image = Image.fromarray(np.array([[7, 65535, 40000]], np.uint16))
        picture = open_picture(drawn.as_file(image, transparency=40000))
        assert picture.alpha is not None
        assert picture.alpha.tolist() == [[255, 255, 0]]

    def test_16_bits_of_either_byte_order(self) -> None:
        image = Image.frombytes("I;16B", (2, 1), bytes((0x80, 0x80, 0, 0)))
        assert from_image(image).rgb[0, :, 0].tolist() == [128, 0]

    def test_16_bit_colour_says_that_it_is_reduced(self) -> None:
        row = b"\0" + np.array([0x1234, 0x5678, 0x9ABC], ">u2").tobytes()
        data = drawn.png_header(1, 1, depth=16) + drawn.png_chunk(b"IDAT", zlib.compress(row))
        picture = open_picture(data + drawn.png_chunk(b"IEND", b""))
        assert np.abs(picture.rgb[0, 0].astype(int) - (0x12, 0x56, 0x9A)).max() <= 1
        assert picture.notes == (REDUCED,)

    def test_32_bit_integers_of_16_bits(self) -> None:
        image = Image.fromarray(np.array([[0, 257 * 99, 65535, -5]], np.int32))
        assert from_image(image).rgb[0, :, 0].tolist() == [0, 99, 255, 0]

    def test_32_bit_integers_over_their_whole_range(self) -> None:
        image = Image.fromarray(np.array([[0, 2**30, 2**31 - 1]], np.int32))
        assert from_image(image).rgb[0, :, 0].tolist() == [0, 128, 255]

    @pytest.mark.parametrize("white", [1.0, 255.0, 65535.0])
    def test_floats_by_their_own_white(self, white: float) -> None:
        image = Image.fromarray(np.array([[0, 0.5, 1]], np.float32) * np.float32(white))
        picture = open_picture(drawn.as_file(image, "TIFF"))
        assert picture.rgb[0, :, 0].tolist() == [0, 128, 255]
        assert picture.notes == (REDUCED,)

    def test_a_highlight_over_white_does_not_darken_the_rest(self) -> None:
        image = Image.fromarray(np.array([[0.5, 1.0, 1.2]], np.float32))
        assert from_image(image).rgb[0, :, 0].tolist() == [128, 255, 255]

    def test_floats_that_are_no_numbers(self) -> None:
        image = Image.fromarray(np.array([[np.nan, np.inf, -np.inf, 1]], np.float32))
        assert from_image(image).rgb[0, :, 0].tolist() == [0, 255, 0, 255]
        only = Image.fromarray(np.full((2, 2), np.nan, np.float32))
        assert not from_image(only).rgb.any()


UPRIGHT = {  # what the two by three become by each orientation
    1: [[255, 0, 0], [0, 0, 0]],
    2: [[0, 0, 255], [0, 0, 0]],
    3: [[0, 0, 0], [0, 0, 255]],
    4: [[0, 0, 0], [255, 0, 0]],
    5: [[255, 0], [0, 0], [0, 0]],
    6: [[0, 255], [0, 0], [0, 0]],
    7: [[0, 0], [0, 0], [0, 255]],
    8: [[0, 0], [0, 0], [255, 0]],
}
FRAMES = [Image.new("RGB", (6, 4), colour) for colour in ("red", "green", "blue")]


class TestOrientation:
    @pytest.mark.parametrize("value", UPRIGHT)
    @pytest.mark.parametrize("keep", [False, True])
    def test_all_eight(self, value: int, keep: bool) -> None:
        picture = open_picture(with_orientation("PNG", value), keep_metadata=keep)
        assert picture.rgb[..., 0].tolist() == UPRIGHT[value]
        assert picture.notes == ((TURNED,) if value > 1 else ())

    @pytest.mark.parametrize("kind", ["TIFF", "WEBP"])
    def test_other_files_are_turned_once(self, kind: str) -> None:
        options = {"lossless": True} if kind == "WEBP" else {}
        picture = open_picture(with_orientation(kind, 6, **options), keep_metadata=True)
        assert picture.rgb[..., 0].tolist() == UPRIGHT[6]

    @pytest.mark.parametrize("value", [0, 9, 200])
    def test_a_value_that_means_nothing_changes_nothing(self, value: int) -> None:
        picture = open_picture(with_orientation("PNG", value))
        assert picture.rgb[..., 0].tolist() == UPRIGHT[1]
        assert picture.notes == ()

    def test_the_callers_image_is_left_as_it_was(self) -> None:
        image = Image.open(io.BytesIO(with_orientation("PNG", 6)))
        from_image(image, keep_metadata=True)
        assert image.getexif()[0x0112] == 6
        assert image.size == (3, 2)

    def test_damaged_exif_is_ignored_and_said(self) -> None:
        data = drawn.as_file(TWO_BY_THREE, exif=b"Exif\0\0MM\0\x2bnonsense")
        picture = open_picture(data, keep_metadata=True)
        assert picture.rgb[..., 0].tolist() == UPRIGHT[1]
        assert picture.exif is None
        assert picture.notes in ((), ("its EXIF is damaged, and was ignored",))


class TestProfiles:
    def test_colours_are_converted(self) -> None:
        # The profile says that the first number is how much green there is.
        data = drawn.as_file(
            Image.new("RGB", (4, 4), (250, 10, 10)), icc_profile=drawn.rgb_profile("grb")
        )
        picture = open_picture(data)
        assert np.abs(picture.rgb.astype(int) - (10, 250, 10)).max() <= 9
        assert picture.notes == ("colours converted from drawn to sRGB",)

    def test_srgb_under_its_own_name_is_not_mentioned(self) -> None:
        rgb = drawn.smooth(9, 9)
        data = drawn.as_file(rgb, icc_profile=drawn.rgb_profile(name="sRGB drawn"))
        picture = open_picture(data)
        # A gamma of 2.2 stands for the curve of sRGB, which differs from it in the dark.
        assert np.abs(picture.rgb.astype(int) - rgb).max() <= 8
        assert picture.notes == ()

    def test_a_name_cannot_write_to_the_terminal(self) -> None:
        name = "red\x1b[2J\r\n" + "x" * 200
        data = drawn.as_file(TWO_BY_THREE, icc_profile=drawn.rgb_profile("grb", name))
        (note,) = open_picture(data).notes
        assert note.isprintable()
        assert len(note) < 120

    def test_palette_colours_are_converted_too(self) -> None:
        image = Image.new("RGB", (4, 4), (250, 10, 10)).quantize(4)
        picture = open_picture(drawn.as_file(image, icc_profile=drawn.rgb_profile("grb")))
        assert np.abs(picture.rgb.astype(int) - (10, 250, 10)).max() <= 9

    def test_colours_under_alpha_are_converted_and_alpha_is_not(self) -> None:
        image = Image.new("RGBA", (4, 4), (250, 10, 10, 77))
        picture = open_picture(drawn.as_file(image, icc_profile=drawn.rgb_profile("grb")))
        assert np.abs(picture.rgb.astype(int) - (10, 250, 10)).max() <= 9
        assert picture.alpha is not None
        assert np.all(picture.alpha == 77)

    @pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
    def test_grey_profile(self, mode: str) -> None:
        # Linear light: 100/255 is 168 of sRGB.
        image = Image.fromarray(np.full((4, 4), 100 * 257, np.uint16))
        if mode != "I;16":
            image = Image.new("LA", (4, 4), (100, 9)).convert(mode)
        picture = open_picture(drawn.as_file(image, icc_profile=drawn.grey_profile(1.0)))
        assert np.abs(picture.rgb.astype(int) - 168).max() <= 1

    def test_grey_with_a_screens_profile(self) -> None:
        data = drawn.as_file(Image.new("L", (4, 4), 100), icc_profile=drawn.rgb_profile(gamma=1.0))
        picture = open_picture(data)
        assert np.abs(picture.rgb.astype(int) - 168).max() <= 1
        assert picture.notes == ("colours converted from drawn to sRGB",)

    def test_cmyk_profile(self) -> None:
        inks = np.zeros((1, 3, 4), np.uint8)
        inks[0, 1, 0] = inks[0, 2, 3] = 255  # paper, cyan, black
        data = drawn.as_file(
            Image.fromarray(inks, "CMYK"), "TIFF", icc_profile=drawn.cmyk_profile()
        )
        picture = open_picture(data)
        # L* 100, 80 and 40 of the profile's table; black point compensation does not move greys up.
        assert np.abs(picture.rgb[0, :, 0].astype(int) - (255, 198, 94)).max() <= 3
        assert picture.notes == ("colours converted from press to sRGB",)

    @pytest.mark.parametrize("bad", ["short", "noise", "of another space"])
    def test_a_bad_profile_is_ignored_and_said(self, bad: str) -> None:
        whole = drawn.rgb_profile("grb")
        profile = {
            "short": whole[:200],
            "noise": whole[:128] + bytes(reversed(whole[128:])),
            "of another space": drawn.cmyk_profile(),
        }[bad]
        rgb = drawn.scene(8, 8)
        picture = open_picture(drawn.as_file(rgb, icc_profile=profile))
        assert np.array_equal(picture.rgb, rgb)
        assert picture.notes == ("its ICC profile is damaged or does not fit, and was ignored",)


class TestFrames:
    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_first_frame_of_an_animation(self, kind: str) -> None:
        options = {"lossless": True} if kind == "WEBP" else {}
        data = drawn.as_file(FRAMES[0], kind, save_all=True, append_images=FRAMES[1:], **options)
        picture = open_picture(data)
        assert np.array_equal(picture.rgb, np.full((4, 6, 3), (255, 0, 0)))
        assert picture.notes == ("animated: the first of 3 frames is kept",)

    def test_first_page_of_a_tiff(self) -> None:
        data = drawn.as_file(FRAMES[0], "TIFF", save_all=True, append_images=FRAMES[1:])
        picture = open_picture(data)
        assert np.array_equal(picture.rgb[0, 0], (255, 0, 0))
        assert picture.notes == ("the first of 3 frames is kept",)

    def test_an_image_left_at_a_later_frame(self) -> None:
        data = drawn.as_file(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:])
        image = Image.open(io.BytesIO(data))
        image.seek(2)
        assert np.array_equal(from_image(image).rgb[0, 0], (255, 0, 0))


class TestSizes:
    @pytest.mark.parametrize("size", [(1, 1), (7, 3000), (3000, 7), (1, MAX_SIDE), (MAX_SIDE, 1)])
    def test_odd_shapes(self, size: tuple[int, int]) -> None:
        picture = from_image(Image.new("RGB", size, (1, 2, 3)))
        assert (picture.width, picture.height) == size

    @pytest.mark.parametrize("size", [(MAX_SIDE + 1, 1), (1, MAX_SIDE + 1)])
    def test_longer_sides_are_refused(self, size: tuple[int, int]) -> None:
        with pytest.raises(ImageTooLarge, match="a side is 65536, the limit is 65535"):
            from_image(Image.new("L", size))

    @pytest.mark.parametrize("size", [(0, 5), (5, 0)])
    def test_no_pixels(self, size: tuple[int, int]) -> None:
        with pytest.raises(UnreadableImage, match="has none"):
            from_image(Image.new("RGB", size))

    def test_more_pixels_than_allowed(self) -> None:
        with pytest.raises(ImageTooLarge, match="the number of pixels is 110, the limit is 100"):
            open_picture(drawn.as_file(drawn.scene(10, 11)), max_pixels=100)

    @pytest.mark.parametrize("side", [200_000, 16_000, 13_000])
    def test_a_claim_of_many_pixels_takes_no_memory(self, side: int) -> None:
        # 40 and 0.26 gigapixels Pillow refuses itself, 169 megapixels it does not.
        data = drawn.png_header(side, side) + drawn.png_chunk(b"IDAT", bytes(100))
        open_picture(drawn.as_file(TWO_BY_THREE))  # the plugins
        tracemalloc.start()
        try:
            with pytest.raises(ImageTooLarge) as caught:
                open_picture(data)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert caught.value.found in (side, side * side)
        assert peak < 4 << 20


class TestNotPictures:
    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "the file is empty"),
            (b"hello, this is text\n" * 9, "no known picture format"),
            (container.SIGNATURE + b"x" * 60, "it is a .sdz file already"),
            (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "it is a document"),
        ],
    )
    def test_reason(self, data: bytes, reason: str) -> None:
        with pytest.raises(UnreadableImage, match=reason):
            open_picture(data)

    def test_missing_file_is_the_file_systems_word(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            open_picture(tmp_path / "none.png")

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"])
    def test_cut_short(self, kind: str) -> None:
        data = drawn.as_file(drawn.scene(64, 64), kind)
        with pytest.raises(UnreadableImage):
            open_picture(data[: len(data) * 2 // 3])

    def test_an_image_opened_by_the_caller_and_cut_short(self) -> None:
        data = drawn.as_file(drawn.scene(64, 64), "JPEG")
        with pytest.raises(UnreadableImage):
            from_image(Image.open(io.BytesIO(data[: len(data) * 2 // 3])))

    @pytest.mark.parametrize(
        "kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "TGA", "ICO", "JPEG2000"]
    )
    def test_damage_is_told_or_survived(self, kind: str) -> None:
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "Maker"
        options = {"exif": exif} if kind in ("JPEG", "PNG", "TIFF", "WEBP") else {}
        if kind in ("JPEG", "PNG", "TIFF", "WEBP"):
            options["icc_profile"] = drawn.rgb_profile("grb")
        data = drawn.as_file(drawn.scene(32, 32), kind, **options)
        chance = random.Random(kind)
        for _ in range(60):
            damaged = bytearray(data)
            for _ in range(chance.randint(1, 4)):
                damaged[chance.randrange(min(len(data), 900))] = chance.randrange(256)
            try:
                picture = open_picture(bytes(damaged), keep_metadata=True, max_pixels=1 << 20)
            except SdzError:
                continue
            assert picture.rgb.dtype == np.uint8
            assert picture.rgb.shape == (picture.height, picture.width, 3)

    def test_pillows_warnings_are_not_the_users(self) -> None:
        data = drawn.png_header(10_000, 10_000) + drawn.png_chunk(b"IDAT", bytes(100))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(ImageTooLarge):
                open_picture(data, max_pixels=1000)
