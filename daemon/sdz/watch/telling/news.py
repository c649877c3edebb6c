"""What a watched folder tells, as events that a thousand pictures do not make a flood of.

At most one event a second and folder: how it stands, and the files that were finished since the
last one. Failures come first where they do not all fit.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from sdz.watch.telling.report import FolderStatus, WatchEvent

LOG: Final = logging.getLogger("sdz.watch")
PAUSE_S: Final = 1.0
MOST_FILES: Final = 20

_FINISHED: Final = ("bad", "failed", "refused", "done")  # what is told first of too many


class News:
    """Gathers one folder's events.

    status: how the folder stands, asked for in a thread. publish: is given both every time.
    """

    def __init__(
        self,
        status: Callable[[], FolderStatus],
        publish: Callable[[FolderStatus, dict[str, Any]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._status, self._publish = status, publish
        self._clock, self._sleep = clock, sleep
        self._files: list[WatchEvent] = []
        self._told = -PAUSE_S
        self._task: asyncio.Task[None] | None = None
        self._more = False

    def on_event(self, event: WatchEvent) -> None:
        """One thing that happened; in the loop's thread."""
        if event.kind in _FINISHED:
            self._files.append(event)
        self.again()

    def again(self) -> None:
        """How the folder stands has changed; in the loop's thread."""
        self._more = True
        if self._task is None:
            self._task = asyncio.create_task(self._publish_all())

    async def close(self) -> None:
        """Tell nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _publish_all(self) -> None:
        try:
            while self._more:
                await self._sleep(max(0.0, self._told + PAUSE_S - self._clock()))
                self._more = False
                files, self._files = self._files, []
                self._told = self._clock()
                try:
                    status = await asyncio.to_thread(self._status)
                    self._publish(status, _files_of(files))
                except Exception:  # the watch goes on, told of or not
                    LOG.exception("news of a watched folder")
        finally:
            self._task = None


def _files_of(events: list[WatchEvent]) -> dict[str, Any]:
    """The members of an event that are about files."""
    last = {event.path: event for event in events}  # of a file that failed and was done: the last
    ranked = sorted(last.values(), key=lambda event: _FINISHED.index(event.kind))
    rows = [
        {
            "path": shown(event.path or event.root),
            "state": event.kind,
            "code": event.code,
            "reason": event.reason,
            "bytes_before": event.bytes_before,
            "bytes_after": event.bytes_after,
        }
        for event in ranked[:MOST_FILES]
    ]
    return {"files": rows, "left_out": len(ranked) - len(rows)}


def shown(path: object) -> str:
    """A path as text that can be written as JSON: names of files are any bytes."""
    return str(path).encode("utf-8", "backslashreplace").decode()
