"""The values of the routes on the daemon itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sdz.engine.status import ModelStatus


@dataclass(frozen=True, slots=True)
class ResidentModel(ModelStatus):
    """A model in memory. Seconds from now: ``expires_s`` null where it never goes."""


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
