"""The journal's side that the watcher works with: what is due, claimed, finished, tried again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sdz.watch.journal.database import marks, split
from sdz.watch.journal.rows import DUE, FileRow, State
from sdz.watch.journal.trashed_files import TrashedFiles


class DueFiles(TrashedFiles):
    """Files on their way."""

    def begin(self, root: Path, wish: str, now: float, settle_s: float) -> list[FileRow]:
        """Start watching: everything settles anew, what was refused for another wish is tried
        again. Returns the files that were being worked on when the last watcher ended.
        """
        number = self._number(root)
        with self._write() as db:
            db.execute(
                "UPDATE files SET since = ?, not_before = ? WHERE root = ? AND state = ?",
                (now, now + settle_s, number, State.SETTLING),
            )
            db.execute(
                "UPDATE files SET state = ?, attempts = 0, not_before = ?, changed = ?"
                " WHERE root = ? AND state = ? AND wish != ?",
                (State.WAITING, now, now, number, State.REFUSED, wish),
            )
        return list(self._rows(root, "state = ?", State.RUNNING))

    def next_due(self, root: Path, now: float, limit: int, without: Iterable[int]) -> list[FileRow]:
        """Files whose time has come, longest due first, ``without`` those rows."""
        skip = list(without)
        return list(
            self._rows(
                root,
                "gone = 0 AND state IN ('settling', 'waiting', 'failed') AND not_before <= ?"
                f" AND id NOT IN ({marks(skip)}) ORDER BY not_before, id LIMIT ?",
                now,
                *skip,
                limit,
            )
        )

    def next_time(self, root: Path) -> float | None:
        """When the next file is due."""
        found = self._all(
            "SELECT min(not_before) FROM files WHERE root = ? AND gone = 0"
            " AND state IN ('settling', 'waiting', 'failed')",
            (self._number(root),),
        )
        return None if found[0][0] is None else float(found[0][0])

    def claim(self, row: FileRow, wish: str, now: float) -> bool:
        """Begin to work on a file; False if it is not what it was when it was found due."""
        with self._write() as db:
            done = db.execute(
                "UPDATE files SET state = ?, attempts = attempts + 1, changed = ?, wish = ?"
                " WHERE id = ? AND gone = 0 AND ino = ? AND size = ? AND mtime_ns = ?"
                f" AND state IN ({', '.join(repr(str(state)) for state in DUE)})",
                (State.RUNNING, now, wish, row.id, *row.identity[1:]),
            )
            return done.rowcount == 1

    def finish(self, row: FileRow, state: State, now: float, **values: Any) -> bool:
        """Note what became of a claimed file; False if its row has changed meanwhile.

        values: columns besides ``state``: code, reason, attempts, not_before, output ...
        """
        names = "".join(f", {name} = ?" for name in values)
        with self._write() as db:
            done = db.execute(
                f"UPDATE files SET state = ?, changed = ?{names}"
                " WHERE id = ? AND ino = ? AND size = ? AND mtime_ns = ? AND state = ?",
                (state, now, *values.values(), row.id, *row.identity[1:], State.RUNNING),
            )
            return done.rowcount == 1

    def intend(self, row: FileRow, source_hash: str, output: Path, found: tuple[str, int]) -> None:
        """An output (its hash and size) is about to appear: what recognises it after a kill."""
        with self._write() as db:
            db.execute(
                "UPDATE files SET source_hash = ?, output = ?, output_hash = ?, bytes_after = ?"
                " WHERE id = ?",
                (source_hash, os.fsencode(output), *found, row.id),
            )

    def same_source(self, root: Path, source_hash: str, wish: str) -> Iterator[FileRow]:
        """Files with these very bytes, whose output was or is being made with this wish."""
        return self._rows(
            root, "source_hash = ? AND wish = ? AND state IN ('done', 'running')", source_hash, wish
        )

    def empty_files(self, root: Path, now: float, bad_after_s: float, reason: str) -> int:
        """Note all empty files whose time has come, at once, as there may be very many; how many
        have become bad, having rested for that long.
        """
        due = (
            " WHERE root = ? AND gone = 0 AND size = 0 AND not_before <= ?"
            " AND state IN ('settling', 'waiting', 'failed')"
        )
        number = self._number(root)
        if not self._all(f"SELECT 1 FROM files{due} LIMIT 1", (number, now)):
            return 0
        with self._write() as db:
            bad = db.execute(
                f"UPDATE files SET state = 'bad', code = 'unfinished', reason = ?, changed = ?{due}"
                " AND since <= ?",
                (reason, now, number, now, now - bad_after_s),
            ).rowcount
            db.execute(
                "UPDATE files SET state = 'settling', code = 'unfinished', reason = ?,"
                f" not_before = since + ?{due}",
                (reason, bad_after_s, number, now),
            )
        return bad

    def hurry(self, root: Path, now: float) -> None:
        """What has failed before is due now."""
        with self._write() as db:
            db.execute(
                "UPDATE files SET not_before = ? WHERE root = ? AND state IN ('failed', 'waiting')"
                " AND not_before > ?",
                (now, self._number(root), now),
            )

    def belongs_to_another(self, row: FileRow, output: Path, states: Sequence[State]) -> bool:
        """Whether ``output`` was made of another file, which is in one of those states now, or is
        all there is of an original in the trash.
        """
        found = self._all(
            f"SELECT 1 FROM files WHERE output = ? AND id != ? AND state IN ({marks(states)})"
            " LIMIT 1",
            (os.fsencode(output), row.id, *states),
        )
        return bool(found) or self._is_only_copy(row, output)

    def retry(self, root: Path, paths: Iterable[Path] | None, now: float) -> int:
        """See ``Watcher.retry``."""
        again = (
            "state = 'waiting', attempts = 0, code = '', reason = '', not_before = ?, changed = ?"
        )
        number = self._number(root)
        with self._write() as db:
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
