"""The names under which the app keeps its parts, and what it asks of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from aiohttp import web

from sdz.config import Settings
from sdz.service.access.clients import Clients, KnownClient
from sdz.service.access.guard import Guard
from sdz.service.access.pairing import Pairing
from sdz.service.access.sessions import Sessions
from sdz.service.models.jobs import JobBook
from sdz.service.pictures.cache import PictureCache
from sdz.service.system.events import EventLog
from sdz.service.system.metrics import Tally

if TYPE_CHECKING:
    from sdz.engine.jobs import Job, JobResult, Priority
    from sdz.engine.status import EngineStatus, Event
    from sdz.service.http.bodies import Gate
    from sdz.service.watches.book import WatchBook


class PictureEngine(Protocol):
    """What the service asks of ``sdz.engine.Engine``; tests have one that needs no torch."""

    async def run(
        self,
        job: Job,
        *,
        priority: Priority = ...,
        deadline_s: float | None = None,
        key: str | None = None,
    ) -> JobResult:
        """Do a job; cancelling the caller cancels it."""

    def status(self) -> EngineStatus:
        """A snapshot."""

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Be told of changes; the returned function ends that."""


class Life:
    """Whether the daemon is shutting down, and since when it runs (time.monotonic)."""

    def __init__(self, started: float) -> None:
        self.started = started
        self.draining = False


SETTINGS: Final = web.AppKey("settings", Settings)
ENGINE: Final[web.AppKey[PictureEngine]] = web.AppKey("engine")
CLIENTS: Final = web.AppKey("clients", Clients)
PAIRING: Final = web.AppKey("pairing", Pairing)
SESSIONS: Final = web.AppKey("sessions", Sessions)
GUARD: Final = web.AppKey("guard", Guard)
CACHE: Final = web.AppKey("cache", PictureCache)
EVENTS: Final = web.AppKey("events", EventLog)
JOBS: Final = web.AppKey("jobs", JobBook)
TALLY: Final = web.AppKey("tally", Tally)
GATE: Final[web.AppKey[Gate]] = web.AppKey("gate")
LIFE: Final = web.AppKey("life", Life)
WATCHES: Final[web.AppKey[WatchBook]] = web.AppKey("watches")

CLIENT: Final = web.RequestKey("client", KnownClient)
