"""What became of every file, kept where a kill does not reach it.

    roots    one watched folder: which one it was, how it is doing      (here)
    files    one file of one root, by its place in it: identity,        ``seen_files.py``
             state, attempts, reason, output                            ``due_files.py``
    trashed  one original that went to the trash, to be brought back    ``trashed_files.py``

``database.py`` says how it is kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sdz.home import watch_folder
from sdz.watch.journal.database import marks, split
from sdz.watch.journal.due_files import DueFiles
from sdz.watch.journal.rows import FileRow, RootRow, State, TrashedRow
from sdz.watch.journal.seen_files import SeenFiles
from sdz.watch.telling.report import FolderState, FolderStatus

__all__ = ["FileRow", "Journal", "RootRow", "State", "TrashedRow", "folder_status", "journal_path"]


def journal_path() -> Path:
    """The journal of this user: ``watch/journal.sqlite`` in sdz's home (``$SDZ_HOME``)."""
    return watch_folder() / "journal.sqlite"


class Journal(SeenFiles, DueFiles):
    """The rows of all watched folders. Safe in threads; open it anew in every process."""

    # --- folders --------------------------------------------------------------------------------

    def roots(self) -> list[Path]:
        """Every folder that was ever watched and not forgotten."""
        found = self._all("SELECT path FROM roots ORDER BY path")
        return [Path(os.fsdecode(path)) for (path,) in found]

    def root(self, root: Path) -> RootRow | None:
        """What is known of a folder."""
        found = self._all(
            "SELECT path, dev, ino, mount, out_seen, state, reason, last_scan FROM roots"
            " WHERE path = ?",
            (os.fsencode(root),),
        )
        for _, dev, ino, mount, out_seen, state, reason, last_scan in found:
            out = None if out_seen is None else Path(os.fsdecode(out_seen))
            return RootRow(root, dev, ino, bool(mount), out, state, reason, last_scan)
        return None

    def put_root(self, root: Path, **values: Any) -> None:
        """Note something of a folder, which need not be known yet: columns of ``RootRow``."""
        if "out_seen" in values:
            values["out_seen"] = os.fsencode(values["out_seen"])
        with self._write() as db:
            db.execute("INSERT OR IGNORE INTO roots (path) VALUES (?)", (os.fsencode(root),))
            if values:
                names = ", ".join(f"{name} = ?" for name in values)
                db.execute(
                    f"UPDATE roots SET {names} WHERE path = ?",
                    (*values.values(), os.fsencode(root)),
                )

    def forget(self, root: Path) -> None:
        """Drop everything known of ``root``; files stay as they are, undo is no longer possible."""
        number = self._number(root)
        with self._write() as db:
            for table in ("files", "trashed"):
                db.execute(f"DELETE FROM {table} WHERE root = ?", (number,))
            db.execute("DELETE FROM roots WHERE id = ?", (number,))
        self._roots.pop(root, None)

    # --- files, for whoever looks ---------------------------------------------------------------

    def rows(
        self, root: Path | None = None, states: Sequence[State] = (), limit: int | None = None
    ) -> Iterator[FileRow]:
        """Files that are there, newest change first; of one folder, of some states."""
        for one in [root] if root is not None else self.roots():
            yield from self._rows(
                one,
                f"gone = 0 {f'AND state IN ({marks(states)})' if states else ''}"
                f" ORDER BY changed DESC, id DESC LIMIT {-1 if limit is None else limit}",
                *states,
            )

    def find(self, root: Path, path: Path) -> FileRow | None:
        """The row of a file, also of one that is gone."""
        return next(self._rows(root, "folder = ? AND name = ?", *split(root, path)), None)

    def get(self, root: Path, row: int) -> FileRow | None:
        """The row of that number."""
        return next(self._rows(root, "id = ?", row), None)

    def counts(self, root: Path) -> dict[State, int]:
        """How many files are in each state; what was done counts even when its source is gone."""
        found = self._all(
            "SELECT state, count(*) FROM files WHERE root = ? AND (gone = 0 OR state = 'done')"
            " GROUP BY state",
            (self._number(root),),
        )
        return {State(state): count for state, count in found}

    def saved_bytes(self, root: Path) -> int:
        """Sources minus outputs of all that was done."""
        found = self._all(
            "SELECT coalesce(sum(size - bytes_after), 0) FROM files WHERE root = ? AND state = ?",
            (self._number(root), State.DONE),
        )
        return int(found[0][0])

    def oldest_waiting(self, root: Path) -> float | None:
        """When the file that has waited longest was first seen."""
        found = self._all(
            "SELECT min(since) FROM files WHERE root = ? AND gone = 0"
            " AND state IN ('settling', 'waiting', 'failed')",
            (self._number(root),),
        )
        return None if found[0][0] is None else float(found[0][0])


def folder_status(journal: Journal, root: Path, now: float) -> FolderStatus:
    """As `Watcher.status`, for a folder whose options are not at hand.

    The state is what the last watcher said of itself; whether it still runs is not known here.
    """
    known = journal.root(root)
    if known is None:
        return FolderStatus(root, FolderState.STOPPED, "it was never watched")
    counts = journal.counts(root)
    oldest = journal.oldest_waiting(root)
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
        saved_bytes=journal.saved_bytes(root),
        oldest_waiting_s=0.0 if oldest is None else max(0.0, now - oldest),
        last_scan=known.last_scan,
    )
