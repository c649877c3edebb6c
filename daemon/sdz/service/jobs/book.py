"""The jobs of this run of the daemon, whatever they do."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from sdz.errors import NoSuchJob, SdzError
from sdz.service.jobs.shapes import JobState, JobView

KEPT: Final = 100
"""Jobs that have ended and can still be asked about."""
RESULT_KEPT_S: Final = 600.0
"""How long a result is kept that nobody asks about; it may be fetched as often as one likes."""
RESULTS_BYTES: Final = 256 << 20
"""How much all results may have together; the oldest go first."""
UNASKED_S: Final = 120.0
"""After how long without a question a job ends that is done for whoever asks about it."""
SWEEP_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a job made: bytes, their media type, and headers for who fetches them."""

    data: bytes = field(repr=False)
    media_type: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Failed:
    """How a job failed, where it does not raise it: a stable code, and words for people."""

    error: str
    detail: str


Tell = Callable[..., None]
"""Takes what has changed of a ``JobView``, by name."""
Work = Callable[[Tell], Awaitable[Result | Failed | None]]


@dataclass(slots=True)
class _Job:
    view: JobView
    asked_s: float
    attended: bool
    once: bool = False
    source: bytes | None = None
    task: asyncio.Task[None] | None = None
    result: Result | None = None
    ended_s: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class JobBook:
    """``publish`` is told each change."""

    def __init__(
        self,
        publish: Callable[[str, dict[str, Any]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._publish, self._clock = publish, clock
        self._jobs: dict[str, _Job] = {}

    def begin(
        self,
        kind: str,
        subject: str,
        work: Work,
        *,
        attended: bool = False,
        once: bool = False,
        source: bytes | None = None,
    ) -> JobView:
        """Begin some work. attended: it ends when nobody has asked about it for long. once: it is
        forgotten when its result was fetched. source: what it is made of, kept as long as its
        result.
        """
        self.sweep()
        job = secrets.token_hex(8)
        view = JobView(job, kind, subject, "running", 0, 0, None, None, _now(), None)
        kept = self._jobs[job] = _Job(view, self._clock(), attended, once, source)
        self._publish("job", asdict(view))
        kept.task = asyncio.create_task(self._run(job, work))
        return view

    def running(self, kind: str, subject: str) -> JobView | None:
        """The job that does this already."""
        for job in self._jobs.values():
            view = job.view
            if (view.kind, view.subject, view.state) == (kind, subject, "running"):
                return view
        return None

    def get(self, job: str) -> JobView:
        """Raises NoSuchJob."""
        return self._find(job).view

    def ask(self, job: str) -> JobView:
        """As ``get``, by somebody who wants the job. Raises NoSuchJob."""
        found = self._find(job)
        found.asked_s = self._clock()
        return found.view

    def result(self, job: str) -> Result:
        """What it made. Raises NoSuchJob, also where it made nothing that is still kept."""
        found = self._find(job)
        if found.result is None:
            raise NoSuchJob(job[:40])
        if found.once:
            del self._jobs[job]
        return found.result

    def source(self, job: str) -> bytes:
        """What it is made of. Raises NoSuchJob, also where that was not to be kept."""
        found = self._find(job)
        if found.source is None:
            raise NoSuchJob(job[:40])
        found.asked_s = self._clock()
        return found.source

    def all(self) -> list[JobView]:
        """Oldest first."""
        return [job.view for job in self._jobs.values()]

    async def wait(self, job: str, seconds: float) -> JobView:
        """The job when it has ended, or after so many seconds. Raises NoSuchJob."""
        found = self._find(job)
        self.ask(job)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await found.ended.wait()
        found.asked_s = self._clock()
        return found.view

    async def cancel(self, job: str) -> JobView:
        """End a job; one that has ended stays as it is. Raises NoSuchJob."""
        task = self._find(job).task
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        return self._find(job).view

    async def close(self) -> None:
        """Cancel what runs."""
        for job in list(self._jobs):
            if job in self._jobs:
                await self.cancel(job)

    async def tend(self) -> None:
        """Sweep now and then, for ever."""
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep()

    def sweep(self) -> None:
        """End what nobody waits for any more, and let go of results nobody has fetched."""
        now = self._clock()
        held = 0
        for job in reversed(list(self._jobs.values())):
            if job.view.state == "running":
                if job.attended and now - job.asked_s > UNASKED_S and job.task is not None:
                    job.task.cancel()
            elif job.result is not None:
                held += len(job.result.data) + len(job.source or b"")
                if held > RESULTS_BYTES or now - max(job.ended_s, job.asked_s) > RESULT_KEPT_S:
                    job.result = job.source = None
                    self._change(job, result=False)
            else:
                job.source = None

    def _find(self, job: str) -> _Job:
        if job not in self._jobs:
            raise NoSuchJob(job[:40])
        return self._jobs[job]

    async def _run(self, number: str, work: Work) -> None:
        job = self._jobs[number]
        try:
            made = await work(lambda **changes: self._change(job, **changes))
        except asyncio.CancelledError:
            self._end(job, "cancelled")
        except SdzError as error:
            self._end(job, "failed", error.code, str(error))
        except Exception as error:  # a fault of ours is a failed job, not a silent one
            self._end(job, "failed", "internal-error", type(error).__name__)
        else:
            if isinstance(made, Failed):
                self._end(job, "failed", made.error, made.detail)
            else:
                job.result = made
                self._end(job, "done")

    def _end(
        self, job: _Job, state: JobState, error: str | None = None, detail: str | None = None
    ) -> None:
        job.task, job.ended_s = None, self._clock()
        share = 1.0 if state == "done" else job.view.share
        self._change(
            job,
            state=state,
            error=error,
            detail=detail,
            ended=_now(),
            share=share,
            left_s=None,
            result=job.result is not None,
        )
        job.ended.set()
        over = [number for number, one in self._jobs.items() if one.view.state != "running"]
        for forgotten in over[:-KEPT]:
            del self._jobs[forgotten]

    def _change(self, job: _Job, **changes: Any) -> None:
        job.view = replace(job.view, **changes)
        self._publish("job", asdict(job.view))


JOBS: Final = web.AppKey("jobs", JobBook)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
