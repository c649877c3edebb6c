"""Files under way: claimed, converted, and what became of them told to the journal."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from sdz.watch.inbox import FileEnded, PathChanged, Post
from sdz.watch.journal.rows import FileRow, State
from sdz.watch.looking.health import Pause, Trouble
from sdz.watch.telling.report import FolderState, WatchEvent
from sdz.watch.work import Work
from sdz.watch.writing.convert import Converter, Output
from sdz.watch.writing.verdict import Verdict, judge

LOG: Final = logging.getLogger("sdz.watch")
T = TypeVar("T")
NOTE_AGAIN_S: Final = 1.0


@dataclass(slots=True)
class Totals:
    """What was done since the start."""

    done: int = 0
    bytes_before: int = 0
    bytes_after: int = 0


class Workers:
    """At most ``options.jobs`` files at once. post: is told when one has ended, and where to look
    again. To be used from one event loop.
    """

    def __init__(self, work: Work, pause: Pause, post: Post) -> None:
        self._work, self._pause, self._post = work, pause, post
        self._converter = Converter(work)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._now = 0.0  # at the last look
        self.totals = Totals()
        self.read_only: Trouble | None = None

    @property
    def busy(self) -> bool:
        """Whether files are under way."""
        return bool(self._under_way)

    def start(self) -> None:
        """Begin with as many files as are due and there is room for."""
        options, due = self._work.options, self._work.journal.due
        room = options.jobs - len(self._under_way)
        if room <= 0 or not self._pause.over:
            return
        now = self._work.clock()
        if now < self._now:
            due.clock_set_back(options.root, now, options.settle_s)
        self._now = now
        for row in due.next(options.root, now, room, self._under_way):
            if due.claim(row, options.digest, now):
                task = asyncio.create_task(self._convert(row))
                self._under_way[row.id] = task
                task.add_done_callback(partial(self._ended, row.id))

    def _ended(self, number: int, _: asyncio.Task[None]) -> None:
        self._under_way.pop(number, None)
        self._post(FileEnded())

    async def wait(self) -> None:
        """Until one of the files under way has ended."""
        if self._under_way:
            tasks = list(self._under_way.values())
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    async def cancel(self) -> None:
        """End all files under way; those that were not done wait for the next watcher."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def resume(self, rows: list[FileRow]) -> None:
        """Take up what a killed watcher left under way."""
        for row in rows:
            self._resumed(row, await asyncio.to_thread(self._recover, row))

    def _recover(self, row: FileRow) -> Output | None:
        try:
            return self._converter.resume(row)
        except Exception as error:
            LOG.warning("after a restart: %s: %s", row.path, error)
            return None

    def _resumed(self, row: FileRow, made: Output | None) -> None:
        if made is not None:
            self._done(row, made)
        else:
            now = self._work.clock()
            self._work.journal.due.finish(row, State.WAITING, now, not_before=now)

    async def _convert(self, row: FileRow) -> None:
        self._work.publish(WatchEvent("started", row.root, row.path, State.RUNNING))
        try:
            made = await self._converter.convert(row)
        except asyncio.CancelledError:
            # It may have been cancelled between the link and here: what does the journal say now?
            now = self._work.journal.files.get(row.root, row.id)
            if now is not None:
                self._resumed(now, self._recover(now))
            raise
        except Exception as error:
            await self._until_noted(self._failed, row, error)
        else:
            await self._until_noted(self._done, row, made)

    async def _until_noted(
        self, note: Callable[[FileRow, T], None], row: FileRow, came_of_it: T
    ) -> None:
        """Note it, however long the journal's disk is full: else nobody would end this file."""
        while True:
            try:
                return note(row, came_of_it)
            except OSError as error:
                self._pause.begin(FolderState.DISK_FULL, f"the journal: {error.strerror}")
                await asyncio.sleep(NOTE_AGAIN_S)

    def _done(self, row: FileRow, made: Output) -> None:
        now = self._work.clock()
        known = self._work.journal.due.finish(
            row,
            State.DONE,
            now,
            attempts=0,
            code="trash-failed" if made.kept_because else "",
            reason=made.kept_because,
            output=os.fsencode(made.path),
            bytes_after=made.bytes_after,
            source_hash=made.source_hash,
        )
        self._pause.end()
        self.read_only = None
        if not known:  # the source has changed since; the new version has its own turn
            self._post(PathChanged(os.fspath(row.path)))
            return
        self.totals.done += 1
        self.totals.bytes_before += row.bytes_before
        self.totals.bytes_after += made.bytes_after
        sizes = row.bytes_before, made.bytes_after
        why = made.kept_because
        self._work.publish(
            WatchEvent(
                "done", row.root, row.path, State.DONE, why, *sizes, made.path, notes=made.notes
            )
        )

    def _failed(self, row: FileRow, error: Exception) -> None:
        now = self._work.clock()
        verdict = judge(error, row, now, self._work.options.settle_s, self._work.chance())
        if verdict.code == "internal-error":
            LOG.error("%s: %s", row.path, verdict.reason, exc_info=error)
        if verdict.pauses and verdict.folder is not None:
            self._pause.begin(verdict.folder, verdict.reason)
        elif verdict.folder is FolderState.READ_ONLY:
            self.read_only = Trouble(verdict.folder, verdict.reason)
        self._work.journal.due.finish(row, verdict.state, now, **_columns(row, verdict, now))
        if verdict.code == "source-changed":
            self._post(PathChanged(os.fspath(row.path)))
        kind = "waiting" if verdict.state is State.SETTLING else str(verdict.state)
        self._work.publish(
            WatchEvent(kind, row.root, row.path, verdict.state, verdict.reason, code=verdict.code)
        )


def _columns(row: FileRow, verdict: Verdict, now: float) -> dict[str, Any]:
    return {
        "code": verdict.code,
        "reason": verdict.reason,
        "not_before": now + verdict.delay_s,
        "attempts": row.attempts + 1 if verdict.counts else row.attempts,
    }
