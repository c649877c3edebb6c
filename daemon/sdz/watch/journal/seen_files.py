"""The journal's side that the scan talks to: what is there, what has moved, what is gone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sdz.watch.journal.database import Database, join, marks
from sdz.watch.journal.roots import RootTable
from sdz.watch.journal.rows import Identity, State

PRUNE_S: Final = 30 * 86400.0
"""Files that have been gone that long, and were not done, are forgotten."""


@dataclass(frozen=True, slots=True)
class _Sighting:
    """What was seen under a name. number: the root's. folder: relative to the root."""

    root: Path
    number: int
    folder: bytes
    name: bytes
    identity: Identity


@dataclass(frozen=True, slots=True)
class _Known:
    """What the journal knew of a name."""

    row: int
    gone: bool
    identity: Identity


class SeenFiles:
    """Files as scans find them."""

    def __init__(self, database: Database, roots: RootTable) -> None:
        self._database, self._roots = database, roots

    def note(
        self,
        root: Path,
        folder: bytes,
        entries: Sequence[tuple[bytes, Identity]],
        now: float,
        settle_s: float,
    ) -> int:
        """Note what was seen in ``folder`` (relative to the root); how many were new or changed.

        At most 10,000 entries at once. A file that has moved within the root keeps its state.
        """
        if not entries:
            return 0
        number = self._roots.number(root)
        with self._database.lock:
            known = {
                name: _Known(row, bool(gone), Identity(*identity))
                for name, row, gone, *identity in self._database.all(
                    "SELECT name, id, gone, dev, ino, size, mtime_ns FROM files"
                    f" WHERE root = ? AND folder = ? AND name IN ({marks(entries)})",
                    number,
                    folder,
                    *(name for name, _ in entries),
                )
            }
            changes = [
                (_Sighting(root, number, folder, name, identity), known.get(name))
                for name, identity in entries
                if name not in known or known[name].identity != identity or known[name].gone
            ]
            if not changes:
                return 0
            with self._database.write() as db:
                return sum(self._note(db, seen, was, now, settle_s) for seen, was in changes)

    def _note(
        self,
        db: sqlite3.Connection,
        seen: _Sighting,
        was: _Known | None,
        now: float,
        settle_s: float,
    ) -> int:
        """Note one file; 1 if it is new or has changed."""
        if was is None:
            if not self._moved(db, seen):
                place = (seen.number, seen.folder, seen.name)
                db.execute(
                    "INSERT INTO files (root, folder, name, dev, ino, size, mtime_ns, state, since,"
                    " not_before, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*place, *seen.identity, State.SETTLING, now, now + settle_s, now),
                )
            return 1
        if seen.identity.is_like(was.identity):
            db.execute(
                "UPDATE files SET gone = 0, dev = ? WHERE id = ?", (seen.identity.dev, was.row)
            )
            return int(was.gone)
        db.execute(
            "UPDATE files SET dev = ?, ino = ?, size = ?, mtime_ns = ?, state = ?, attempts = 0,"
            " code = '', reason = '', since = ?, not_before = ?, changed = ?, gone = 0"
            " WHERE id = ?",
            (*seen.identity, State.SETTLING, now, now + settle_s, now, was.row),
        )
        return 1

    def _moved(self, db: sqlite3.Connection, seen: _Sighting) -> bool:
        """Whether a file was at another place and is no longer there; its row is this one's now."""
        for row, folder, name, output, size, mtime_ns in self._database.all(
            "SELECT id, folder, name, output, size, mtime_ns FROM files WHERE root = ? AND ino = ?",
            seen.number,
            seen.identity.ino,
        ):
            if (size, mtime_ns) != seen.identity[2:]:
                continue
            try:
                there = join(seen.root, folder, name).lstat()
            except OSError:
                there = None
            if there is not None and Identity.of(there).is_like(seen.identity):
                continue
            db.execute(
                "UPDATE files SET folder = ?, name = ?, gone = 0, output = ? WHERE id = ?",
                (seen.folder, seen.name, _moved_output(seen, output, folder), row),
            )
            return True
        return False

    def count_in(self, root: Path, folder: bytes) -> int:
        """How many files of a folder are thought to be there."""
        found = self._database.all(
            "SELECT count(*) FROM files WHERE root = ? AND folder = ? AND gone = 0",
            self._roots.number(root),
            folder,
        )
        return int(found[0][0])

    def names_in(self, root: Path, folder: bytes, after: bytes, limit: int) -> list[bytes]:
        """Names of a folder's files that are thought to be there, in order, behind ``after``."""
        found = self._database.all(
            "SELECT name FROM files WHERE root = ? AND folder = ? AND gone = 0 AND name > ?"
            " ORDER BY name LIMIT ?",
            self._roots.number(root),
            folder,
            after,
            limit,
        )
        return [name for (name,) in found]

    def folders(self, root: Path) -> list[bytes]:
        """Folders in which files are thought to be."""
        found = self._database.all(
            "SELECT DISTINCT folder FROM files WHERE root = ? AND gone = 0",
            self._roots.number(root),
        )
        return [folder for (folder,) in found]

    def mark_gone(self, root: Path, folder: bytes, names: Iterable[bytes] | None = None) -> None:
        """Files of a folder (all, or those) are not there. Their states are kept."""
        number = self._roots.number(root)
        with self._database.write() as db:
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
        with self._database.write() as db:
            db.execute(
                "DELETE FROM files WHERE root = ? AND gone = 1 AND state != 'done' AND changed < ?",
                (self._roots.number(root), now - PRUNE_S),
            )


def _moved_output(seen: _Sighting, output: bytes | None, old: bytes) -> bytes | None:
    """Where the output of a file that was in the folder ``old`` is now: most often the folder was
    renamed, and the output that lay beside it went with it.
    """
    if output is None or os.path.lexists(output):
        return output
    was = Path(os.fsdecode(output))
    now = join(seen.root, seen.folder, os.fsencode(was.name))
    beside = was.parent == join(seen.root, old, b"")
    return os.fsencode(now) if beside and now.exists() else output
