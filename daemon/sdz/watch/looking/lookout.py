"""Looking: at the folder's identity, at what events say, and, now and then, at everything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from sdz.watch.folder import FolderOptions
from sdz.watch.journal.journal import Journal
from sdz.watch.looking.health import KnownRoot, Trouble
from sdz.watch.looking.hints import Hints, Listener
from sdz.watch.looking.scan import Scan, Seen
from sdz.watch.names import part_token
from sdz.watch.telling.report import Publish, WatchEvent

POLL_S: Final = 10.0
POLL_SHARE: Final = 50
"""Without events a scan is made that often, but takes at most that share of the time."""
MOST_STARTS: Final = 20
"""Threads that bring events are started anew when they end, but not for ever."""


class Lookout:
    """What brings files of one folder into the journal. ``rouse``: may be called from any thread.

    no_events: why there are none, or empty. To be used from one event loop.
    """

    def __init__(
        self,
        options: FolderOptions,
        journal: Journal,
        *,
        clock: Callable[[], float],
        publish: Publish,
        rouse: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        """lost: is called when events were lost and everything is looked at again."""
        self._options, self._journal = options, journal
        self._clock, self._publish, self._rouse, self._lost = clock, publish, rouse, lost
        self.hints = Hints(rouse)
        self._listener = Listener(options.root, self.hints)
        self._scanning: asyncio.Task[Seen] | None = None
        self._next_scan = 0.0
        self._scan_s = 0.0
        self._sweep = True
        self._stop = False
        self._starts = 0
        self.no_events = ""

    @property
    def scanning(self) -> bool:
        """Whether everything is being looked at."""
        return self._scanning is not None

    def again(self) -> None:
        """Look at everything soon."""
        self._next_scan = 0.0

    async def stop(self) -> None:
        """End what is under way."""
        self._stop = True
        if self._scanning is not None:
            with suppress(Exception):
                await self._scanning
        await asyncio.to_thread(self._listener.stop)

    async def look(self, roots: KnownRoot) -> Trouble | None:
        """What keeps the folder from being worked in; if nothing, what is new is noted."""
        trouble, new = await asyncio.to_thread(roots.check)
        if trouble is not None:
            if self._listener.alive:
                await asyncio.to_thread(self._listener.stop)
            return trouble
        await self._listen(anew=new)
        self._end_scan()
        everything, paths = self.hints.take()
        if everything or self._clock() >= self._next_scan:
            self._begin_scan(lost=everything)
        elif paths:
            scan = self.scan()
            await asyncio.to_thread(lambda: [scan.file(Path(path)) for path in paths])
        return None

    async def _listen(self, *, anew: bool) -> None:
        """Have events, if they can be had; whatever was missed is found by a scan."""
        limit_met = self.hints.unwatched > 0
        if not anew and not limit_met and (self._listener.alive or self.no_events):
            return
        await asyncio.to_thread(self._listener.stop)
        self._starts = 1 if anew else self._starts + 1
        if self._starts > MOST_STARTS:
            self.no_events = "the threads that bring events keep ending"
        else:
            with suppress(FileNotFoundError, NotADirectoryError):  # gone again: see the next look
                self.no_events = await asyncio.to_thread(self._listener.start)
        self._next_scan = 0.0

    def _begin_scan(self, *, lost: bool) -> None:
        if self._scanning is not None:
            self.hints.everything |= lost
            return
        if lost:
            self._lost()
        scan = self.scan()
        self._next_scan = self._clock() + self._options.rescan_s
        self._scanning = asyncio.create_task(self._time(scan))
        self._scanning.add_done_callback(lambda _: self._rouse())

    async def _time(self, scan: Scan) -> Seen:
        began = time.perf_counter()
        try:
            return await asyncio.to_thread(scan.all)
        finally:
            self._scan_s = time.perf_counter() - began

    def _end_scan(self) -> None:
        if self._scanning is None or not self._scanning.done():
            return
        task, self._scanning = self._scanning, None
        seen = task.result()
        self._sweep = False
        now = self._clock()
        self._next_scan = min(self._next_scan, now + self._options.rescan_s)
        if self.no_events:
            pause = max(POLL_S, POLL_SHARE * self._scan_s)
            self._next_scan = now + min(pause, self._options.rescan_s)
        self._journal.roots.put(self._options.root, last_scan=now)
        self._publish(WatchEvent("scan", self._options.root, reason=f"{seen.files} pictures"))

    def scan(self) -> Scan:
        """A scan as this folder's options say."""
        options = self._options
        return Scan(
            root=options.root,
            journal=self._journal,
            settle_s=options.settle_s,
            clock=self._clock,
            out=options.out,
            sweep=part_token(options.root) if self._sweep else None,
            stop=lambda: self._stop,
        )
