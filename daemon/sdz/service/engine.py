"""What the service asks of the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from sdz.engine.jobs import Job, JobResult, Priority
    from sdz.engine.status import EngineStatus, Event
    from sdz.progress import Hear


class PictureEngine(Protocol):
    """What the service asks of ``sdz.engine.Engine``; tests have one that needs no torch."""

    async def run(
        self,
        job: Job,
        *,
        priority: Priority = ...,
        deadline_s: float | None = None,
        key: str | None = None,
        on_progress: Hear | None = None,
    ) -> JobResult:
        """Do a job; cancelling the caller cancels it."""

    def status(self) -> EngineStatus:
        """A snapshot."""

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Be told of changes; the returned function ends that."""


ENGINE: Final[web.AppKey[PictureEngine]] = web.AppKey("engine")

RESULTS: Final[web.AppKey[Counter[tuple[str, str, str]]]] = web.AppKey("results")
"""How often it gave a result on pictures, by kind of job, rung and device."""
