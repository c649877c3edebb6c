"""Making by an engine: behind everybody else, and never out of patience."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from sdz.errors import QueueFull, SdzError
from sdz.making.maker import Made
from sdz.progress import Hear, Progress, hand_on, listener

if TYPE_CHECKING:
    from sdz.engine.jobs import Job, JobResult, Priority
    from sdz.wish import Wish

DOT: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415478da63606060000000040001c8eaebf90000000049454e44ae426082"
)
"""A PNG of one pixel."""

WAITING: Final = "waiting for its turn"

JITTER: Final = (1.0, 1.5)
"""Who was told to come again comes that many times later, so that not all come at once."""


class RunsJobs(Protocol):
    """What is asked of ``sdz.engine.Engine``."""

    async def run(
        self,
        job: Job,
        *,
        priority: Priority = ...,
        on_progress: Hear | None = None,
    ) -> JobResult:
        """Do a job; cancelling the caller cancels it."""


class EngineMaker:
    """Makes by an engine at background priority.

    at_once: pictures that may be with the engine at the same time, of all folders together. As
    many as it encodes side by side keep it busy; more would only wait there, each with its bytes in
    memory, and make an encode that somebody asked for find the queue full.
    """

    def __init__(
        self,
        engine: RunsJobs,
        at_once: int = 2,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._engine, self._sleep = engine, sleep
        self._room = asyncio.Semaphore(at_once)

    async def make(self, data: bytes, wish: Wish) -> Made:
        """See ``Maker``. A full queue is waited for, however long.

        Raises what ``Engine.run`` raises but QueueFull.
        """
        hand_on(Progress(WAITING))
        return await self._make(data, wish, listener())

    async def _make(self, data: bytes, wish: Wish, hear: Hear | None) -> Made:
        from sdz.engine.jobs import EncodeJob, Priority

        job = EncodeJob(data, wish)
        async with self._room:
            while True:
                try:
                    result = await self._engine.run(
                        job, priority=Priority.BACKGROUND, on_progress=hear
                    )
                    return Made(result.data, tuple(result.meta.get("notes", ())))
                except QueueFull as full:
                    await self._sleep(full.retry_after_s * random.uniform(*JITTER))

    async def warm(self, model: str) -> None:
        """Have the process started and the model loaded, by a picture of one pixel.

        A LoadJob is for those who view, and so for another process. What goes wrong is left to
        the first picture to say.
        """
        from sdz.wish import Wish

        with suppress(SdzError):
            await self._make(DOT, Wish(model, quality=20.0, allow_larger=True), None)
