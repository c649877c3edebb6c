"""Pictures in, ``.sdz`` bytes out, and back: the package's Python interface.

Brings codec and models together by name, which neither does: the codec knows models only by
their protocol. Models stay loaded for the next call of the same process.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdz import container
from sdz.container import Header, SdzFile
from sdz.container.summary import summarize
from sdz.errors import NoPreview
from sdz.locks import ThreadLock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from sdz.codec.autoencoder import Autoencoder
    from sdz.codec.encode import Encoded
    from sdz.codec.pixels import Picture
    from sdz.models import Description
    from sdz.wish import Wish

DEFAULT_MODEL = "lite-1"
MODELS_KEPT = 2
BAND_VALUES = 1 << 22
"""How many latents a preview scales at once."""
_LOADING = ThreadLock()


def encode(
    image: Image.Image | Path | str | bytes | bytearray | memoryview,
    model: str = DEFAULT_MODEL,
    *,
    quality: float | None = None,
    preset: str | None = None,
    target_bytes: int | None = None,
    min_score: float | None = None,
    keep: str = "auto",
    keep_metadata: bool = False,
    effort: str = "normal",
) -> bytes:
    """The bytes of a ``.sdz`` file of ``image``: a Pillow image, a path, or an image file's bytes.

    At most one of quality (1 to 100), preset (tiny, small, standard, fine, near: scores of 10, 30,
    50, 65, 80), target_bytes and min_score (SSIMULACRA2); the default is preset standard. keep:
    regions that are kept as they are: auto (what would fall far below the look, and text), text,
    none, or "X,Y,W,H" in pixels, several with ; between. effort: high searches for latents that
    decode better for their bytes, for some fifty times the time; lite-1 alone can. The file is
    decoded and measured before it is returned. An image that comes as a file is not refused for
    being smaller than its ``.sdz``; the command line does that.

    Raises errors of ``sdz.errors``: ImageError, EncodeError, ModelError, BadOption.
    """
    from sdz.wish import Wish

    wish = Wish(
        model,
        preset=preset,
        quality=quality,
        target_bytes=target_bytes,
        min_score=min_score,
        keep=keep,
        keep_metadata=keep_metadata,
        allow_larger=True,
        effort=effort,
    )
    return encode_picture(_to_picture(image, wish), wish).data


def encode_picture(picture: Picture, wish: Wish) -> Encoded:
    """Encode settled pixels; the file, what was measured, and notes."""
    from sdz.codec.encode import encode_picture as run

    return run(picture, load_model(wish.model), wish)


def decode(data: bytes | bytearray | memoryview | Path | str) -> Image.Image:
    """The picture in a ``.sdz`` file (its bytes or its path) as an RGB or RGBA Pillow image.

    EXIF and XMP, where the file kept them, are in ``image.info``. Raises FormatError for damage,
    ModelError where the model is missing or another one.
    """
    from PIL import Image

    from sdz.codec.decode import parse_file, render
    from sdz.models import describe, require_reader

    file = _unpack(data)
    name = require_reader(file.header)
    parsed = parse_file(file, describe(name).quantiser)  # before the network is loaded
    image = Image.fromarray(render(parsed, load_model(name)))
    if file.exif is not None:
        image.info["exif"] = b"Exif\x00\x00" + file.exif
    if file.xmp is not None:
        image.info["xmp"] = file.xmp
    return image


def preview(
    data: bytes | bytearray | memoryview | Path | str,
    *,
    alpha: bool = False,
    channels: int | None = None,
) -> Image.Image:
    """A small picture, 1/8 or 1/16 of the size, from the latents by a linear map: no torch, no
    weights, milliseconds. Alpha is left out, unless ``alpha`` asks for it and the file has it.

    ``channels``: have a look at the first so many channels of the latents alone, which takes a
    fraction of the time; lite-1 has them in the order of what they carry.

    Raises FormatError for damage, UnknownModel or NoPreview where there is no such map, and
    WeightsMismatch for a file of another edition of the built-in model, whose latents mean
    something else.
    """
    import numpy as np
    from PIL import Image

    from sdz.codec.decode import allowance_of
    from sdz.codec.latents import decode_latents, steps_of
    from sdz.entropy.allowance import allowing
    from sdz.models import draw_preview

    file = _unpack(data)
    header = file.header
    known = _describe_for_preview(header)
    divisor = preview_divisor(header)  # where there is no map, nothing is decoded
    allowance = allowance_of(file)
    with allowing(allowance):
        values = decode_latents(header, file.streams, known.quantiser, channels=channels)
    values = values[:channels]  # the others are 0
    steps = steps_of(known.quantiser, header)[:channels, None, None]
    factor, bands = known.factor, []
    rows = max(1, BAND_VALUES // (values.shape[0] * values.shape[2]))
    for top in range(0, values.shape[1], rows):
        height = min(rows * factor, header.height - top * factor)
        latents = values[:, top : top + rows] * steps
        bands.append(draw_preview(known, latents, header.width, height))
    image = Image.fromarray(np.concatenate(bands))
    if alpha and file.alpha is not None:
        from sdz.codec.alpha import unpack_alpha

        with allowing(allowance):
            opacity = Image.fromarray(unpack_alpha(file.alpha, header.height, header.width))
        image.putalpha(opacity.reduce(divisor))
    return image


def preview_divisor(header: Header) -> int:
    """How many pixels of the picture, along a side, a pixel of its preview stands for.

    Raises UnknownModel, NoPreview, WeightsMismatch or BadField where there will be no preview.
    """
    known = _describe_for_preview(header)
    if known.preview is None:
        raise NoPreview(known.name)
    return known.factor // known.preview.side


def _describe_for_preview(header: Header) -> Description:
    from sdz.codec.decode import check_model, check_shape
    from sdz.models import describe, reader_of

    known = describe(reader_of(header.model.name, header.weights))
    if known.kind == "lite":
        check_model(header, known)
    check_shape(header, known)  # other weights of a family share its latents, and so its map
    return known


def score_map(data: bytes | bytearray | memoryview | Path | str) -> NDArray[np.uint8] | None:
    """How close the picture is to its source, as it was measured when the file was made: a class
    for each cell of 32 x 32 pixels, [rows, columns]; None where the file has no map.

    Class n, 0 to 14, is a local score (SSIMULACRA2) of at least 90 - 10 n, 15 anything below -50.
    Raises FormatError for damage.
    """
    from sdz.codec.score_map import unpack_scores

    file = _unpack(data)
    return None if file.scores is None else unpack_scores(file.scores, file.header)


def info(data: bytes | bytearray | memoryview | Path | str) -> dict[str, Any]:
    """What a file says of itself: size, model, quality, fidelity report. Loads no torch."""
    raw = Path(data).read_bytes() if isinstance(data, str | Path) else bytes(data)
    return summarize(container.unpack(raw), len(raw))


def load_model(name: str) -> Autoencoder:
    """The named autoencoder on the processor, kept for the next call. From any thread."""
    with _LOADING:
        return _kept_model(name)


@lru_cache(maxsize=MODELS_KEPT)
def _kept_model(name: str) -> Autoencoder:
    from sdz.models import load

    return load(name)


def _after_fork() -> None:
    """One thread for torch in a forked child, as torch's own data loaders have it.

    The others stayed behind in the parent, and OpenMP waits for them for ever. Only where this
    package has had torch work at all: else how many there are is not ours to say.
    """
    if _kept_model.cache_info().currsize and "torch" in sys.modules:
        import torch

        torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _unpack(data: bytes | bytearray | memoryview | Path | str) -> SdzFile:
    return container.unpack(Path(data).read_bytes() if isinstance(data, str | Path) else data)


def _to_picture(
    image: Image.Image | Path | str | bytes | bytearray | memoryview, wish: Wish
) -> Picture:
    from sdz.codec.pixels import from_image, open_picture

    kept: dict[str, Any] = {
        "keep_metadata": wish.keep_metadata,
        "keep_location": wish.keep_location,
        "only": wish.only,
    }
    if isinstance(image, bytes | bytearray | memoryview):
        return open_picture(bytes(image), **kept)
    if isinstance(image, str | Path):
        return open_picture(Path(image), **kept)
    return from_image(image, **kept)
