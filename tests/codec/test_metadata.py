"""What is kept of EXIF and XMP, and that a place never is unless it was asked for."""

from __future__ import annotations

import io

import drawn
import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from sdz.codec.pixels import from_image, open_picture

DEGREES = (48.0, 51.0, 29.5)
PLACE = b"48,51.49N"


def exif_with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Orientation] = "Maker", 6
    exif[IFD.Exif] = {Base.DateTimeOriginal: "2024:05:06 07:08:09", Base.ISOSpeedRatings: 200}
    exif[IFD.GPSInfo] = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: DEGREES}
    packed = Image.Exif()
    packed.load(exif.tobytes())  # as it comes from a file
    return packed


def reread(raw: bytes | None) -> Image.Exif:
    assert raw is not None
    assert raw[:2] in (b"II", b"MM")  # starts at its TIFF header
    exif = Image.Exif()
    exif.load(b"Exif\0\0" + raw)
    return exif


def xmp(inside: str) -> bytes:
    return f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>{inside}</rdf:RDF></x:xmpmeta>".encode()


class TestExif:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
    def test_kept_without_place_and_orientation(self, kind: str) -> None:
        data = drawn.as_file(drawn.scene(16, 16), kind, exif=exif_with_place())
        exif = reread(open_picture(data, keep_metadata=True).exif)
        assert exif[Base.Make] == "Maker"
        assert exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] == "2024:05:06 07:08:09"
        assert exif.get_ifd(IFD.Exif)[Base.ISOSpeedRatings] == 200
        assert IFD.GPSInfo not in exif
        assert Base.Orientation not in exif

    def test_place_is_kept_when_asked_for(self) -> None:
        data = drawn.as_file(drawn.scene(16, 16), "JPEG", exif=exif_with_place())
        kept = open_picture(data, keep_metadata=True, keep_location=True).exif
        assert reread(kept).get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] == DEGREES

    def test_nothing_is_kept_unasked(self) -> None:
        data = drawn.as_file(drawn.scene(16, 16), "JPEG", exif=exif_with_place(), xmp=xmp("<a/>"))
        picture = open_picture(data)
        assert picture.exif is None
        assert picture.xmp is None

    def test_a_place_that_was_looked_at_is_left_out_too(self) -> None:
        data = drawn.as_file(drawn.scene(16, 16), "JPEG", exif=exif_with_place())
        image = Image.open(io.BytesIO(data))
        assert image.getexif().get_ifd(IFD.GPSInfo)
        exif = reread(from_image(image, keep_metadata=True).exif)
        assert IFD.GPSInfo not in exif
        assert image.getexif().get_ifd(IFD.GPSInfo)  # and the caller still has it

    def test_tags_that_describe_a_tiffs_pixels_are_left_out(self) -> None:
        data = drawn.as_file(drawn.scene(64, 64), "TIFF", icc_profile=drawn.rgb_profile("grb"))
        picture = open_picture(data, keep_metadata=True)
        kept = {} if picture.exif is None else dict(reread(picture.exif))
        assert not {Base.ImageWidth, Base.StripOffsets, Base.BitsPerSample, 34675} & set(kept)

    def test_only_an_orientation_leaves_nothing(self) -> None:
        exif = Image.Exif()
        exif[Base.Orientation] = 3
        data = drawn.as_file(drawn.scene(8, 8), exif=exif)
        assert open_picture(data, keep_metadata=True).exif is None


class TestXmp:
    @staticmethod
    def kept(packet: bytes, *, location: bool = False) -> tuple[bytes | None, tuple[str, ...]]:
        data = drawn.as_file(drawn.scene(8, 8), "JPEG", xmp=packet)
        picture = open_picture(data, keep_metadata=True, keep_location=location)
        return picture.xmp, picture.notes

    @pytest.mark.parametrize(
        "place",
        [
            "<rdf:Description exif:GPSLatitude='48,51.49N' dc:title='Notre Dame'/>",
            '<rdf:Description dc:title="Notre Dame" exif:GPSLatitude = "48,51.49N"/>',
            "<exif:GPSLatitude>48,51.49N</exif:GPSLatitude><dc:title>Notre Dame</dc:title>",
            "<exif:GPSLatitude\n a=''>48,51N\n</exif:GPSLatitude><dc:title>Notre Dame</dc:title>",
            "<exif:GPSAltitude/><dc:title>Notre Dame</dc:title>",
        ],
    )
    def test_place_is_taken_out_and_the_rest_stays(self, place: str) -> None:
        found, notes = self.kept(xmp(place))
        assert found is not None
        assert b"Notre Dame" in found
        assert PLACE not in found
        assert b"GPS" not in found
        assert notes == ()
        everything, _ = self.kept(xmp(place), location=True)
        assert everything is not None
        assert b"GPS" in everything

    @pytest.mark.parametrize(
        "packet",
        [
            xmp("<rdf:Description e:GPSLatitude='48,51.49N'/>"),
            xmp("<rdf:Description exif:GPSLatitude='48,51.49N'/>").decode().encode("utf-16"),
        ],
    )
    def test_a_place_in_disguise_takes_all_with_it(self, packet: bytes) -> None:
        found, notes = self.kept(packet)
        assert found is None
        assert notes[0].startswith("its XMP was left out")

    @pytest.mark.parametrize(
        "turn",
        ["<rdf:Description tiff:Orientation='6'/>", "<tiff:Orientation>6</tiff:Orientation>"],
    )
    def test_orientation_is_taken_out(self, turn: str) -> None:
        found, _ = self.kept(xmp(turn + "<dc:title>x</dc:title>"))
        assert found is not None
        assert b"Orientation" not in found
        assert b"<dc:title>x</dc:title>" in found


def test_what_is_left_behind_is_said() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:27 08:00:00"
    stream = io.BytesIO()
    Image.new("RGB", (32, 32)).save(stream, "JPEG", exif=exif)
    data = stream.getvalue()
    assert open_picture(data).notes == ("not kept: EXIF (camera, date, place)",)
    assert open_picture(data, keep_metadata=True).notes == ("not kept: the place",)
    assert open_picture(data, keep_metadata=True, keep_location=True).notes == ()
    plain = io.BytesIO()
    Image.new("RGB", (32, 32)).save(plain, "JPEG")
    assert open_picture(plain.getvalue()).notes == ()
