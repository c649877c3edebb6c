"""An engine without torch or processes, for tests of the service: it notes what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from samples import sdz_file

from sdz.engine.glancing import draw
from sdz.engine.jobs import (
    DecodeJob,
    EncodeJob,
    JobResult,
    LoadJob,
    PreviewJob,
    Priority,
    ScoresJob,
    UnloadJob,
)
from sdz.engine.status import Counters, EngineStatus, Event
from sdz.media import MEDIA_TYPES
from sdz.progress import Hear, Progress


class FakeEngine:
    """Answers at once, or when ``gate`` is set if it was cleared; raises ``failure`` if given."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []
        self.priorities: list[Priority | None] = []
        self.cancelled = 0
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.subscribers: list[Callable[[Event], None]] = []

    async def run(
        self,
        job: Any,
        *,
        priority: Priority | None = None,
        deadline_s: float | None = None,
        key: str | None = None,
        on_progress: Hear | None = None,
    ) -> JobResult:
        del deadline_s, key
        if on_progress is not None:
            on_progress(Progress("coding", 0.5, 2))
        self.jobs.append(job)
        self.priorities.append(priority)
        self.begun.set()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure is not None:
            raise self.failure
        match job:
            case DecodeJob():
                data = f"{job.format} {job.max_side} ".encode() + job.data
                return JobResult(data, MEDIA_TYPES[job.format], {}, "single", "cpu", 0.25)
            case PreviewJob():
                return draw(job)
            case ScoresJob():
                meta = {"cell": 32, "rows": 1, "columns": 1}
                return JobResult(b"5", "", meta, "single", "cpu", 0.1)
            case EncodeJob():
                meta = {"notes": ["turned upright — as its EXIF says"]}
                return JobResult(sdz_file(), "application/x-sdz", meta, "tiles", "cuda", 1.5)
            case LoadJob() | UnloadJob():
                return JobResult(b"", "", {}, "single", "cpu", 0.1)
        raise AssertionError(job)

    def status(self) -> EngineStatus:
        nobody = {"view": 0, "encode": 0, "background": 0}
        return EngineStatus("stopped", None, None, (), (), nobody, nobody, Counters())

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        self.subscribers.append(callback)
        return lambda: self.subscribers.remove(callback)

    def tell(self, event: Event) -> None:
        for callback in self.subscribers:
            callback(event)
