"""An encode in the child: a picture file's bytes to a measured ``.sdz`` file."""

from __future__ import annotations

from typing import Any, Final

from sdz import container
from sdz.codec.autoencoder import Autoencoder
from sdz.codec.encode import encode_picture
from sdz.codec.headers.allowed import require_picture
from sdz.codec.pixels import Picture, open_picture
from sdz.container.summary import summarize
from sdz.engine.jobs import EncodeJob
from sdz.engine.limits import little_memory
from sdz.errors import SdzError, TooCostly
from sdz.media import SDZ_TYPE

# A grid of 31 kB took 1.9 GB. HDR of 16 bits takes 30 bytes a pixel, a size not known the first.
OPENING_BYTES: Final = 512 << 20
OPENING_BYTES_PER_PIXEL: Final = 64

# By lite-1: a megapixel took 153 MiB, of which statistics of the original 67; 12 took 710 at most.
NEEDED_BYTES: Final = 96 << 20
NEEDED_BYTES_PER_PIXEL: Final = 64


def encode(
    job: EncodeJob, model: Autoencoder, max_pixels: int, beside: int = 0
) -> tuple[bytes, str, dict[str, Any]]:
    """(bytes, media type, meta). beside: bytes that other threads may need meanwhile.

    Raises ImageError, EncodeError, TooCostly.
    """
    picture = _open(job, max_pixels, beside)
    encoded = encode_picture(picture, model, job.wish)
    meta = summarize(container.unpack(encoded.data), len(encoded.data))
    meta |= {"notes": list(encoded.notes), "source_bytes": len(job.data)}
    return encoded.data, SDZ_TYPE, meta


def need_of(job: EncodeJob, max_pixels: int) -> int | None:
    """About the bytes that an encode takes at most; None where that shows when it is opened."""
    try:
        size = require_picture(job.data, max_pixels).size
    except SdzError:  # which is for the encode to say
        return 0
    return None if size is None else NEEDED_BYTES + NEEDED_BYTES_PER_PIXEL * size[0] * size[1]


def _open(job: EncodeJob, max_pixels: int, beside: int = 0) -> Picture:
    """The picture, in the memory that one of its size may take: decoders take what a file says."""
    width, height = require_picture(job.data, max_pixels).size or (0, 0)
    try:
        with little_memory(OPENING_BYTES + OPENING_BYTES_PER_PIXEL * width * height, beside):
            return open_picture(
                job.data,
                keep_metadata=job.wish.keep_metadata,
                keep_location=job.wish.keep_location,
                only=job.wish.only,
                max_pixels=max_pixels,
            )
    except MemoryError:
        raise TooCostly("memory") from None
