"""The journal's side that the scan talks to: what is there, what has moved, what is gone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from sdz.watch.journal.database import Database, join, marks
from sdz.watch.journal.rows import Identity, State

PRUNE_S: Final = 30 * 86400.0
"""Files that have been gone that long, and were not done, are forgotten."""


class SeenFiles(Database):
    """Files as scans find them."""

    def note(
        self,
        root: Path,
        folder: bytes,
        entries: Sequence[tuple[bytes, Identity]],
        now: float,
        settle_s: float,
    ) -> int:
        """Tell what was seen in ``folder`` (relative to the root); how many were new or changed.

        At most 10,000 entries at once. A file that has moved within the root keeps its state.
        """
        if not entries:
            return 0
        number, news = self._number(root), 0
        with self._lock:
            known = {
                name: (row, Identity(*identity), state, gone)
                for name, row, state, gone, *identity in self._all(
                    "SELECT name, id, state, gone, dev, ino, size, mtime_ns FROM files"
                    f" WHERE root = ? AND folder = ? AND name IN ({marks(entries)})",
                    (number, folder, *(name for name, _ in entries)),
                )
            }
            changes = [
                (name, identity, known.get(name))
                for name, identity in entries
                if name not in known or known[name][1] != identity or known[name][3]
            ]
            if not changes:
                return 0
            with self._write() as db:
                for name, identity, row in changes:
                    news += self._note(
                        db, (root, number), (folder, name), identity, row, (now, settle_s)
                    )
        return news

    def _note(
        self,
        db: sqlite3.Connection,
        root: tuple[Path, int],
        place: tuple[bytes, bytes],
        identity: Identity,
        row: tuple[int, Identity, str, int] | None,
        times: tuple[float, float],
    ) -> int:
        now, settle_s = times
        if row is None:
            moved = self._moved_from(root, identity)
            if moved is not None:
                number, folder, output = moved
                db.execute(
                    "UPDATE files SET folder = ?, name = ?, gone = 0, output = ? WHERE id = ?",
                    (*place, _moved_output(root[0], output, folder, place[0]), number),
                )
                return 1
            db.execute(
                "INSERT INTO files (root, folder, name, dev, ino, size, mtime_ns, state, since,"
                " not_before, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (root[1], *place, *identity, State.SETTLING, now, now + settle_s, now),
            )
            return 1
        if identity.is_like(row[1]):
            db.execute("UPDATE files SET gone = 0, dev = ? WHERE id = ?", (identity.dev, row[0]))
            return int(row[3])
        db.execute(
            "UPDATE files SET dev = ?, ino = ?, size = ?, mtime_ns = ?, state = ?, attempts = 0,"
            " code = '', reason = '', since = ?, not_before = ?, changed = ?, gone = 0"
            " WHERE id = ?",
            (*identity, State.SETTLING, now, now + settle_s, now, row[0]),
        )
        return 1

    def _moved_from(
        self, root: tuple[Path, int], identity: Identity
    ) -> tuple[int, bytes, bytes | None] | None:
        """(id, folder, output) of a file that was at another place and is no longer there."""
        for row, folder, name, output, size, mtime_ns in self._all(
            "SELECT id, folder, name, output, size, mtime_ns FROM files WHERE root = ? AND ino = ?",
            (root[1], identity.ino),
        ):
            if (size, mtime_ns) != identity[2:]:
                continue
            try:
                there = join(root[0], folder, name).lstat()
            except OSError:
                return int(row), folder, output
            if not Identity.of(there).is_like(identity):
                return int(row), folder, output
        return None

    def count_in(self, root: Path, folder: bytes) -> int:
        """How many files of a folder are thought to be there."""
        found = self._all(
            "SELECT count(*) FROM files WHERE root = ? AND folder = ? AND gone = 0",
            (self._number(root), folder),
        )
        return int(found[0][0])

    def names_in(self, root: Path, folder: bytes, after: bytes, limit: int) -> list[bytes]:
        """Names of a folder's files that are thought to be there, in order, behind ``after``."""
        found = self._all(
            "SELECT name FROM files WHERE root = ? AND folder = ? AND gone = 0 AND name > ?"
            " ORDER BY name LIMIT ?",
            (self._number(root), folder, after, limit),
        )
        return [name for (name,) in found]

    def folders(self, root: Path) -> list[bytes]:
        """Folders in which files are thought to be."""
        found = self._all(
            "SELECT DISTINCT folder FROM files WHERE root = ? AND gone = 0", (self._number(root),)
        )
        return [folder for (folder,) in found]

    def mark_gone(self, root: Path, folder: bytes, names: Iterable[bytes] | None = None) -> None:
        """Files of a folder (all, or those) are not there. Their states are kept."""
        number = self._number(root)
        with self._write() as db:
            if names is None:
                db.execute(
                    "UPDATE files SET gone = 1 WHERE root = ? AND folder = ?", (number, folder)
                )
            else:
                db.executemany(
                    "UPDATE files SET gone = 1 WHERE root = ? AND folder = ? AND name = ?",
                    ((number, folder, name) for name in names),
                )

    def prune(self, root: Path, now: float) -> None:
        """Forget files that have been gone for a month and of which nothing was made."""
        with self._write() as db:
            db.execute(
                "DELETE FROM files WHERE root = ? AND gone = 1 AND state != 'done' AND changed < ?",
                (self._number(root), now - PRUNE_S),
            )


def _moved_output(root: Path, output: bytes | None, old: bytes, new: bytes) -> bytes | None:
    """Where the output of a file is now that the file has moved: most often its folder was
    renamed, and the output that lay beside it went with it.
    """
    if output is None or os.path.lexists(output):
        return output
    was = Path(os.fsdecode(output))
    now = join(root, new, os.fsencode(was.name))
    return os.fsencode(now) if was.parent == join(root, old, b"") and now.exists() else output
