"""The values of the routes on pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sdz.service.asked import Asked, asking
from sdz.service.http.fields import about, between

MAX_SIDE: Final = 65535


@dataclass(frozen=True, slots=True)
class DecodeQuery:
    """How a picture is wanted."""

    preview: bool = about("the small picture that needs no model", default=False)
    max_side: int | None = about(
        "reduce the longer side to this many pixels", between(1, MAX_SIDE), None
    )
    stored: bool = about(
        "a PNG need not be deflated: sooner written, sooner shown, and larger", default=False
    )
    background: bool = about("let all others go first", default=False)


@dataclass(frozen=True, slots=True)
class PreviewsQuery:
    """How previews are wanted."""

    max_side: int | None = about(
        "reduce the longer sides to this many pixels", between(1, MAX_SIDE), None
    )


@asking()
class EncodeQuery(Asked):
    """The options of ``sdz encode``: one of preset, quality, target_bytes, min_score."""

    background: bool = about("let all others go first", default=False)
    later: bool = about(
        "answer at once with a job, which ends when nobody has asked about it for two minutes",
        default=False,
    )
    name: str = about("with later: what the job is called", default="")
    keep_source: bool = about(
        "with later: keep the picture too, for /v1/jobs/{id}/source", default=False
    )


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
class KeptRegions:
    """Rectangles of the picture that are kept as they were."""

    regions: int
    share: float
    bytes: int
    boxes: list[list[int]]


@dataclass(frozen=True, slots=True)
class ScoreMap:
    """How close each cell of the picture is to its source: docs/format.md, chunk s.

    cell: pixels of its side. classes: a hexadecimal digit for each cell, row after row; n is a
    local score of at least 90 - 10 n, f anything below.
    """

    cell: int
    rows: int
    columns: int
    classes: str


@dataclass(frozen=True, slots=True)
class InspectQuery:
    """What is to be said."""

    map: bool = about("the map of scores, too, if the file has one", default=False)


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
    map_bytes: int | None
    kept: KeptRegions | None
    unknown_chunks: list[str]
    report: Fidelity | None
    map: ScoreMap | None = None
