"""The engine of the tests: what happens in it, and jobs that have got somewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sdz.engine import DecodeJob, Engine, EngineConfig, Event, Job, Progress

Tell = Callable[..., DecodeJob]
FOR_EVER = EngineConfig(keep_alive_s=-1)
AT_ONCE = EngineConfig(keep_alive_s=0)


class Happening:
    """Collects an engine's events; ``until`` waits for one of a kind."""

    def __init__(self, engine: Engine) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()
        engine.subscribe(self._hear)

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    async def until(self, kind: str) -> Event:
        async with asyncio.timeout(20):
            while kind not in self.kinds():
                self._news.clear()
                await self._news.wait()
        return next(event for event in self.events if event.kind == kind)


class Running:
    """A job that has reached its first tile."""

    def __init__(self, engine: Engine, job: Job, **options: Any) -> None:
        self.reached: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(
            engine.run(job, on_progress=self._at, **options)  # type: ignore[arg-type]
        )

    def _at(self, progress: Progress) -> None:
        if not self.reached.done():
            self.reached.set_result(progress)

    async def start(self) -> Running:
        async with asyncio.timeout(20):
            await self.reached
        return self


async def within(awaitable: Awaitable[Any]) -> Any:
    async with asyncio.timeout(20):
        return await awaitable
