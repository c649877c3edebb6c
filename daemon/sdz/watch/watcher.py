"""The loop that holds a watched folder together.

Once a second, and whenever an event or a finished file wakes it, the loop asks: is this still the
folder that was watched? are the threads that bring events alive? what did they say? is a whole scan
due? which files are due? Nothing is remembered but in the journal.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Final

from sdz.errors import FolderUnfit
from sdz.watch.encoder import Encoder
from sdz.watch.folder import FolderOptions
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import State
from sdz.watch.looking.health import KnownRoot, Pause, Trouble
from sdz.watch.looking.lookout import Lookout
from sdz.watch.looking.scan import sweep_out
from sdz.watch.names import part_token
from sdz.watch.plan import plan
from sdz.watch.telling.report import (
    MOST_NOTES,
    FileNote,
    FolderState,
    FolderStatus,
    PlannedFile,
    Publish,
    Summary,
    Undone,
    WatchEvent,
)
from sdz.watch.telling.status import folder_status
from sdz.watch.undo import undo
from sdz.watch.writing.convert import Converter
from sdz.watch.writing.part import At
from sdz.watch.writing.verdict import UNFINISHED_S
from sdz.watch.writing.workers import Workers, destination

LOG: Final = logging.getLogger("sdz.watch")
TICK_S: Final = 1.0
GATHER_S: Final = 0.05
"""After an event its neighbours are waited for: copying a folder is thousands of them."""
EMPTY: Final = "not written to its end: the file is empty"


class Watcher:
    """One watched folder. Several may share a journal; a folder has one watcher at a time."""

    def __init__(
        self,
        options: FolderOptions,
        encoder: Encoder,
        journal: Journal,
        *,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
        publish: Publish | None = None,
        tick_s: float = TICK_S,
        at: At | None = None,
    ) -> None:
        """clock: seconds since 1970. chance: 0 to 1, for jitter. publish: is called in the loop's
        thread with every event; it must return at once and not raise. tick_s: longest pause
        between looks. at: for tests, is told the name of each step of the write before it.
        """
        self.options, self.journal = options, journal
        self._encoder, self._clock, self._tick_s = encoder, clock, tick_s
        self._publish: Publish = publish or (lambda _: None)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._lookout = Lookout(
            options,
            journal,
            clock=clock,
            publish=self._publish,
            rouse=self._rouse,
            lost=self._show_lost,
        )
        self._converter = Converter(options, encoder, journal, clock, at or (lambda _: None))
        self._pause = Pause(destination(options.out, options.root), clock)
        self._workers = Workers(
            self._converter,
            journal,
            self._pause,
            clock=clock,
            chance=chance,
            publish=self._publish,
            look=self._lookout.hints.add,
        )
        self._shown: tuple[FolderState, str] | None = None

    # --- what can be asked for ----------------------------------------------------------------

    async def run(self) -> None:
        """Watch until cancelled. Files under way are put back to waiting.

        That no other process watches the same folder is the caller's business (``places.Claim``).
        Raises BadJournal.
        """
        self._loop = asyncio.get_running_loop()
        self._show(FolderState.STARTING)
        roots = await self._begin()
        try:
            while True:
                try:
                    trouble = await self._lookout.look(roots)
                    if trouble is None:
                        self._bury_empty_files(UNFINISHED_S)
                        self._workers.start(self._rouse)
                    self._show_state(trouble)
                    pause = self._until_next()
                except OSError as error:  # of the journal's own disk; files have theirs in jobs.py
                    self._pause.begin(FolderState.DISK_FULL, f"the journal: {error.strerror}")
                    self._lookout.again()  # what could not be noted must be seen again
                    pause = self._tick_s
                await self._rest(pause)
        finally:
            await self._end()

    async def empty(self) -> Summary:
        """Settle and convert everything that is there now, once, without watching.

        Raises FolderUnfit where the root or the folder for outputs is missing, BadJournal.
        """
        self.options.require_root()
        self._loop = asyncio.get_running_loop()
        self._show(FolderState.STARTING)
        roots = await self._begin()
        try:
            trouble, _ = roots.check()
            if trouble is not None:
                raise FolderUnfit(str(self.options.root), trouble.reason)
            self.journal.due.hurry(self.options.root, self._clock())
            await asyncio.to_thread(self._lookout.scan().all)
            self._show(FolderState.WATCHING)
            until = self._clock() + self.options.settle_s
            await self._work_until(until)
            return self._summary()
        finally:
            await self._end()

    async def plan(self) -> AsyncIterator[PlannedFile]:
        """What ``empty`` would do, by encoding without writing: ``async for file in plan()``.

        Changes neither the folder nor the journal. Does not wait for files to settle. Raises
        FolderUnfit where the root is missing.
        """
        self.options.require_root()
        async with aclosing(plan(self._converter)) as files:
            async for file in files:
                yield file

    def status(self) -> FolderStatus:
        """As it stands, from the journal: also right in a process that does not watch."""
        return folder_status(self.journal, self.options.root, self._clock())

    def retry(self, paths: Iterable[Path] | None = None) -> int:
        """Try refused, failed and bad files again (all of them, or those at ``paths``); how many.

        Paths are absolute or relative to the root; among them also undone ones count. Works from
        any process; a running watcher notices within seconds.
        """
        count = self.journal.due.retry(self.options.root, paths, self._clock())
        self._rouse()
        return count

    def undo(self, count: int, paths: Collection[Path] | None = None) -> list[Undone]:
        """Bring the last ``count`` originals (of those at ``paths``) back from the trash.

        Only those this folder's watcher put there; nothing is ever overwritten. The ``.sdz`` goes
        to the trash in exchange, if it is still what was written. An original that is back is
        not converted again until it changes or ``retry``. Works from any process.
        """
        return undo(self.journal, self.options.root, count, self._clock, paths)

    def rescan(self) -> None:
        """Look at everything again soon (thread-safe)."""
        self._lookout.again()
        self._rouse()

    # --- the loop -----------------------------------------------------------------------------

    async def _begin(self) -> KnownRoot:
        options = self.options
        self.journal.roots.put(options.root)
        left = self.journal.due.begin(options.root, options.digest, self._clock(), options.settle_s)
        await asyncio.to_thread(self._workers.resume, left)
        if options.out is not None:
            await asyncio.to_thread(sweep_out, options.out, part_token(options.root))
        return KnownRoot(options, self.journal)

    async def _end(self) -> None:
        await self._workers.cancel()
        await self._lookout.stop()
        self._loop = None
        with suppress(OSError):
            self._show(FolderState.STOPPED)

    def _bury_empty_files(self, after_s: float) -> None:
        now = self._clock()
        bad = self.journal.due.bury_empty(self.options.root, now, after_s, EMPTY)
        if bad:
            event = WatchEvent("bad", self.options.root, None, State.BAD, f"{bad} empty files")
            self._publish(event)

    def _until_next(self) -> float:
        """Seconds until there is something to do, if nothing happens before."""
        due = self.journal.files.next_time(self.options.root)
        if due is None or self._workers.busy or not self._pause.over:
            return self._tick_s
        return min(self._tick_s, max(0.001, due - self._clock()))

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
                await asyncio.sleep(min(GATHER_S, self._tick_s))
        self._wake.clear()

    def _rouse(self) -> None:
        """Wake the loop, from any thread."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop has just ended
                loop.call_soon_threadsafe(self._wake.set)

    # --- emptying -----------------------------------------------------------------------------

    async def _work_until(self, until: float) -> None:
        """Try every file that is due by ``until`` once; a pause of the folder ends it."""
        root = self.options.root
        while True:
            self._bury_empty_files(0.0)
            if not self._pause.over:
                await self._workers.wait()
                if not self._workers.busy:
                    return
                continue
            self._workers.start(self._rouse)
            if self._workers.busy:
                await self._workers.wait()
                continue
            due = self.journal.files.next_time(root)
            if due is None or due > until:
                return
            await asyncio.sleep(min(self._tick_s, max(0.001, due - self._clock())))

    def _summary(self) -> Summary:
        root, totals = self.options.root, self._workers.totals
        counts = self.journal.files.counts(root)
        states = (State.FAILED, State.BAD, State.SETTLING, State.WAITING, State.REFUSED)
        notes = tuple(
            FileNote(row.path, str(row.state), row.code, row.reason or self._why_waiting())
            for row in self.journal.files.rows(root, states, MOST_NOTES)
        )
        refused = counts.get(State.REFUSED, 0)
        failed = sum(counts.get(state, 0) for state in states) - refused
        return Summary(totals.done, refused, failed, totals.bytes_before, totals.bytes_after, notes)

    def _why_waiting(self) -> str:
        trouble = self._pause.trouble
        return trouble.reason if trouble else "not tried yet"

    # --- the state of the folder --------------------------------------------------------------

    def _show_state(self, trouble: Trouble | None) -> None:
        trouble = trouble or self._pause.trouble or self._workers.read_only
        if trouble is not None:
            self._show(trouble.state, trouble.reason)
        elif self._lookout.scanning and self._shown is not None:
            if self._shown[0] not in (FolderState.STARTING, FolderState.RESCAN):
                self._show_watching()
        else:
            self._show_watching()

    def _show_watching(self) -> None:
        if self._lookout.no_events:
            self._show(FolderState.POLLING, self._lookout.no_events)
        else:
            self._show(FolderState.WATCHING)

    def _show_lost(self) -> None:
        self._show(FolderState.RESCAN, "more changes than events can tell; looking at all")

    def _show(self, state: FolderState, reason: str = "") -> None:
        if (state, reason) == self._shown:
            return
        self.journal.roots.put(self.options.root, state=str(state), reason=reason)
        self._shown = (state, reason)
        self._publish(WatchEvent("folder", self.options.root, None, state, reason))
