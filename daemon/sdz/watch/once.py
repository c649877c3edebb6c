"""Everything that is in a folder now, once, without watching it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from sdz.errors import FolderUnfit
from sdz.watch.inbox import Message, PathChanged
from sdz.watch.journal.rows import State
from sdz.watch.looking.health import KnownRoot
from sdz.watch.looking.scan import Scan
from sdz.watch.session import Session
from sdz.watch.telling.report import MOST_NOTES, FileTrouble, FolderState, Summary, WatchEvent
from sdz.watch.work import Work

_FAILED, _WAITING = (State.FAILED, State.BAD), (State.SETTLING, State.WAITING)
_NOT_DONE = (*_FAILED, *_WAITING, State.REFUSED)


async def empty(work: Work) -> Summary:
    """Settle and convert everything that is there now.

    Raises FolderUnfit where the root or the folder for outputs is missing, BadJournal.
    """
    root = work.options.root
    work.options.require_root()
    changed: list[Path] = []

    def look_again(message: Message) -> None:
        if isinstance(message, PathChanged):
            changed.append(Path(message.path))

    async with Session(work, look_again) as session:
        trouble, _ = KnownRoot(work.options, work.journal).check()
        if trouble is not None:
            raise FolderUnfit(str(root), trouble.reason)
        work.journal.due.hurry(root, work.clock())
        await _scan(work)
        session.show(FolderState.WATCHING)
        await _work_until(session, work.clock() + work.options.settle_s)
        for path in changed:  # or it would be said to wait though it has gone
            await asyncio.to_thread(Scan(work).file, path)
        return _summary(session)


async def _scan(work: Work) -> None:
    stop = threading.Event()
    try:
        seen = await asyncio.to_thread(Scan(work, sweep=True, stop=stop.is_set).all)
    finally:
        stop.set()  # a thread goes on where this was cancelled
    work.journal.roots.put(work.options.root, **seen.facts)
    if seen.unreadable:
        work.publish(WatchEvent("unreadable", work.options.root, reason=seen.hindrance))


async def _work_until(session: Session, until: float) -> None:
    """Try every file that is due by ``until`` once; a pause of the folder ends it."""
    work, workers = session.work, session.workers
    while True:
        session.bury_empty_files(0.0)
        workers.start()
        if workers.busy:
            await workers.wait()
            continue
        if not session.pause.over:
            return
        due = work.journal.files.next_time(work.options.root)
        if due is None or due > until:
            return
        await asyncio.sleep(min(work.tick_s, max(0.001, due - work.clock())))


def _summary(session: Session) -> Summary:
    root, journal = session.work.options.root, session.work.journal
    trouble, totals = session.pause.trouble, session.workers.totals
    waits = trouble.reason if trouble else "not tried yet"
    notes = tuple(
        FileTrouble(row.path, str(row.state), row.code, row.reason or waits)
        for row in journal.files.rows(root, _NOT_DONE, MOST_NOTES)
    )
    counts = journal.files.counts(root)
    refused = counts.get(State.REFUSED, 0)
    failed = sum(counts.get(state, 0) for state in _FAILED)
    waiting = sum(counts.get(state, 0) for state in _WAITING)
    before = counts.get(State.DONE, 0) - totals.done
    sizes = (totals.bytes_before, totals.bytes_after)
    return Summary(totals.done, refused, failed, *sizes, notes, max(before, 0), waiting)
