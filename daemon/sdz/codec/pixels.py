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
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from sdz.codec import metadata, plugins
from sdz.container import SIGNATURE
from sdz.errors import ImageTooLarge, UnreadableImage

Floats = NDArray[np.float32]

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
_PROFILE_SPACE = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab"}  # of ICC, by mode


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
    colours, alpha = _split_alpha(_to_8_bits(image, notes))
    rgb = np.asarray(_to_srgb(colours, profile, notes))
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


def _to_8_bits(image: Image.Image, notes: list[str]) -> Image.Image:
    """Wide integers and floats to 8 bits by their nominal range, rounded and not cut."""
    if image.mode.startswith("I;16"):
        notes.append("reduced to 8 bits a channel")
        wide = np.asarray(image)
        table = np.rint(np.arange(65536) / 257).astype(np.uint8)
        grey = Image.fromarray(table[wide])
        clear = image.info.get("transparency")
        if not isinstance(clear, int):
            return grey
        return Image.merge(
            "LA", (grey, Image.fromarray(np.where(wide == clear, 0, 255).astype("u1")))
        )
    if image.mode in ("I", "F"):
        notes.append("reduced to 8 bits a channel")
        values = np.asarray(image, np.float32)
        white = _white(values, (65535, 2**31 - 1) if image.mode == "I" else (1, 255, 65535))
        values = np.nan_to_num(values, posinf=white, neginf=0) * np.float32(255 / white)
        return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    return image


def _white(values: NDArray[np.float32], usual: tuple[int, ...]) -> float:
    """Which of the ``usual`` values, rising, is white here: the first that little goes beyond.

    Twice a nominal white is a highlight that is cut; much more is another scale.
    """
    peak = float(np.max(values, initial=0, where=np.isfinite(values)))
    return next((float(white) for white in usual if peak <= 2 * white), peak)


def _split_alpha(image: Image.Image) -> tuple[Image.Image, NDArray[np.uint8] | None]:
    """The colours without alpha, and the alpha or None."""
    keyed = "transparency" in image.info and image.mode in ("1", "L", "P", "RGB")
    if not keyed and not image.mode.endswith(("A", "a")):
        return image, None
    if image.mode == "RGB" and not _is_colour(image.info["transparency"]):
        return image, None
    grey = image.mode in ("1", "L", "LA", "La")
    image = image.convert("LA" if grey else "RGBA")
    return image.convert("L" if grey else "RGB"), np.asarray(image.getchannel("A"))


def _is_colour(key: Any) -> bool:
    """Whether a picture's transparent colour is of 8 bits; of 16, Pillow has thrown half away."""
    return isinstance(key, tuple) and len(key) == 3 and max(key) <= 255


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    if image.mode not in _PROFILE_SPACE:  # 1, P, YCbCr, HSV ...
        image = image.convert("RGB")
    if profile:
        converted = _by_profile(image, profile, notes)
        if converted is not None:
            return converted
        notes.append("its ICC profile is damaged or does not fit, and was ignored")
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB") or image
    return image if image.mode == "RGB" else image.convert("RGB")


def _by_profile(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image | None:
    """``image`` brought to sRGB by an ICC profile; None where that cannot be done."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if image.mode == "L" and space == "RGB":  # greys saved with the profile of their screen
            image = image.convert("RGB")
        if _PROFILE_SPACE[image.mode] != space:
            return None
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    try:
        description = source.profile.profile_description or ""
    except ValueError:  # letters that are none
        description = ""
    name = "".join(letter for letter in description if letter.isprintable()).strip()[:60]
    if "sRGB" not in name:
        notes.append(f"colours converted from {name or 'its ICC profile'} to sRGB")
    return converted


def fill_hidden(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours [H, W, 3] with those under alpha 0 replaced by a smooth continuation.

    Nobody sees them, but left as they are they cost bits and bleed over the edge. Pull-push:
    averages over the visible pixels are halved until one is left, then handed down again.
    """
    hidden = alpha == 0
    if not hidden.any():
        return rgb
    masked = np.where(hidden[..., None], np.uint8(0), rgb)
    # Floats only from half the size on: at full size they would be 12 bytes a pixel, several times.
    smooth = _continued(_halved(masked), _halved(~hidden))
    height, width = alpha.shape
    filled = np.clip(np.rint(smooth), 0, 255).astype(np.uint8)
    result = rgb.copy()
    result[hidden] = _doubled(filled)[:height, :width][hidden]
    return result


def _continued(total: Floats, weight: Floats) -> Floats:
    """Averages total/weight [h, w, 3]; where the weight is 0, those of the next coarser level."""
    mean = np.divide(total, np.maximum(weight, 1)[..., None], dtype=np.float32)
    hidden = weight == 0
    if hidden.any() and max(weight.shape) > 1:
        coarse = _continued(_halved(total), _halved(weight))
        mean[hidden] = _doubled(coarse)[: weight.shape[0], : weight.shape[1]][hidden]
    return mean


def _halved(plane: NDArray[Any]) -> Floats:
    """Sums of 2x2 cells: [h, w, ...] -> [ceil(h / 2), ceil(w / 2), ...]."""
    height, width, *rest = plane.shape
    sums = np.zeros((-(-height // 2), -(-width // 2), *rest), np.float32)
    for y in (0, 1):
        for x in (0, 1):
            part = plane[y::2, x::2]
            sums[: part.shape[0], : part.shape[1]] += part
    return sums


def _doubled(plane: NDArray[Any]) -> NDArray[Any]:
    return plane.repeat(2, 0).repeat(2, 1)
