"""EXIF and XMP, kept only when asked for, and without the place unless that is asked for too.

The orientation is always dropped: pixels in a .sdz are upright, and a reader that turned them
again would be wrong. So is what describes how a TIFF file held its pixels.
"""

from __future__ import annotations

import re
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base

_ORIENTATION = Base.Orientation
NOT_KEPT = "not kept: "
"""How notes begin of what was not asked to be kept."""
_DAMAGED = "its EXIF is damaged, and was ignored"
_DROPPED = {
    _ORIENTATION,
    IFD.Exif,  # these two are copied by hand
    IFD.GPSInfo,
    *(Base.ImageWidth, Base.ImageLength, Base.BitsPerSample, Base.Compression),
    *(Base.PhotometricInterpretation, Base.SamplesPerPixel, Base.PlanarConfiguration),
    *(Base.StripOffsets, Base.RowsPerStrip, Base.StripByteCounts, Base.Predictor),
    *(Base.TileWidth, Base.TileLength, Base.TileOffsets, Base.TileByteCounts),
    *(Base.JpegIFOffset, Base.JpegIFByteCount, Base.JPEGTables, Base.SubIFDs),
    *(266, 320, 338, 339),  # FillOrder, ColorMap, ExtraSamples, SampleFormat
    *(700, 33723, 34377, 34675),  # XMP, IPTC, Photoshop, ICC: TIFF keeps them in tags
}
_GPS_ELEMENT = re.compile(rb"<exif:GPS(\w+)\b[^>]*?(?:/>|>.*?</exif:GPS\1>)", re.DOTALL)
_GPS_ATTRIBUTE = re.compile(rb"\s+exif:GPS\w+\s*=\s*(\"[^\"]*\"|'[^']*')")
_ANY_GPS = re.compile(rb"g\0{0,3}p\0{0,3}s\0{0,3}[a-z]", re.IGNORECASE)
_TURN_ATTRIBUTE = re.compile(rb"\s+tiff:Orientation\s*=\s*(\"[^\"]*\"|'[^']*')")
_TURN_ELEMENT = re.compile(rb"<tiff:Orientation>.*?</tiff:Orientation>", re.DOTALL)


def orientation(image: Image.Image, notes: list[str]) -> int:
    """The EXIF orientation of a loaded image, 1 (upright) to 8; 1 where there is none."""
    try:
        turn = int(image.getexif().get(_ORIENTATION) or 1)
    except MemoryError:
        raise
    except Exception:  # struct.error, TypeError, SyntaxError ...: Pillow parses it without checks
        notes.append(_DAMAGED)
        return 1
    return turn if 1 <= turn <= 8 else 1


def says_adobe_rgb(image: Image.Image) -> bool:
    """Whether a camera says by its EXIF that the colours are Adobe RGB (DCF 2.0, 5.2.1)."""
    try:
        exif = image.getexif()
        exif.get_ifd(IFD.Exif)
        return str(exif.get_ifd(IFD.Interop).get(1, "")).startswith("R03")
    except MemoryError:
        raise
    except Exception:  # as above
        return False


def not_kept(image: Image.Image, *, metadata: bool, location: bool) -> str | None:
    """What of a loaded image's metadata is left behind, as a note; None: nothing that is known."""
    try:
        exif = image.getexif()
        details, place = exif.get_ifd(IFD.Exif), bool(exif.get_ifd(IFD.GPSInfo))
        known = any(tag not in _DROPPED for tag in exif) or bool(details)
    except MemoryError:
        raise
    except Exception:  # as above
        return None
    if metadata:
        return f"{NOT_KEPT}the place" if place and not location else None
    said = [
        ("camera", Base.Make in exif or Base.Model in exif),
        ("date", Base.DateTimeOriginal in details or Base.DateTime in exif),
        ("place", place),
    ]
    names = [name for name, there in said if there]
    if not known and not place:
        return None
    return f"{NOT_KEPT}EXIF" + (f" ({', '.join(names)})" if names else "")


def collect(
    image: Image.Image, *, location: bool, notes: list[str]
) -> tuple[bytes | None, bytes | None]:
    """(EXIF, XMP) of a loaded image, either None where there is none. ``image`` is not changed.

    EXIF starts at its TIFF header, without the ``Exif\\0\\0`` of JPEG. What cannot be read is left
    out, and that is said in ``notes``: the picture does not depend on it.
    """
    packed = None
    try:
        packed = _packed(image.getexif(), location=location)
    except MemoryError:
        raise
    except Exception:  # as above
        if _DAMAGED not in notes:
            notes.append(_DAMAGED)
    xmp = _xmp(image, location=location, notes=notes)
    return packed, xmp


def _packed(exif: Image.Exif, *, location: bool) -> bytes | None:
    """The EXIF to keep. A new one: taking tags out of the old would change the caller's image,
    and Pillow writes a GPS block that has been looked at even when its tag is gone."""
    kept = Image.Exif()
    kept.endian = exif.endian
    for tag, value in exif.items():
        if tag not in _DROPPED:
            kept[tag] = value
    blocks: dict[int, dict[int, Any]] = {IFD.Exif: dict(exif.get_ifd(IFD.Exif))}
    if location:
        blocks[IFD.GPSInfo] = dict(exif.get_ifd(IFD.GPSInfo))
    if IFD.Interop in blocks[IFD.Exif]:
        blocks[IFD.Exif][IFD.Interop] = exif.get_ifd(IFD.Interop)
    for tag, block in blocks.items():
        if block:
            kept[tag] = block
    return kept.tobytes().removeprefix(b"Exif\x00\x00") if kept else None


def _xmp(image: Image.Image, *, location: bool, notes: list[str]) -> bytes | None:
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode()
    if not isinstance(xmp, bytes) or not xmp:
        return None
    patterns = [_TURN_ELEMENT, _TURN_ATTRIBUTE]
    if not location:
        patterns += [_GPS_ELEMENT, _GPS_ATTRIBUTE]
    for pattern in patterns:
        xmp = pattern.sub(b"", xmp)
    # Another prefix than exif:, or another encoding, hides a place from the patterns.
    if not location and _ANY_GPS.search(xmp):
        notes.append("its XMP was left out: it names a place in a way that cannot be taken out")
        return None
    return xmp
