"""Work that outlives its request: begun, watched, cancelled; so far the pulls of models."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sdz.errors import NoSuchJob, SdzError

KEPT: Final = 100
"""Finished jobs that can still be asked about."""

JobState = Literal["running", "done", "failed", "cancelled"]
Report = Callable[[int, int], None]
Failure = tuple[str, str]
"""A stable code, and words for people."""
Work = Callable[[Report], Awaitable[Failure | None]]
"""Returns how it failed, where it does not raise that; None: it is done."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job at one moment. ``done`` and ``total``: bytes; ``error``: a stable code, or null."""

    id: str
    kind: str
    subject: str
    state: JobState
    done: int
    total: int
    error: str | None
    detail: str | None
    begun: str
    ended: str | None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class JobBook:
    """The jobs of this run of the daemon. ``publish`` is told each change."""

    def __init__(self, publish: Callable[[str, dict[str, Any]], None]) -> None:
        self._publish = publish
        self._views: dict[str, JobView] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, kind: str, subject: str, work: Work) -> JobView:
        """Start ``work``, or find the job that does the same already."""
        for view in self._views.values():
            if (view.kind, view.subject, view.state) == (kind, subject, "running"):
                return view
        view = JobView(
            secrets.token_hex(8), kind, subject, "running", 0, 0, None, None, _now(), None
        )
        self._change(view)
        self._tasks[view.id] = asyncio.create_task(self._run(view.id, work))
        return view

    def get(self, job: str) -> JobView:
        """Raises NoSuchJob."""
        if job not in self._views:
            raise NoSuchJob(job[:40])
        return self._views[job]

    def all(self) -> list[JobView]:
        """Oldest first."""
        return list(self._views.values())

    async def cancel(self, job: str) -> JobView:
        """End a job; one that has ended stays as it is. Raises NoSuchJob."""
        self.get(job)
        task = self._tasks.get(job)
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        return self.get(job)

    async def close(self) -> None:
        """Cancel what runs."""
        for job in list(self._tasks):
            await self.cancel(job)

    async def _run(self, job: str, work: Work) -> None:
        def report(done: int, total: int) -> None:
            self._change(replace(self._views[job], done=done, total=total))

        try:
            failure = await work(report)
        except asyncio.CancelledError:
            self._end(job, "cancelled")
        except SdzError as error:
            self._end(job, "failed", error.code, str(error))
        except Exception as error:  # a fault of ours is a failed job, not a silent one
            self._end(job, "failed", "internal-error", type(error).__name__)
        else:
            if failure is None:
                self._end(job, "done")
            else:
                self._end(job, "failed", *failure)

    def _end(
        self, job: str, state: JobState, error: str | None = None, detail: str | None = None
    ) -> None:
        self._tasks.pop(job, None)
        view = self._views[job]
        self._change(replace(view, state=state, error=error, detail=detail, ended=_now()))
        ended = [view.id for view in self._views.values() if view.state != "running"]
        for forgotten in ended[:-KEPT]:
            del self._views[forgotten]

    def _change(self, view: JobView) -> None:
        self._views[view.id] = view
        self._publish("job", asdict(view))
