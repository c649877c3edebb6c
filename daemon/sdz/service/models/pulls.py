"""Pulls of models: work that outlives its request; begun, watched, cancelled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from aiohttp import web

from sdz import children, undisturbed
from sdz.service.jobs.book import Failed, JobBook, Tell
from sdz.service.jobs.shapes import JobView

Report = Callable[[int, int], None]
"""Is told the bytes that have come, and those of the whole."""
Failure = tuple[str, str]
"""A stable code, and words for people."""
Pull = Callable[[str, Report], Awaitable[Failure | None]]
"""Fetches a model. Returns how that failed, where it does not raise it; None: it is there."""


async def pull_apart(model: str, report: Report) -> Failure | None:
    """Fetch ``model`` in a process of its own: the hub's client stays out of the daemon's memory,
    and cancelling means ending the process. What has arrived is kept for the next try."""
    process = await undisturbed.begin(
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
        await undisturbed.finish(process)


class PullBook:
    """The pulls among the jobs of this run of the daemon."""

    def __init__(self, jobs: JobBook, pull: Pull = pull_apart) -> None:
        self._jobs, self._pull = jobs, pull

    def begin(self, model: str) -> JobView:
        """Begin to fetch a model, or find the job that does already."""
        return self._jobs.running("pull", model) or self._jobs.begin(
            "pull", model, partial(self._run, model)
        )

    async def _run(self, model: str, tell: Tell) -> Failed | None:
        def report(done: int, total: int) -> None:
            tell(done=done, total=total, share=done / total if total else 0.0)

        failure = await self._pull(model, report)
        return None if failure is None else Failed(*failure)


PULLS: Final = web.AppKey("pulls", PullBook)
