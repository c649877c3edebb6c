"""How a watched folder stands, and which of its files are in trouble: read from the journal, so it
is right in any process, also in one that does not watch.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import FileRow, State
from sdz.watch.telling.pace import pace_of
from sdz.watch.telling.report import FolderState, FolderStatus

TROUBLES: Final = (State.FAILED, State.BAD, State.REFUSED)
_LEFT: Final = (State.WAITING, State.SETTLING, State.RUNNING)
_LOOKED_AT: Final = 1000  # of those that settle, which are many only while a folder is filled


def folder_status(journal: Journal, root: Path, now: float) -> FolderStatus:
    """A folder as it stands at ``now``, seconds since 1970.

    The state is what the last watcher said of itself; whether it still runs is not known here.
    """
    known = journal.roots.get(root)
    if known is None:
        return FolderStatus(root, FolderState.STOPPED, "it was never watched")
    counts = journal.files.counts(root)
    oldest = journal.files.oldest_waiting(root)
    unfinished = journal.files.count_unfinished(root)
    left = sum(counts.get(state, 0) for state in _LEFT) - unfinished
    ended = sum(counts.values()) - left - unfinished - counts.get(State.UNDONE, 0)
    pace = pace_of(journal, root, left, now)
    return FolderStatus(
        root=root,
        state=FolderState(known.state),
        reason=known.reason,
        waiting=counts.get(State.WAITING, 0) + counts.get(State.SETTLING, 0),
        settling=counts.get(State.SETTLING, 0),
        running=counts.get(State.RUNNING, 0),
        done=counts.get(State.DONE, 0),
        refused=counts.get(State.REFUSED, 0),
        failed=counts.get(State.FAILED, 0),
        bad=counts.get(State.BAD, 0),
        undone=counts.get(State.UNDONE, 0),
        saved_bytes=journal.files.saved_bytes(root),
        oldest_waiting_s=0.0 if oldest is None else max(0.0, now - oldest),
        last_scan=known.last_scan,
        not_trashed=journal.files.count_not_trashed(root),
        hindrance=known.hindrance,
        left_alone=known.left_alone,
        percent=round(100 * ended / (ended + left), 1) if left else None,
        unfinished=unfinished,
        **pace._asdict(),
    )


def notes_of(
    journal: Journal, root: Path, most: int, troubles: Sequence[State] = TROUBLES
) -> list[FileRow]:
    """Files that did not become a ``.sdz``, the last ones first: those that failed, were damaged or
    left alone, then those that do not settle for a reason, such as a picture without its end.
    Before those, what became one, and the trash did not take the original. troubles: of which of
    these states.
    """
    found = list(journal.files.rows(root, troubles, most))
    found += journal.files.not_trashed(root, most - len(found))
    settling = journal.files.rows(root, (State.SETTLING,), _LOOKED_AT)
    return [*found, *islice((row for row in settling if row.reason), most - len(found))]
