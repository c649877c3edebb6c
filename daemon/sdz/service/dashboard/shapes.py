"""The values of the dashboard's routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sdz.service.http.fields import about, between


@dataclass(frozen=True, slots=True)
class OpenQuery:
    """The key of a one-time address."""

    key: str = about("good once, and for a minute", default="")


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
class CompareQuery:
    """Another format, and how many bytes its file is to have."""

    format: Literal["jpeg", "webp", "avif"] = about("what to write")
    bytes: int = about("size of the file: at least", between(1, 2**40))
