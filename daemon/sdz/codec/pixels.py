"""Any picture Pillow reads, as upright 8-bit sRGB pixels with their alpha apart.

Everything that a picture file can be (16 bits, CMYK, a palette, an ICC profile, a rotation in
its EXIF, several frames) is settled here, once; the rest of the codec sees one kind of picture.
What was changed on the way in is said in ``Picture.notes``, never hidden.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sdz.codec import metadata, plugins
from sdz.codec.colour import split_alpha, to_8_bits, to_srgb
from sdz.codec.deep import deep_values
from sdz.codec.frames import keep_first, refuse_several
from sdz.codec.headers import LEFT_OUT, Header, Space
from sdz.codec.headers.allowed import UNKNOWN, require_picture, require_size
from sdz.codec.headers.cicp import ADOBE_RGB, space_of_icc
from sdz.codec.hidden import fill_hidden
from sdz.codec.known import header_of, made_upright
from sdz.codec.spaces import HDR, from_space
from sdz.errors import ImageTooLarge, NotHeldWhole, SdzError, UnreadableImage

Values: TypeAlias = NDArray[np.uint8]

MAX_PIXELS = 150_000_000

_USUAL = ("JPEG", "PNG", "GIF", "BMP", "PPM")  # what Pillow knows without a list of all

_UPRIGHT: dict[int, Callable[[Values], Values]] = {  # EXIF orientation -> what makes it upright
    2: lambda values: values[:, ::-1],
    3: lambda values: values[::-1, ::-1],
    4: lambda values: values[::-1],
    5: lambda values: values.swapaxes(0, 1),
    6: lambda values: np.rot90(values, -1),
    7: lambda values: values[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be encoded.

    rgb: [H, W, 3] uint8, sRGB, upright. alpha: [H, W] uint8 (0 clear, 255 opaque) or None where
    every pixel is opaque. notes: what was settled on the way, for people. source_bytes: the
    size of the file it came from, or None if it never was one.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    notes: tuple[str, ...] = field(default=())
    source_bytes: int | None = None

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.rgb.shape[0])


def open_picture(
    source: bytes | Path | BinaryIO,
    *,
    keep_metadata: bool = False,
    keep_location: bool = False,
    only: str = "any",
    max_pixels: int = MAX_PIXELS,
) -> Picture:
    """Read a picture file: the one way there is.

    only: as a wish has it. Raises SeveralFrames and NotHeldWhole for what is not wished for,
    UnreadableImage where Pillow cannot, ImageTooLarge before memory is taken for more than
    ``max_pixels``. OSError of the file system (no such file, not allowed) passes through.
    """
    data = source if isinstance(source, bytes) else _read(source)
    header = require_picture(data, max_pixels)
    refuse_several(header, only)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(data, header, max_pixels) as image:
            return from_image(
                image,
                made_upright(header, image),
                data=data,
                keep_metadata=keep_metadata,
                keep_location=keep_location,
                only=only,
                max_pixels=max_pixels,
            )


def from_image(
    image: Image.Image,
    header: Header | None = None,
    *,
    data: bytes | None = None,
    keep_metadata: bool = False,
    keep_location: bool = False,
    only: str = "any",
    max_pixels: int = MAX_PIXELS,
) -> Picture:
    """Settle a Pillow image: first frame, upright, sRGB, 8 bits; see ``Picture``.

    header, data: of the file that it was opened from; without them, what the image itself knows.
    Raises as ``open_picture`` does, also for what Pillow finds only when it loads the pixels.
    """
    if min(image.size) < 1:
        raise UnreadableImage(f"a picture of {image.width}x{image.height} pixels has none")
    require_size(*image.size, max_pixels)
    header = header or header_of(image)
    notes: list[str] = []
    _load_first_frame(image, header, notes, only=only)
    turn = metadata.orientation(image, notes) if header.turn is None else header.turn
    exif = xmp = None
    if keep_metadata:
        exif, xmp = metadata.collect(image, location=keep_location, notes=notes)
    behind = metadata.not_kept(image, metadata=keep_metadata, location=keep_location)
    notes += [behind] if behind is not None else []
    notes += header.notes
    rgb, alpha = _colours(image, header, data, notes)
    if turn in _UPRIGHT:
        rgb = np.ascontiguousarray(_UPRIGHT[turn](rgb))
        alpha = None if alpha is None else np.ascontiguousarray(_UPRIGHT[turn](alpha))
        notes.append("turned upright as its EXIF says")
    left_out = [note for note in notes if note.startswith(LEFT_OUT)]
    if left_out and only == "whole":
        raise NotHeldWhole(left_out[0].removeprefix(LEFT_OUT))
    if alpha is not None and alpha.min() == 255:
        alpha = None
    if alpha is not None:
        rgb = fill_hidden(rgb, alpha)
    return Picture(rgb, alpha, exif, xmp, tuple(notes), None if data is None else len(data))


def _read(source: Path | BinaryIO) -> bytes:
    return source.read_bytes() if isinstance(source, Path) else source.read()


def _open(data: bytes, header: Header, max_pixels: int) -> Image.Image:
    Image.preinit() if header.kind in _USUAL else Image.init()
    plugins.prepare(header.kind)
    try:
        return Image.open(io.BytesIO(data), formats=[header.kind])
    except UnidentifiedImageError:
        raise UnreadableImage(UNKNOWN) from None
    except Image.DecompressionBombError as error:
        raise ImageTooLarge("the number of pixels", max_pixels, _bomb_pixels(error)) from None
    except MemoryError:
        raise
    except Exception as error:  # whatever a plugin lets through for a damaged file
        raise UnreadableImage(str(error) or type(error).__name__) from error


def _bomb_pixels(error: Exception) -> int:
    digits = [int(word) for word in str(error).replace("(", " ").split() if word.isdigit()]
    return digits[0] if digits else 0


def _load_first_frame(image: Image.Image, header: Header, notes: list[str], *, only: str) -> None:
    """Read the pixels in. A file cut short is refused, not filled up with grey."""
    try:
        if said := keep_first(image, header, only=only):
            notes.append(said)
        deep = any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))
        image.load()
    except (MemoryError, SdzError):
        raise
    except Exception as error:  # struct.error, zlib.error, KeyError ...: plugins let many through
        raise UnreadableImage(str(error) or type(error).__name__) from error
    if deep and image.mode in ("L", "LA", "RGB", "RGBA"):
        notes.append("reduced to 8 bits a channel")


def _colours(
    image: Image.Image, header: Header, data: bytes | None, notes: list[str]
) -> tuple[Values, Values | None]:
    """(rgb, alpha) of a loaded image, not turned: sRGB by its space, or its profile."""
    profile = image.info.get("icc_profile") or header.icc
    space = header.space or _space(image, profile)
    colours, alpha = split_alpha(to_8_bits(image, notes))
    if space is None or image.mode in ("CMYK", "LAB"):
        return np.asarray(to_srgb(colours, profile, notes)), alpha
    if space.curve == "unknown":
        notes.append(f"its colours are those of {space.name}, and were taken for sRGB")
    if space.is_srgb or space.curve == "unknown":
        return np.asarray(colours.convert("RGB")), alpha
    deep = None if data is None else deep_values(data, image)
    values = np.asarray(colours.convert("RGB")) if deep is None else deep
    return from_space(values, space, notes), alpha


def _space(image: Image.Image, profile: bytes | None) -> Space | None:
    """What is said by other ways than the header's: a profile's own code points, where it is of
    HDR, which our curve brings to SDR; and by the rules of cameras, which name Adobe RGB so."""
    if profile:
        named = space_of_icc(profile)
        return named if named is not None and named.curve in HDR else None
    return ADOBE_RGB if metadata.says_adobe_rgb(image) else None
