"""Files in the journal, for whoever looks: one row a file of one folder, by its place in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from sdz.watch.journal.database import Database, join, marks, split
from sdz.watch.journal.roots import RootTable
from sdz.watch.journal.rows import FileRow, Identity, State

_COLUMNS: Final = (
    "id, folder, name, dev, ino, size, mtime_ns, state, attempts, code, reason, since, not_before,"
    " changed, bytes_after, output, output_hash, source_hash, gone"
)
IS_DUE: Final = "gone = 0 AND state IN ('settling', 'waiting', 'failed')"
"""Of files that have another try before them; word for word as in the index ``files_due``."""

_COUNTS: Final = "(gone = 0 OR state = 'done')"
_UNFINISHED: Final = "gone = 0 AND state = 'settling' AND code = 'unfinished'"
_NOT_TRASHED: Final = "gone = 0 AND state = 'done' AND code = 'trash-failed'"


class FileTable:
    """What is known of files. Rows are of one folder, ``root``, if not of all."""

    def __init__(self, database: Database, roots: RootTable) -> None:
        self._database, self._roots = database, roots

    def select(self, root: Path, where: str, *values: object) -> Iterator[FileRow]:
        """The rows of a folder for which a condition in SQL holds, and in its order."""
        found = self._database.all(
            f"SELECT {_COLUMNS} FROM files WHERE root = ? AND {where}",
            self._roots.number(root),
            *values,
        )
        return (_row(root, *columns) for columns in found)

    def rows(
        self, root: Path | None = None, states: Sequence[State] = (), limit: int | None = None
    ) -> Iterator[FileRow]:
        """Files that are there, newest change first; of one folder, of some states."""
        for one in [root] if root is not None else self._roots.paths():
            yield from self.select(
                one,
                f"gone = 0 {f'AND state IN ({marks(states)})' if states else ''}"
                f" ORDER BY changed DESC, id DESC LIMIT {-1 if limit is None else limit}",
                *states,
            )

    def known(self, root: Path) -> Iterator[FileRow]:
        """Files that are there, and what was done though its source is gone, as to the trash."""
        yield from self.select(root, f"{_COUNTS} ORDER BY id")

    def find(self, root: Path, path: Path) -> FileRow | None:
        """The row of a file, also of one that is gone."""
        return next(self.select(root, "folder = ? AND name = ?", *split(root, path)), None)

    def get(self, root: Path, row: int) -> FileRow | None:
        """The row of that number."""
        return next(self.select(root, "id = ?", row), None)

    def counts(self, root: Path) -> dict[State, int]:
        """How many files are in each state; what was done counts even when its source is gone."""
        found = self._database.all(
            f"SELECT state, count(*) FROM files WHERE root = ? AND {_COUNTS} GROUP BY state",
            self._roots.number(root),
        )
        return {State(state): count for state, count in found}

    def not_trashed(self, root: Path, most: int) -> list[FileRow]:
        """Originals that should be in the trash, which did not take them; the last ones first."""
        where = f"{_NOT_TRASHED} ORDER BY changed DESC, id DESC LIMIT ?"
        return list(self.select(root, where, most))

    def count_not_trashed(self, root: Path) -> int:
        """How many of them there are."""
        return int(self._one(root, "count(*)", _NOT_TRASHED) or 0)

    def count_unfinished(self, root: Path) -> int:
        """How many are waited for, as they are not written to their end."""
        return int(self._one(root, "count(*)", _UNFINISHED) or 0)

    def saved_bytes(self, root: Path) -> int:
        """Sources minus outputs of all that was done."""
        return int(self._one(root, "sum(size - bytes_after)", "state = 'done'") or 0)

    def done_since(self, root: Path, when: float) -> tuple[int, float]:
        """(how many were done since ``when``, when the first of these was)."""
        [(count, first)] = self._database.all(
            "SELECT count(*), min(changed) FROM files WHERE root = ? AND state = 'done'"
            " AND changed >= ?",
            self._roots.number(root),
            when,
        )
        return count, first or when

    def oldest_waiting(self, root: Path) -> float | None:
        """When the file that has waited longest was first seen."""
        return self._one(root, "min(since)", IS_DUE)

    def next_time(self, root: Path) -> float | None:
        """When the next file is due."""
        return self._one(root, "min(not_before)", IS_DUE)

    def _one(self, root: Path, what: str, where: str) -> float | None:
        """A sum or the like; None of no rows."""
        number = self._roots.number(root)
        found = self._database.all(f"SELECT {what} FROM files WHERE root = ? AND {where}", number)
        value: float | None = found[0][0]
        return value


def _row(root: Path, *columns: Any) -> FileRow:
    """A row from the values of `_COLUMNS`."""
    number, folder, name, dev, ino, size, mtime_ns, state, attempts, *rest = columns
    code, reason, since, not_before, changed, after, output, output_hash, source_hash, gone = rest
    return FileRow(
        id=number,
        root=root,
        path=join(root, folder, name),
        identity=Identity(dev, ino, size, mtime_ns),
        state=State(state),
        attempts=attempts,
        code=code,
        reason=reason,
        since=since,
        not_before=not_before,
        changed=changed,
        bytes_after=after,
        output=None if output is None else Path(os.fsdecode(output)),
        output_hash=output_hash,
        source_hash=source_hash,
        gone=bool(gone),
    )
