"""An encode in the child: a picture file's bytes to a measured ``.sdz`` file."""

from __future__ import annotations

from typing import Any

from sdz import container
from sdz.codec.autoencoder import Autoencoder
from sdz.codec.encode import encode_picture
from sdz.codec.pixels import open_picture
from sdz.container.summary import summarize
from sdz.engine.jobs import EncodeJob
from sdz.media import SDZ_TYPE


def encode(
    job: EncodeJob, model: Autoencoder, max_pixels: int
) -> tuple[bytes, str, dict[str, Any]]:
    """(bytes, media type, meta). Raises ImageError and EncodeError."""
    picture = open_picture(
        job.data,
        keep_metadata=job.wish.keep_metadata,
        keep_location=job.wish.keep_location,
        only=job.wish.only,
        max_pixels=max_pixels,
    )
    encoded = encode_picture(picture, model, job.wish)
    meta = summarize(container.unpack(encoded.data), len(encoded.data))
    meta |= {"notes": list(encoded.notes), "source_bytes": len(job.data)}
    return encoded.data, SDZ_TYPE, meta
