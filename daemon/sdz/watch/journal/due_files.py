"""The journal's side that the watcher works with: what is due, claimed, finished, tried again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sdz.watch.journal.database import Database, marks, split
from sdz.watch.journal.files import IS_DUE, FileTable
from sdz.watch.journal.roots import RootTable
from sdz.watch.journal.rows import FileRow, Identity, State, TrashedRow
from sdz.watch.journal.trashed_files import TrashedFiles


class DueFiles:
    """Files on their way."""

    def __init__(
        self, database: Database, roots: RootTable, files: FileTable, trashed: TrashedFiles
    ) -> None:
        self._database, self._roots = database, roots
        self._files, self._trashed = files, trashed

    def begin(self, root: Path, wish: str, now: float, settle_s: float) -> list[FileRow]:
        """Start watching: everything settles anew, what was refused for another wish is tried
        again. Returns the files that were being worked on when the last watcher ended.
        """
        self.clock_set_back(root, now, settle_s)
        number = self._roots.number(root)
        with self._database.write() as db:
            db.execute(
                "UPDATE files SET since = ?, not_before = ? WHERE root = ? AND state = ?",
                (now, now + settle_s, number, State.SETTLING),
            )
            db.execute(
                "UPDATE files SET state = ?, attempts = 0, not_before = ?, changed = ?"
                " WHERE root = ? AND state = ? AND wish != ?",
                (State.WAITING, now, now, number, State.REFUSED, wish),
            )
        return list(self._files.select(root, "state = ?", State.RUNNING))

    def clock_set_back(self, root: Path, now: float, settle_s: float) -> None:
        """Have no file wait until the clock has caught up: what was noted after ``now`` settles
        anew, or is due.
        """
        number = self._roots.number(root)
        late = f" WHERE root = ? AND {IS_DUE} AND not_before > ? AND max(since, changed) > ?"
        if not self._database.all(f"SELECT 1 FROM files{late} LIMIT 1", number, now, now):
            return
        with self._database.write() as db:
            db.execute(
                "UPDATE files SET since = min(since, ?), changed = min(changed, ?),"
                f" not_before = CASE state WHEN 'settling' THEN ? ELSE ? END{late}",
                (now, now, now + settle_s, now, number, now, now),
            )

    def next(self, root: Path, now: float, limit: int, without: Iterable[int]) -> list[FileRow]:
        """Files whose time has come, longest due first, ``without`` those rows."""
        skip = list(without)
        return list(
            self._files.select(
                root,
                f"{IS_DUE} AND not_before <= ? AND id NOT IN ({marks(skip)})"
                " ORDER BY not_before, id LIMIT ?",
                now,
                *skip,
                limit,
            )
        )

    def claim(self, row: FileRow, wish: str, now: float) -> bool:
        """Begin to work on a file; False if it is not what it was when it was found due."""
        with self._database.write() as db:
            done = db.execute(
                "UPDATE files SET state = ?, attempts = attempts + 1, changed = ?, wish = ?"
                f" WHERE id = ? AND ino = ? AND size = ? AND mtime_ns = ? AND {IS_DUE}",
                (State.RUNNING, now, wish, row.id, *row.identity[1:]),
            )
            return done.rowcount == 1

    def finish(self, row: FileRow, state: State, now: float, **values: Any) -> bool:
        """Note what became of a claimed file; False if its row has changed meanwhile.

        values: columns besides ``state``: code, reason, attempts, not_before, output ...
        """
        names = "".join(f", {name} = ?" for name in values)
        with self._database.write() as db:
            done = db.execute(
                f"UPDATE files SET state = ?, changed = ?{names}"
                " WHERE id = ? AND ino = ? AND size = ? AND mtime_ns = ? AND state = ?",
                (state, now, *values.values(), row.id, *row.identity[1:], State.RUNNING),
            )
            return done.rowcount == 1

    def intend(self, row: FileRow, source_hash: str, output: Path, found: tuple[str, int]) -> None:
        """An output (its hash and size) is about to appear: what recognises it after a kill."""
        with self._database.write() as db:
            db.execute(
                "UPDATE files SET source_hash = ?, output = ?, output_hash = ?, bytes_after = ?"
                " WHERE id = ?",
                (source_hash, os.fsencode(output), *found, row.id),
            )

    def same_source(self, root: Path, source_hash: str, wish: str) -> Iterator[FileRow]:
        """Files with these very bytes, whose output was or is being made with this wish."""
        return self._files.select(
            root, "source_hash = ? AND wish = ? AND state IN ('done', 'running')", source_hash, wish
        )

    def bury_empty(
        self, root: Path, now: float, bad_after_s: float, reason: str, waits: str
    ) -> int:
        """Note all empty files whose time has come, at once, as there may be very many; how many
        have become bad, having rested for that long. waits: what is added to the reason of others.
        """
        due = f" WHERE root = ? AND size = 0 AND not_before <= ? AND {IS_DUE}"
        number = self._roots.number(root)
        if not self._database.all(f"SELECT 1 FROM files{due} LIMIT 1", number, now):
            return 0
        with self._database.write() as db:
            bad = db.execute(
                f"UPDATE files SET state = 'bad', code = 'unfinished', reason = ?, changed = ?{due}"
                " AND since <= ?",
                (reason, now, number, now, now - bad_after_s),
            ).rowcount
            db.execute(
                "UPDATE files SET state = 'settling', code = 'unfinished', reason = ?,"
                f" not_before = since + ?{due}",
                (f"{reason}; {waits}", bad_after_s, number, now),
            )
        return bad

    def hurry(self, root: Path, now: float) -> None:
        """What has failed before is due now."""
        with self._database.write() as db:
            db.execute(
                "UPDATE files SET not_before = ? WHERE root = ? AND state IN ('failed', 'waiting')"
                " AND not_before > ?",
                (now, self._roots.number(root), now),
            )

    def belongs_to_another(self, row: FileRow, output: Path, states: Sequence[State]) -> bool:
        """Whether ``output`` was made of another file, which is in one of those states now, or is
        all there is of an original in the trash.
        """
        found = self._database.all(
            f"SELECT 1 FROM files WHERE output = ? AND id != ? AND state IN ({marks(states)})"
            " LIMIT 1",
            os.fsencode(output),
            row.id,
            *states,
        )
        return bool(found) or self._trashed.is_only_copy(row, output)

    def retry(self, root: Path, paths: Iterable[Path] | None, now: float) -> int:
        """See ``amend.retry``."""
        again = (
            "state = 'waiting', attempts = 0, code = '', reason = '', not_before = ?, changed = ?"
        )
        number = self._roots.number(root)
        with self._database.write() as db:
            if paths is None:
                return db.execute(
                    f"UPDATE files SET {again} WHERE root = ? AND gone = 0"
                    " AND state IN ('refused', 'failed', 'bad')",
                    (now, now, number),
                ).rowcount
            return sum(
                db.execute(
                    f"UPDATE files SET {again} WHERE root = ? AND folder = ? AND name = ?"
                    " AND gone = 0 AND state IN ('refused', 'failed', 'bad', 'undone')",
                    (now, now, number, *split(root, path)),
                ).rowcount
                for path in paths
            )

    def undone(self, row: TrashedRow, identity: Identity, now: float) -> None:
        """An original is about to be back, as ``identity``: it is not to be converted again."""
        place = (self._roots.number(row.root), *split(row.root, row.path))
        with self._database.write() as db:
            db.execute(
                "INSERT INTO files (root, folder, name, dev, ino, size, mtime_ns, state, since,"
                " not_before, changed, source_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (root, folder, name) DO UPDATE SET dev = excluded.dev,"
                " ino = excluded.ino, size = excluded.size, mtime_ns = excluded.mtime_ns,"
                " state = excluded.state, changed = excluded.changed, gone = 0, bytes_after = NULL,"
                " output = NULL, output_hash = NULL, reason = '', code = ''",
                (*place, *identity, State.UNDONE, now, now, now, row.source_hash),
            )
