"""A folder that is being worked in: what was left of the last time, files under way, its state."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final, Self

from sdz.watch.inbox import Post
from sdz.watch.journal.rows import State
from sdz.watch.looking.health import Pause
from sdz.watch.looking.scan import sweep_out
from sdz.watch.names import part_token
from sdz.watch.telling.report import FolderState, WatchEvent
from sdz.watch.work import Work, ignore
from sdz.watch.writing.verdict import WAITED_FOR
from sdz.watch.writing.workers import Workers

EMPTY: Final = "not written to its end: the file is empty"


class Session:
    """``async with`` it: files of a killed watcher are taken up; in the end those under way are put
    back to waiting. post: is told when a file has ended, and where to look again.

    That no other process works in the same folder is the caller's business (``claim.Claim``).
    Raises BadJournal.
    """

    def __init__(self, work: Work, post: Post = ignore) -> None:
        self.work = work
        self.pause = Pause(work.options, work.clock)
        self.workers = Workers(work, self.pause, post)
        self.shown: tuple[FolderState, str] | None = None

    async def __aenter__(self) -> Self:
        options, journal = self.work.options, self.work.journal
        self.show(FolderState.STARTING)
        now = self.work.clock()
        left = journal.due.begin(options.root, options.digest, now, options.settle_s)
        await self.workers.resume(left)
        if options.out is not None:
            await asyncio.to_thread(sweep_out, options.out, part_token(options.root))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.workers.cancel()
        with suppress(OSError):
            self.show(FolderState.STOPPED)

    def show(self, state: FolderState, reason: str = "") -> None:
        """Say how the folder is doing, if that is news."""
        if (state, reason) == self.shown:
            return
        root = self.work.options.root
        self.work.journal.roots.put(root, state=str(state), reason=reason)
        self.shown = (state, reason)
        self.work.publish(WatchEvent("folder", root, None, state, reason))

    def bury_empty_files(self, after_s: float) -> None:
        """Give up empty files that have rested for that long."""
        root = self.work.options.root
        bad = self.work.journal.due.bury_empty(root, self.work.clock(), after_s, EMPTY, WAITED_FOR)
        if bad:
            words = "1 empty file" if bad == 1 else f"{bad} empty files"
            self.work.publish(WatchEvent("bad", root, None, State.BAD, words))
