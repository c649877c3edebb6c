"""The values of the routes on pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from sdz.service.http.fields import about, between, matching
from sdz.wish import EFFORT_HELP, Effort

MAX_SIDE: Final = 65535
_MODEL: Final = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class DecodeQuery:
    """How a picture is wanted."""

    preview: bool = about("the small picture that needs no model", default=False)
    max_side: int | None = about(
        "reduce the longer side to this many pixels", between(1, MAX_SIDE), None
    )
    background: bool = about("let all others go first", default=False)


@dataclass(frozen=True, slots=True)
class EncodeQuery:
    """The options of ``sdz encode``: one of preset, quality, target_bytes, min_score."""

    model: str = about("name of the autoencoder", matching(_MODEL), "lite-1")
    preset: Literal["tiny", "small", "standard", "fine"] | None = about(
        "a quality by name", default=None
    )
    quality: float | None = about("1 to 100", between(1, 100), None)
    target_bytes: int | None = about("largest size of the file", between(1, 2**40), None)
    min_score: float | None = about("least SSIMULACRA2", between(-1000, 100), None)
    effort: Effort = about(EFFORT_HELP, default="normal")  # noqa: RUF009 - a field()
    keep_metadata: bool = about("keep EXIF and XMP, not the place", default=False)
    keep_location: bool = about("with the former: the place too", default=False)
    allow_larger: bool = about("answer also with a file that is not smaller", default=False)
    background: bool = about("let all others go first", default=False)


@dataclass(frozen=True, slots=True)
class Latents:
    """What is coded in a file."""

    channels: int
    height: int
    width: int
    factor: int
    groups: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What the encoder measured."""

    ssimulacra2: float
    worst_region: float
    psnr: float


@dataclass(frozen=True, slots=True)
class Info:
    """What a file says of itself, as ``sdz info --json``."""

    width: int
    height: int
    bytes: int
    bits_per_pixel: float
    model: str
    weights: str
    step: int
    latents: Latents
    alpha_bytes: int | None
    tile: int | None
    exif_bytes: int | None
    xmp_bytes: int | None
    report: Fidelity | None
