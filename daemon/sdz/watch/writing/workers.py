"""Files under way: claimed, converted, and what became of them told to the journal."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import FileRow, State
from sdz.watch.looking.health import Pause, Trouble
from sdz.watch.telling.report import FolderState, Publish, WatchEvent
from sdz.watch.writing.convert import Converter, Output
from sdz.watch.writing.verdict import Verdict, judge

LOG: Final = logging.getLogger("sdz.watch")
TELL_AGAIN_S: Final = 1.0


@dataclass(slots=True)
class Totals:
    """What was done since the start."""

    done: int = 0
    bytes_before: int = 0
    bytes_after: int = 0


class Workers:
    """At most ``options.jobs`` files at once. ``look``: is given paths to look at again; ``wake``
    is called when one has ended. To be used from one event loop.
    """

    def __init__(
        self,
        converter: Converter,
        journal: Journal,
        pause: Pause,
        *,
        clock: Callable[[], float],
        chance: Callable[[], float],
        publish: Publish,
        look: Callable[[str], None],
    ) -> None:
        self._converter, self._journal, self._pause = converter, journal, pause
        self._clock, self._chance, self._publish, self._look = clock, chance, publish, look
        self._options = converter.options
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self.totals = Totals()
        self.read_only: Trouble | None = None

    @property
    def busy(self) -> bool:
        """Whether files are under way."""
        return bool(self._under_way)

    def start(self, wake: Callable[[], None]) -> int:
        """Begin with as many files as are due and there is room for; how many."""
        if not self._pause.over:
            return 0
        room = self._options.jobs - len(self._under_way)
        if room <= 0:
            return 0
        started = 0
        root, now = self._options.root, self._clock()
        for row in self._journal.due.next(root, now, room, self._under_way):
            if not self._journal.due.claim(row, self._options.digest, now):
                continue
            task = asyncio.create_task(self._work(row))
            self._under_way[row.id] = task

            def ended(_: object, number: int = row.id) -> None:
                self._under_way.pop(number, None)
                wake()

            task.add_done_callback(ended)
            started += 1
        return started

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

    def resume(self, rows: list[FileRow]) -> None:
        """Look at what a killed watcher left under way. Runs in a thread."""
        for row in rows:
            try:
                made = self._converter.resume(row)
            except Exception as error:
                LOG.warning("after a restart: %s: %s", row.path, error)
                made = None
            if made is not None:
                self._done(row, made)
            else:
                now = self._clock()
                self._journal.due.finish(row, State.WAITING, now, not_before=now)

    async def _work(self, row: FileRow) -> None:
        self._publish(WatchEvent("started", row.root, row.path, State.RUNNING))
        try:
            made = await self._converter.convert(row)
        except asyncio.CancelledError:
            # It may have been cancelled between the link and here: what does the journal say now?
            now = self._journal.files.get(row.root, row.id)
            self.resume([now] if now is not None else [])
            raise
        except Exception as error:
            await self._until_told(self._failed, row, error)
        else:
            await self._until_told(self._done, row, made)

    async def _until_told(
        self, tell: Callable[[FileRow, Any], None], row: FileRow, it: Any
    ) -> None:
        """Tell the journal, however long its disk is full: else nobody would end this file."""
        while True:
            try:
                return tell(row, it)
            except OSError as error:
                self._pause.begin(FolderState.DISK_FULL, f"the journal: {error.strerror}")
                await asyncio.sleep(TELL_AGAIN_S)

    def _done(self, row: FileRow, made: Output) -> None:
        now = self._clock()
        known = self._journal.due.finish(
            row,
            State.DONE,
            now,
            attempts=0,
            code="trash-failed" if made.kept_because else "",
            reason=made.kept_because,
            output=os.fsencode(made.output),
            bytes_after=made.bytes_after,
            source_hash=made.source_hash,
        )
        self._pause.end()
        self.read_only = None
        if not known:  # the source has changed since; the new version has its own turn
            self._look(os.fspath(row.path))
            return
        self.totals.done += 1
        self.totals.bytes_before += row.bytes_before
        self.totals.bytes_after += made.bytes_after
        self._publish(
            WatchEvent(
                "done",
                row.root,
                row.path,
                State.DONE,
                made.kept_because,
                row.bytes_before,
                made.bytes_after,
                made.output,
            )
        )

    def _failed(self, row: FileRow, error: Exception) -> None:
        now = self._clock()
        verdict = judge(error, row, now, self._options.settle_s, self._chance())
        if verdict.code == "internal-error":
            LOG.error("%s: %s", row.path, verdict.reason, exc_info=error)
        if verdict.pauses and verdict.folder is not None:
            self._pause.begin(verdict.folder, verdict.reason)
        elif verdict.folder is FolderState.READ_ONLY:
            self.read_only = Trouble(verdict.folder, verdict.reason)
        self._journal.due.finish(row, verdict.state, now, **_columns(row, verdict, now))
        if verdict.code == "source-changed":
            self._look(os.fspath(row.path))
        kind = "waiting" if verdict.state is State.SETTLING else str(verdict.state)
        self._publish(
            WatchEvent(kind, row.root, row.path, verdict.state, verdict.reason, code=verdict.code)
        )


def _columns(row: FileRow, verdict: Verdict, now: float) -> dict[str, Any]:
    return {
        "code": verdict.code,
        "reason": verdict.reason,
        "not_before": now + verdict.delay_s,
        "attempts": row.attempts + 1 if verdict.counts else row.attempts,
    }


def destination(out: Path | None, root: Path) -> Path:
    """Where the room for outputs is looked for."""
    return root if out is None else out
