"""Originals in the journal that went to the trash, to be brought back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sdz.watch.journal.database import Database, join, split
from sdz.watch.journal.roots import RootTable
from sdz.watch.journal.rows import FileRow, Identity, TrashedRow


class TrashedFiles:
    """One row an original. This must not be lost: it is flushed to the disk."""

    def __init__(self, database: Database, roots: RootTable) -> None:
        self._database, self._roots = database, roots

    def add(self, row: FileRow, source_hash: str, output: tuple[Path, str], now: float) -> int:
        """An original is about to go to the trash, and ``output`` (its path and hash) is what there
        is of it then; flushed to the disk before this returns. The row's number.
        """
        place = (self._roots.number(row.root), *split(row.root, row.path))
        with self._database.write_through() as db:
            db.execute(
                "DELETE FROM trashed WHERE root = ? AND folder = ? AND name = ?"
                " AND ino = ? AND size = ? AND mtime_ns = ?",
                (*place, *row.identity[1:]),
            )
            found = db.execute(
                "INSERT INTO trashed (root, folder, name, dev, ino, size, mtime_ns,"
                " source_hash, at, output, output_hash)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*place, *row.identity, source_hash, now, os.fsencode(output[0]), output[1]),
            )
            return int(found.lastrowid or 0)

    def drop(self, number: int) -> None:
        """An original that was about to go to the trash did not, or is back."""
        with self._database.write() as db:
            db.execute("DELETE FROM trashed WHERE id = ?", (number,))

    def rows(self, root: Path) -> list[TrashedRow]:
        """Originals of a folder in the trash, the last one first."""
        found = self._database.all(
            "SELECT id, folder, name, dev, ino, size, mtime_ns, source_hash, at, output,"
            " output_hash FROM trashed WHERE root = ? ORDER BY at DESC, id DESC",
            self._roots.number(root),
        )
        return [_row(root, *columns) for columns in found]

    def is_only_copy(self, row: FileRow, output: Path) -> bool:
        """Whether another original than ``row``, of which this was made, went to the trash."""
        found = self._database.all(
            "SELECT 1 FROM trashed WHERE root = ? AND output = ?"
            " AND NOT (ino = ? AND size = ? AND mtime_ns = ?) LIMIT 1",
            self._roots.number(row.root),
            os.fsencode(output),
            *row.identity[1:],
        )
        return bool(found)


def _row(root: Path, number: int, folder: bytes, name: bytes, *columns: Any) -> TrashedRow:
    """A row from the values that were selected."""
    dev, ino, size, mtime_ns, source_hash, at, output, output_hash = columns
    identity = Identity(dev, ino, size, mtime_ns)
    path, made = join(root, folder, name), Path(os.fsdecode(output))
    return TrashedRow(number, root, path, identity, source_hash, at, made, output_hash)
