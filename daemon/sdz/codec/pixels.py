"""Any picture Pillow reads, as upright 8-bit sRGB pixels with their alpha apart.

Everything that a picture file can be (16 bits, CMYK, a palette, an ICC profile, a rotation in
its EXIF, several frames) is settled here, once; the rest of the codec sees one kind of picture.
What was changed on the way in is said in ``Picture.notes``, never hidden.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sdz.codec import metadata, plugins
from sdz.codec.colour import split_alpha, to_8_bits, to_srgb
from sdz.codec.hidden import fill_hidden
from sdz.container import SIGNATURE
from sdz.errors import ImageTooLarge, UnreadableImage

MAX_SIDE = 65535  # the format's own bound
MAX_PIXELS = 150_000_000

# What is tried when a file is opened. Left out on purpose: EPS and PDF run other programs, FITS
# and the scientific formats hold no pictures for viewing, WMF needs the system's renderer.
FORMATS = (
    *("AVIF", "BMP", "DDS", "DIB", "GIF", "HEIF", "ICNS", "ICO", "JPEG", "JPEG2000", "JXL"),
    *("MPO", "PCX", "PNG", "PPM", "QOI", "SGI", "TGA", "TIFF", "WEBP"),
)
_ANIMATED = ("AVIF", "GIF", "JXL", "PNG", "WEBP")

_UPRIGHT = {  # EXIF orientation -> what makes it upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
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
    max_pixels: int = MAX_PIXELS,
) -> Picture:
    """Read a picture file.

    Raises UnreadableImage where Pillow cannot, ImageTooLarge before memory is taken for more
    than ``max_pixels``. OSError of the file system (no such file, not allowed) passes through.
    """
    data = source if isinstance(source, bytes) else _read(source)
    if not data:
        raise UnreadableImage("the file is empty")
    if data.startswith(SIGNATURE):
        raise UnreadableImage("it is a .sdz file already")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(data, max_pixels) as image:
            return from_image(
                image,
                keep_metadata=keep_metadata,
                keep_location=keep_location,
                max_pixels=max_pixels,
                source_bytes=len(data),
            )


def from_image(
    image: Image.Image,
    *,
    keep_metadata: bool = False,
    keep_location: bool = False,
    max_pixels: int = MAX_PIXELS,
    source_bytes: int | None = None,
) -> Picture:
    """Settle a Pillow image: first frame, upright, sRGB, 8 bits; see ``Picture``.

    Raises as ``open_picture`` does, also for what Pillow finds only when it loads the pixels.
    """
    if min(image.size) < 1:
        raise UnreadableImage(f"a picture of {image.width}x{image.height} pixels has none")
    if max(image.size) > MAX_SIDE:
        raise ImageTooLarge("a side", MAX_SIDE, max(image.size))
    if image.width * image.height > max_pixels:
        raise ImageTooLarge("the number of pixels", max_pixels, image.width * image.height)
    notes: list[str] = []
    _load_first_frame(image, notes)
    turn = metadata.orientation(image, notes)
    exif = xmp = None
    if keep_metadata:
        exif, xmp = metadata.collect(image, location=keep_location, notes=notes)
    profile = image.info.get("icc_profile")
    if turn in _UPRIGHT:
        image = image.transpose(_UPRIGHT[turn])
        notes.append("turned upright as its EXIF says")
    colours, alpha = split_alpha(to_8_bits(image, notes))
    rgb = np.asarray(to_srgb(colours, profile, notes))
    if alpha is not None and alpha.min() == 255:
        alpha = None
    if alpha is not None:
        rgb = fill_hidden(rgb, alpha)
    return Picture(rgb, alpha, exif, xmp, tuple(notes), source_bytes)


def _read(source: Path | BinaryIO) -> bytes:
    return source.read_bytes() if isinstance(source, Path) else source.read()


def _open(data: bytes, max_pixels: int) -> Image.Image:
    Image.init()
    plugins.prepare(data)
    try:
        # A format that no loaded plugin knows (HEIF, JXL) must not be named: Pillow stops there.
        return Image.open(io.BytesIO(data), formats=[n for n in FORMATS if n in Image.OPEN])
    except UnidentifiedImageError:
        raise UnreadableImage("no known picture format, or damaged at its start") from None
    except Image.DecompressionBombError as error:
        raise ImageTooLarge("the number of pixels", max_pixels, _bomb_pixels(error)) from None
    except MemoryError:
        raise
    except Exception as error:  # whatever a plugin lets through for a damaged file
        raise UnreadableImage(str(error) or type(error).__name__) from error


def _bomb_pixels(error: Exception) -> int:
    digits = [int(word) for word in str(error).replace("(", " ").split() if word.isdigit()]
    return digits[0] if digits else 0


def _load_first_frame(image: Image.Image, notes: list[str]) -> None:
    """Read the pixels in. A file cut short is refused, not filled up with grey."""
    try:
        frames = getattr(image, "n_frames", 1)
        if frames > 1 and image.format == "HEIF":  # opened at the one its file calls primary
            notes.append(f"the main one of {frames} pictures is kept")
        elif frames > 1:
            image.seek(0)
            kind = "animated: " if image.format in _ANIMATED else ""
            notes.append(f"{kind}the first of {frames} frames is kept")
        deep = any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))
        image.load()
    except MemoryError:
        raise
    except Exception as error:  # struct.error, zlib.error, KeyError ...: plugins let many through
        raise UnreadableImage(str(error) or type(error).__name__) from error
    if deep and image.mode in ("L", "LA", "RGB", "RGBA"):
        notes.append("reduced to 8 bits a channel")
