"""The values of the API: queries, JSON bodies and JSON answers, a dataclass each.

``openapi.py`` describes the API by these very classes. A field's ``about`` and bounds are in its
metadata; ``check`` is run on what was sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from sdz.errors import BadOption
from sdz.service.http.fields import about as _about
from sdz.service.http.fields import between as _between
from sdz.service.http.fields import matching as _matching
from sdz.wish import EFFORT_HELP, Effort

MAX_SIDE: Final = 65535
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,128}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MODEL: Final = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,31}")
_CODE: Final = re.compile(r"[0-9]{8}")


def _name_check(name: str, value: Any) -> None:
    # What cannot be printed could speak to the terminal of the one who lists the clients.
    if not (1 <= len(value) <= 64 and value.isprintable() and value.strip()):
        raise BadOption(name, "1 to 64 characters that can be printed", "others")


# --- queries --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelloQuery:
    """Who asks for proof, and the challenge."""

    client: str = _about("id of the client, from its pairing", _matching(_ID))
    nonce: str = _about("random text made for this one question", _matching(_NONCE))


@dataclass(frozen=True, slots=True)
class DecodeQuery:
    """How a picture is wanted."""

    preview: bool = _about("the small picture that needs no model", default=False)
    max_side: int | None = _about(
        "reduce the longer side to this many pixels", _between(1, MAX_SIDE), None
    )
    background: bool = _about("let all others go first", default=False)


@dataclass(frozen=True, slots=True)
class EncodeQuery:
    """The options of ``sdz encode``: one of preset, quality, target_bytes, min_score."""

    model: str = _about("name of the autoencoder", _matching(_MODEL), "lite-1")
    preset: Literal["tiny", "small", "standard", "fine"] | None = _about(
        "a quality by name", default=None
    )
    quality: float | None = _about("1 to 100", _between(1, 100), None)
    target_bytes: int | None = _about("largest size of the file", _between(1, 2**40), None)
    min_score: float | None = _about("least SSIMULACRA2", _between(-1000, 100), None)
    effort: Effort = _about(EFFORT_HELP, default="normal")  # noqa: RUF009 - a field()
    keep_metadata: bool = _about("keep EXIF and XMP, not the place", default=False)
    keep_location: bool = _about("with the former: the place too", default=False)
    allow_larger: bool = _about("answer also with a file that is not smaller", default=False)
    background: bool = _about("let all others go first", default=False)


@dataclass(frozen=True, slots=True)
class CompareQuery:
    """Another format, and how many bytes its file may have."""

    format: Literal["jpeg", "webp", "avif"] = _about("what to write")
    bytes: int = _about("largest size of the file", _between(1, 2**40))


@dataclass(frozen=True, slots=True)
class OpenQuery:
    """The key of a one-time address."""

    key: str = _about("good once, and for a minute", default="")


# --- bodies ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PairRequest:
    """What a new client shows."""

    code: str = _about("the eight digits that sdz pair shows", _matching(_CODE))
    name: str = _about(
        "what to call the client",
        {"check": _name_check, "schema": {"minLength": 1, "maxLength": 64}},
    )


# --- answers --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """proof: HMAC-SHA-256, hex, under the client's key of ``sdz-hello:PORT:NONCE``."""

    proof: str


@dataclass(frozen=True, slots=True)
class Paired:
    """All that a client needs; the token is told this once."""

    client: str
    token: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenAddress:
    """An address that opens the dashboard once, within ``valid_s`` seconds."""

    url: str
    valid_s: float


@dataclass(frozen=True, slots=True)
class PageKey:
    """What the dashboard's page shows in ``Sdz-Page-Key``; it ends in ``expires_s`` seconds."""

    key: str
    expires_s: float


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """Whether there was a session to close."""

    closed: bool


@dataclass(frozen=True, slots=True)
class PairingOffer:
    """A code to be typed into what is to be let in."""

    code: str
    valid_s: float
    port: int


@dataclass(frozen=True, slots=True)
class PairingState:
    """How it went; ``name``: who came in, once the state is ``paired``."""

    state: Literal["closed", "open", "paired", "expired", "spent"]
    name: str


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client that is let in. ``origin``: of an extension; null for a program."""

    id: str
    name: str
    origin: str | None
    created: str


@dataclass(frozen=True, slots=True)
class ClientList:
    """All clients that are let in."""

    clients: list[ClientRow]


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


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model there is or could be. ``resident``: it is in memory right now."""

    name: str
    state: Literal["built-in", "installed", "missing", "damaged"]
    size: int
    repo: str | None
    weights: str | None
    resident: bool


@dataclass(frozen=True, slots=True)
class ModelList:
    """All models."""

    models: list[ModelRow]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model was made ready, or let go."""

    model: str
    resident: bool
    device: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ResidentModel:
    """A model in memory. Seconds from now: ``expires_s`` null where it never goes."""

    name: str
    device: str
    lane: str
    bytes: int
    idle_s: float
    expires_s: float | None


@dataclass(frozen=True, slots=True)
class EngineReport:
    """The processes that own the models. ``queued``, ``running``: jobs by priority."""

    state: Literal["stopped", "starting", "ready", "draining"]
    device: str | None
    resident_bytes: int
    models: list[ResidentModel]
    queued: dict[str, int]
    running: dict[str, int]
    rungs: dict[str, int]


@dataclass(frozen=True, slots=True)
class CacheReport:
    """Decoded pictures on the disk."""

    bytes: int
    limit: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Status:
    """The daemon as it stands."""

    version: str
    pid: int
    url: str
    uptime_s: float
    requests: int
    draining: bool
    pairing_open: bool
    clients: int
    engine: EngineReport
    cache: CacheReport
