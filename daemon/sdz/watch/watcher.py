"""The loop that holds a watched folder together.

Once a second, and whenever a message wakes it, the loop asks: is this still the folder that was
watched? are the threads that bring events alive? what did they say? is a whole scan due? which
files are due? Nothing is remembered but in the journal.
"""

from __future__ import annotations

from sdz.watch.inbox import (
    EventsLost,
    FileEnded,
    FilesRetried,
    Inbox,
    Message,
    PathChanged,
    RescanWanted,
    ScanEnded,
)
from sdz.watch.looking.health import Trouble
from sdz.watch.looking.lookout import Lookout
from sdz.watch.pausing import WHY, is_paused
from sdz.watch.session import Session
from sdz.watch.telling.report import FolderState
from sdz.watch.work import Work
from sdz.watch.writing.verdict import UNFINISHED_S


class Watcher:
    """One watched folder. Several may share a journal; a folder has one watcher at a time.

    ``inbox``: whatever else than time should wake it is posted there.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self.inbox = Inbox()

    async def run(self) -> None:
        """Watch until cancelled. Files under way are put back to waiting.

        That no other process watches the same folder is the caller's business (``claim.Claim``).
        Raises BadJournal.
        """
        post = self.inbox.post
        async with Lookout(self.work, post) as lookout, Session(self.work, post) as session:
            while True:
                try:
                    pause_s = await self._turn(lookout, session)
                except OSError as error:  # of the journal's own disk; files have theirs in workers
                    session.pause.begin(FolderState.DISK_FULL, f"the journal: {error.strerror}")
                    lookout.again()  # what could not be noted must be seen again
                    pause_s = self.work.tick_s
                for message in await self.inbox.take(pause_s):
                    _read(message, lookout)

    async def _turn(self, lookout: Lookout, session: Session) -> float:
        """Look, and begin with what is due; seconds until there is more to do by itself."""
        trouble = await lookout.look()
        if trouble is None and is_paused(self.work.options.root):
            trouble = Trouble(FolderState.PAUSED, WHY)
        if trouble is None:
            session.bury_empty_files(UNFINISHED_S)
            session.workers.start()
        _show_state(lookout, session, trouble)
        due = self.work.journal.files.next_time(self.work.options.root)
        if due is None or session.workers.busy or not session.pause.over:
            return self.work.tick_s
        return min(self.work.tick_s, max(0.001, due - self.work.clock()))


def _read(message: Message, lookout: Lookout) -> None:
    """Take a message up before the next turn, for which it was enough to come."""
    match message:
        case PathChanged(path):
            lookout.changed(path)
        case EventsLost():
            lookout.events_lost()
        case RescanWanted():
            lookout.again()
        case ScanEnded() | FileEnded() | FilesRetried():
            pass


def _show_state(lookout: Lookout, session: Session, trouble: Trouble | None) -> None:
    trouble = trouble or session.pause.trouble or session.workers.read_only
    first_scan = session.shown is not None and session.shown[0] is FolderState.STARTING
    if trouble is not None:
        session.show(trouble.state, trouble.reason)
    elif lookout.rescanning:
        session.show(FolderState.RESCAN, "more changes than events can tell; looking at all")
    elif lookout.scanning and first_scan:
        pass
    elif lookout.no_events:
        session.show(FolderState.POLLING, lookout.no_events)
    else:
        session.show(FolderState.WATCHING)
