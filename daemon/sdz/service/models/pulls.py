"""Pulls of models: work that outlives its request; begun, watched, cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from sdz import children
from sdz.errors import NoSuchJob, SdzError
from sdz.service.models.shapes import JobState, JobView

KEPT: Final = 100
"""Finished pulls that can still be asked about."""

Report = Callable[[int, int], None]
"""Is told the bytes that have come, and those of the whole."""
Failure = tuple[str, str]
"""A stable code, and words for people."""
Pull = Callable[[str, Report], Awaitable[Failure | None]]
"""Fetches a model. Returns how that failed, where it does not raise it; None: it is there."""


async def pull_apart(model: str, report: Report) -> Failure | None:
    """Fetch ``model`` in a process of its own: the hub's client stays out of the daemon's memory,
    and cancelling means ending the process. What has arrived is kept for the next try."""
    process = await asyncio.create_subprocess_exec(
        *children.program("sdz.service.models.pull_worker"),
        model,
        cwd=children.WORKING_FOLDER,
        env=children.environment(),
        **children.apart(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        failure = ("internal-error", "the process that fetches ended unasked")
        async for line in process.stdout:
            said = json.loads(line)
            if "done" in said:
                report(said["done"], said["total"])
            else:
                failure = (said["error"], said["detail"])
        return failure if await process.wait() else None
    finally:
        await children.finish(process)


class PullBook:
    """The pulls of this run of the daemon. ``publish`` is told each change."""

    def __init__(
        self, publish: Callable[[str, dict[str, Any]], None], pull: Pull = pull_apart
    ) -> None:
        self._publish, self._pull = publish, pull
        self._views: dict[str, JobView] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, model: str) -> JobView:
        """Begin to fetch a model, or find the job that does already."""
        for view in self._views.values():
            if (view.subject, view.state) == (model, "running"):
                return view
        view = JobView(
            secrets.token_hex(8), "pull", model, "running", 0, 0, None, None, _now(), None
        )
        self._change(view)
        self._tasks[view.id] = asyncio.create_task(self._run(view.id, model))
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

    async def _run(self, job: str, model: str) -> None:
        def report(done: int, total: int) -> None:
            self._change(replace(self._views[job], done=done, total=total))

        try:
            failure = await self._pull(model, report)
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


PULLS: Final = web.AppKey("pulls", PullBook)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
