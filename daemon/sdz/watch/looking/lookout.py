"""Looking: at the folder's identity, at what events say, and, now and then, at everything."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from sdz.watch import inbox
from sdz.watch.inbox import Post, ScanEnded
from sdz.watch.looking.events import Listener
from sdz.watch.looking.health import KnownRoot, Trouble
from sdz.watch.looking.scan import Scan, Seen
from sdz.watch.telling.report import WatchEvent
from sdz.watch.work import Work

LOG: Final = logging.getLogger("sdz.watch")
POLL_S: Final = 10.0
POLL_SHARE: Final = 50
"""Without events a scan is made that often, but takes at most that share of the time."""
MOST_STARTS: Final = 20
"""Threads that bring events are started anew when they end, but not for ever."""


class Lookout:
    """``async with`` it: what brings files of one folder into the journal.

    no_events: why there are none, or empty. rescanning: everything is being looked at since events
    were lost. To be used from one event loop.
    """

    def __init__(self, work: Work, post: Post) -> None:
        self._work, self._post = work, post
        self._root = KnownRoot(work.options, work.journal)
        self._listener = Listener(work.options.root, post)
        self._paths: set[str] = set()
        self._lost = False
        self._scanning: asyncio.Task[Seen] | None = None
        self._next_scan = 0.0
        self._hindrance = ""  # as last told
        self._scan_s = 0.0
        self._sweep = True
        self._stop = False
        self._starts = 0
        self.no_events = ""
        self.rescanning = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """End what is under way."""
        self._stop = True
        if self._scanning is not None:
            with suppress(Exception):
                await self._scanning
        await asyncio.to_thread(self._listener.stop)

    @property
    def scanning(self) -> bool:
        """Whether everything is being looked at."""
        return self._scanning is not None

    def changed(self, path: str) -> None:
        """Look at this path soon."""
        self._paths.add(path)
        if len(self._paths) > inbox.MOST_PATHS:  # the folder could not be worked in for a while
            self.events_lost()

    def events_lost(self) -> None:
        """Look at everything soon, since nobody can say where."""
        self._lost = True
        self._paths.clear()

    def again(self) -> None:
        """Look at everything soon."""
        self._next_scan = 0.0

    async def look(self) -> Trouble | None:
        """What keeps the folder from being worked in; if nothing, what is new is noted."""
        trouble, new = await asyncio.to_thread(self._root.check)
        if trouble is not None:
            if self._listener.alive:
                await asyncio.to_thread(self._listener.stop)
            return trouble
        await self._listen(anew=new)
        self._end_scan()
        lost, self._lost = self._lost, False
        paths, self._paths = sorted(self._paths), set()
        left_s = self._next_scan - self._work.clock()
        if lost or not 0 < left_s <= self._work.options.rescan_s:  # more: the clock was set back
            self._begin_scan(lost=lost)
        elif paths:
            scan = self._scan()
            await asyncio.to_thread(lambda: [scan.file(Path(path)) for path in paths])
            self._work.publish(WatchEvent("found", self._work.options.root))
        return None

    async def _listen(self, *, anew: bool) -> None:
        """Have events, if they can be had; whatever was missed is found by a scan."""
        limit_met = self._listener.unwatched > 0
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
            self._lost |= lost
            return
        self.rescanning = lost
        self._next_scan = self._work.clock() + self._work.options.rescan_s
        self._scanning = asyncio.create_task(self._time(self._scan()))
        self._scanning.add_done_callback(lambda _: self._post(ScanEnded()))

    async def _time(self, scan: Scan) -> Seen:
        began = time.perf_counter()
        try:
            return await asyncio.to_thread(scan.all)
        finally:
            self._scan_s = time.perf_counter() - began

    def _end_scan(self) -> None:
        if self._scanning is None or not self._scanning.done():
            return
        task, self._scanning, self.rescanning = self._scanning, None, False
        seen = task.result()
        self._sweep = False
        work, now = self._work, self._work.clock()
        self._next_scan = min(self._next_scan, now + work.options.rescan_s)
        if self.no_events:
            pause = max(POLL_S, POLL_SHARE * self._scan_s)
            self._next_scan = now + min(pause, work.options.rescan_s)
        work.journal.roots.put(work.options.root, last_scan=now, **seen.facts)
        work.publish(WatchEvent("scan", work.options.root, reason=f"{seen.files} pictures"))
        if seen.hindrance and seen.hindrance != self._hindrance:
            work.publish(WatchEvent("unreadable", work.options.root, reason=seen.hindrance))
            LOG.warning("unreadable", extra={"fields": {"why": seen.hindrance}})
        self._hindrance = seen.hindrance

    def _scan(self) -> Scan:
        return Scan(self._work, sweep=self._sweep, stop=lambda: self._stop)
