"""The journal's side that knows which originals are in the trash."""

from __future__ import annotations

import os
from pathlib import Path

from sdz.watch.journal.database import Database, join, split
from sdz.watch.journal.rows import FileRow, Identity, State, TrashedRow


class TrashedFiles(Database):
    """Originals that went to the trash. This must not be lost: it is flushed to the disk."""

    def trashing(self, row: FileRow, source_hash: str, output: tuple[Path, str], now: float) -> int:
        """An original is about to go to the trash; flushed to the disk before this returns."""
        folder, name = split(row.root, row.path)
        made = os.fsencode(output[0])
        with self._lock:
            self._db.execute("PRAGMA synchronous = FULL")
            try:
                with self._write() as db:
                    place = (self._number(row.root), folder, name, row.identity.ino)
                    db.execute(
                        "DELETE FROM trashed WHERE root = ? AND folder = ? AND name = ?"
                        " AND ino = ? AND size = ? AND mtime_ns = ?",
                        (*place, *row.identity[2:]),
                    )
                    found = db.execute(
                        "INSERT INTO trashed (root, folder, name, dev, ino, size, mtime_ns,"
                        " source_hash, at, output, output_hash)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (*place[:3], *row.identity, source_hash, now, made, output[1]),
                    )
                    return int(found.lastrowid or 0)
            finally:
                self._db.execute("PRAGMA synchronous = NORMAL")

    def not_trashed(self, number: int) -> None:
        """An original that was about to go to the trash did not, or is back."""
        with self._write() as db:
            db.execute("DELETE FROM trashed WHERE id = ?", (number,))

    def trashed(self, root: Path) -> list[TrashedRow]:
        """Originals in the trash, the last one first."""
        return [
            TrashedRow(
                number,
                root,
                join(root, folder, name),
                Identity(dev, ino, size, mtime_ns),
                source_hash,
                at,
                Path(os.fsdecode(output)),
                output_hash,
            )
            for (
                *(number, folder, name, dev, ino, size, mtime_ns, source_hash, at, output),
                output_hash,
            ) in self._all(
                "SELECT id, folder, name, dev, ino, size, mtime_ns, source_hash, at, output,"
                " output_hash FROM trashed WHERE root = ? ORDER BY at DESC, id DESC",
                (self._number(root),),
            )
        ]

    def _is_only_copy(self, row: FileRow, output: Path) -> bool:
        """Whether another original than ``row``, of which this was made, went to the trash."""
        found = self._all(
            "SELECT 1 FROM trashed WHERE root = ? AND output = ?"
            " AND NOT (ino = ? AND size = ? AND mtime_ns = ?) LIMIT 1",
            (self._number(row.root), os.fsencode(output), *row.identity[1:]),
        )
        return bool(found)

    def undone(self, row: TrashedRow, identity: Identity, now: float) -> None:
        """An original is about to be back, as ``identity``: it is not to be converted again."""
        place = (self._number(row.root), *split(row.root, row.path))
        with self._write() as db:
            db.execute(
                "INSERT INTO files (root, folder, name, dev, ino, size, mtime_ns, state, since,"
                " not_before, changed, source_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (root, folder, name) DO UPDATE SET dev = excluded.dev,"
                " ino = excluded.ino, size = excluded.size, mtime_ns = excluded.mtime_ns,"
                " state = excluded.state, changed = excluded.changed, gone = 0, bytes_after = NULL,"
                " output = NULL, output_hash = NULL, reason = '', code = ''",
                (*place, *identity, State.UNDONE, now, now, now, row.source_hash),
            )
