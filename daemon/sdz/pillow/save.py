"""What Pillow calls when an image is saved as ``.sdz``; ``sdz.pillow`` registers it."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from PIL import Image

from sdz.errors import BadOption, ImageError, SdzError, UnknownModel

if TYPE_CHECKING:
    from sdz.wish import Row, Wish


def save(im: Image.Image, fp: IO[bytes], filename: str | bytes) -> None:  # noqa: ARG001
    """Encode ``im`` as it is in memory; its colours become sRGB by its ICC profile, or
    what else says how they are meant.

    Options: quality, preset, target_bytes, min_score, effort, model; exif and xmp, written only
    when they are given; keep_metadata takes them from the image, keep_location keeps GPS in them.
    The file is complete before its first byte is written.
    """
    from sdz.codec.known import header_of
    from sdz.codec.pixels import from_image
    from sdz.pictures import encode_picture

    wishes = im.encoderinfo
    try:
        wish = _wish(wishes)
        header = replace(header_of(im), pictures=1)  # the current frame alone is saved
        if wishes.get("icc_profile") is not None:
            header = replace(header, space=None)
        picture = from_image(
            _settled(im, wishes),
            header,
            keep_metadata=wish.keep_metadata,
            keep_location=wish.keep_location,
        )
        data = encode_picture(picture, wish).data
    except (BadOption, UnknownModel, ImageError) as error:
        raise ValueError(f"cannot write this image as SDZ: {error}") from error
    except SdzError as error:
        raise OSError(f"cannot write this image as SDZ: {error}") from error
    fp.write(data)
    if hasattr(fp, "flush"):
        fp.flush()


def _wish(wishes: dict[str, Any]) -> Wish:
    """What the options of a save ask for. Raises BadOption."""
    from sdz.wish import ROWS, Wish

    if wishes.get("lossless"):  # a promise that must not be broken in silence
        raise BadOption("lossless", "false: a .sdz is never lossless; try quality=100", True)
    asked = {row.name: _asked(row, wishes.get(row.name)) for row in ROWS if row.saved}
    if wishes.get("exif") or wishes.get("xmp"):
        asked["keep_metadata"] = True
    return Wish(**asked, allow_larger=True)


def _asked(row: Row, value: Any) -> Any:
    """The value of a field, which a program may have left open in several ways."""
    if row.kind is bool:
        return bool(value)
    if not row.is_number:
        return value or row.default or value
    if value is None:
        return row.default
    if not isinstance(value, int | float):
        raise BadOption(row.name, "a number", repr(value))
    return value


def _settled(im: Image.Image, wishes: dict[str, Any]) -> Image.Image:
    """``im`` with the metadata that it is to be saved with, and no other.

    Pillow saves the pixels that a program sees: an orientation that is only noted in the image's
    own EXIF is applied where that EXIF is kept or given, and not otherwise.
    """
    from sdz.codec.known import SPACE_KEYS

    kept = im.copy()  # the current frame alone; the caller's image stays as it is
    if not wishes.get("keep_metadata"):
        wanted = ("transparency", *SPACE_KEYS)
        kept.info = {key: im.info[key] for key in wanted if key in im.info}
    elif "exif" not in im.info and (exif := im.getexif()):  # of TIFF, and of old PNGs
        kept.info["exif"] = exif.tobytes()
    for key in ("exif", "xmp", "icc_profile"):
        if wishes.get(key) is not None:
            value = wishes[key]
            kept.info[key] = value.tobytes() if isinstance(value, Image.Exif) else value
    return kept
