"""``Engine``: jobs in, results out, on the asynchronous side.

Ties callers to tickets; the scheduler says which ticket is next, the lanes have them done.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar, get_args

from sdz.engine.flight import Ending, Listeners
from sdz.engine.jobs import (
    NO_MEDIA_TYPE,
    DecodeJob,
    EncodeJob,
    Job,
    JobResult,
    PreviewJob,
    Priority,
    ScoresJob,
    UnloadJob,
)
from sdz.engine.lane import Lane
from sdz.engine.scheduler import Scheduler
from sdz.engine.settings import EngineConfig, LaneName
from sdz.engine.status import Counters, EngineStatus, Event, State
from sdz.engine.tickets import Ticket, together
from sdz.errors import DeadlinePassed, EngineStopped, SdzError
from sdz.progress import Hear, Progress

Told = TypeVar("Told")

_LOG: Final = logging.getLogger(__name__)
_WITH_DATA: Final = (DecodeJob, PreviewJob, ScoresJob, EncodeJob)
_LIVELINESS: Final[tuple[State, ...]] = ("ready", "draining", "starting", "stopped")


@dataclass(eq=False, slots=True)
class _Waiter:
    """A caller: where the result goes, and whom progress is told."""

    future: asyncio.Future[JobResult]
    deadline_s: float | None
    on_progress: Hear | None


class Engine:
    """Runs jobs in child processes that come with the work and go when there is none.

    command: the program of the children instead of the product's own, for tests.
    """

    def __init__(
        self,
        config: EngineConfig | None = None,
        *,
        command: Sequence[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config or EngineConfig()
        self._clock = clock
        self._counters = Counters()
        self._scheduler = Scheduler(self._config.queue_limit, self._config.queue_bytes, clock)
        self._waiters: dict[int, list[_Waiter]] = {}
        self._subscribers: list[Callable[[Event], None]] = []
        self._open = False
        self._tasks: list[asyncio.Task[None]] = []
        self._cancels: set[asyncio.Task[None]] = set()
        listeners = Listeners(self._on_ended, self._on_progress, self._publish)
        self._lanes = {
            name: Lane(
                name, self._config, self._scheduler, clock, command, listeners, self._counters
            )
            for name in get_args(LaneName)
        }

    async def __aenter__(self) -> Self:
        self._open = True
        self._tasks = [
            asyncio.create_task(lane.run(), name=f"engine-{lane.name}")
            for lane in self._lanes.values()
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self, within_s: float | None = None) -> None:
        """Refuse what waits, let what runs end within that time (None: ``stop_timeout_s``), and the
        processes with it: what is left of them is killed then."""
        self._open = False
        for ticket in self._scheduler.drain():
            self._on_ended(ticket, EngineStopped())
        if not self._tasks:
            return
        for lane, task in zip(self._lanes.values(), self._tasks, strict=True):
            starting = lane.process().state == "starting"
            lane.stop()
            if starting:
                task.cancel()
        timeout_s = self._config.stop_timeout_s if within_s is None else within_s
        _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
        for lane, task in zip(self._lanes.values(), self._tasks, strict=True):
            if task in late:
                lane.kill()
                task.cancel()
        await asyncio.gather(*self._tasks, *self._cancels, return_exceptions=True)
        for waiters in list(self._waiters.values()):
            _fail(waiters, EngineStopped())
        self._tasks = []

    async def run(
        self,
        job: Job,
        *,
        priority: Priority | None = None,
        deadline_s: float | None = None,
        key: Hashable | None = None,
        on_progress: Hear | None = None,
    ) -> JobResult:
        """Have ``job`` done.

        priority: by default VIEW, of an encode ENCODE. deadline_s: seconds until the caller
        loses interest. key: jobs of equal key that wait or run at the same time are done once,
        for all who asked. Cancelling the caller takes the job out of the queue, or stops it at
        its next tile, unless others wait for it too.

        Raises QueueFull, DeadlinePassed, EngineCrashed, EngineStopped, OutOfMemory, DeviceMissing,
        FormatError (before any process is started, where the header shows it), and what encoding
        and models raise: ImageError, EncodeError, ModelError.
        """
        if not self._open:
            raise EngineStopped
        if isinstance(job, UnloadJob):
            return await self._unload(job)
        if priority is None:
            priority = Priority.ENCODE if isinstance(job, EncodeJob) else Priority.VIEW
        return await self._submit(job, priority, deadline_s, key, on_progress)

    async def _submit(
        self,
        job: Job,
        priority: Priority,
        deadline_s: float | None = None,
        key: Hashable | None = None,
        on_progress: Hear | None = None,
        **where: Any,
    ) -> JobResult:
        alike, pixels = together(job)
        ticket = self._scheduler.submit(
            job,
            priority,
            key=key,
            size=len(job.data) if isinstance(job, _WITH_DATA) else 0,
            together=alike,
            pixels=pixels,
            deadline=None if deadline_s is None else self._clock() + deadline_s,
            **where,
        )
        waiter = _Waiter(asyncio.get_running_loop().create_future(), deadline_s, on_progress)
        shared = self._waiters.setdefault(ticket.number, [])
        self._counters.joined += bool(shared)
        shared.append(waiter)
        self._wake_all()
        try:
            async with asyncio.timeout(deadline_s):
                return await waiter.future
        except TimeoutError:
            self._counters.failed += 1
            raise DeadlinePassed(deadline_s or 0) from None
        except asyncio.CancelledError:
            self._counters.cancelled += 1
            raise
        finally:
            self._leave(ticket, waiter)

    def _leave(self, ticket: Ticket, waiter: _Waiter) -> None:
        waiters = self._waiters.get(ticket.number, [])
        if waiter in waiters:
            waiters.remove(waiter)
        if not waiters:
            self._waiters.pop(ticket.number, None)
        was_last = self._scheduler.leave(ticket)
        self._wake_all()
        if was_last:
            task = asyncio.create_task(self._lanes[ticket.lane].give_up(ticket))
            self._cancels.add(task)
            task.add_done_callback(self._cancels.discard)

    async def _unload(self, job: UnloadJob) -> JobResult:
        """Unload from every process there is; none is started for it."""
        owners = [lane for lane in self._lanes.values() if lane.name != "glance"]
        lanes = [lane.name for lane in owners if lane.has_child()]
        results = await asyncio.gather(
            *(self._submit(job, Priority.VIEW, lane=lane) for lane in lanes)
        )
        unloaded = any(result.meta["unloaded"] for result in results)
        meta = {"model": job.model, "unloaded": unloaded}
        seconds = max((result.seconds for result in results), default=0.0)
        return JobResult(b"", NO_MEDIA_TYPE, meta, "single", "", seconds)

    def _wake_all(self) -> None:
        """Somebody has come or gone: some lanes rest for the others."""
        for lane in self._lanes.values():
            lane.wake()

    # --- from the lanes -----------------------------------------------------------------------

    def _on_ended(self, ticket: Ticket, ending: Ending) -> None:
        """A ticket has ended: tell all who wait for it."""
        waiters = self._waiters.pop(ticket.number, [])
        self._wake_all()
        if isinstance(ending, SdzError):
            self._counters.failed += bool(waiters)
            _fail(waiters, ending)
            return
        self._counters.jobs += 1
        rungs = self._counters.rungs
        rungs[ending.rung] = rungs.get(ending.rung, 0) + 1
        for waiter in waiters:
            if not waiter.future.done():
                waiter.future.set_result(ending)

    def _on_progress(self, ticket: Ticket, progress: Progress) -> None:
        for waiter in self._waiters.get(ticket.number, []):
            if waiter.on_progress is not None:
                _call(waiter.on_progress, progress)

    # --- watching -----------------------------------------------------------------------------

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``callback`` at every change, in the event loop. Returns what ends that."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def _publish(self, event: Event) -> None:
        for callback in list(self._subscribers):
            _call(callback, event)

    def status(self) -> EngineStatus:
        """How things stand."""
        processes = tuple(lane.process() for lane in self._lanes.values())
        owners = [process for process in processes if process.lane != "glance"]  # of models
        liveliest = min(owners, key=lambda process: _LIVELINESS.index(process.state))
        return EngineStatus(
            state=liveliest.state,
            pid=liveliest.pid,
            device=liveliest.device,
            processes=processes,
            models=tuple(model for lane in self._lanes.values() for model in lane.models()),
            queued=self._scheduler.queued_by_priority(),
            running=self._scheduler.running_by_priority(),
            counters=self._counters.copy(),
        )


def _fail(waiters: list[_Waiter], error: SdzError) -> None:
    for waiter in waiters:
        if waiter.future.done():
            continue
        if isinstance(error, DeadlinePassed):
            waiter.future.set_exception(DeadlinePassed(waiter.deadline_s or 0))
        else:
            waiter.future.set_exception(error)


def _call(callback: Callable[[Told], object], told: Told) -> None:
    """Call somebody else's function; what goes wrong there is not to stop the engine."""
    try:
        callback(told)
    except Exception:
        _LOG.exception("a listener of the engine")
