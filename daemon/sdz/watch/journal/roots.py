"""Watched folders in the journal: which one it was, how it is doing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from sdz.errors import FolderUnfit
from sdz.watch.journal.database import Database
from sdz.watch.journal.rows import RootRow


class RootTable:
    """One row a folder that was ever watched."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers: dict[Path, int] = {}

    def number(self, root: Path) -> int:
        """The id of a folder; 0, which no row has, where it is not known."""
        if root not in self._numbers:
            found = self._database.all("SELECT id FROM roots WHERE path = ?", os.fsencode(root))
            if not found:
                return 0
            self._numbers[root] = found[0][0]
        return self._numbers[root]

    def paths(self) -> list[Path]:
        """Every folder that was ever watched and not forgotten."""
        found = self._database.all("SELECT path FROM roots ORDER BY path")
        return [Path(os.fsdecode(path)) for (path,) in found]

    def around(self, path: str) -> Path:
        """The watched folder in which ``path`` lies, or that it is. Raises FolderUnfit."""
        whole = Path(os.path.realpath(path))
        around = [root for root in self.paths() if whole.is_relative_to(root)]
        if not around:
            raise FolderUnfit(path, "it is in no folder that is or was watched")
        return max(around, key=lambda root: len(root.parts))

    def get(self, root: Path) -> RootRow | None:
        """What is known of a folder."""
        # One of version 1 that is only read is as it was.
        scanned = "hindrance, left_alone" if self._database.version > 1 else "'', '{}'"
        found = self._database.all(
            f"SELECT dev, ino, mount, out_seen, state, reason, last_scan, {scanned}"
            " FROM roots WHERE path = ?",
            os.fsencode(root),
        )
        for dev, ino, mount, out_seen, state, reason, last_scan, hindrance, left_alone in found:
            out = None if out_seen is None else Path(os.fsdecode(out_seen))
            facts = state, reason, last_scan, hindrance, json.loads(left_alone)
            return RootRow(root, dev, ino, bool(mount), out, *facts)
        return None

    def put(self, root: Path, **values: Any) -> None:
        """Note something of a folder, which need not be known yet: columns of ``RootRow``."""
        if "out_seen" in values:
            values["out_seen"] = os.fsencode(values["out_seen"])
        if "left_alone" in values:
            values["left_alone"] = json.dumps(values["left_alone"])
        with self._database.write() as db:
            db.execute("INSERT OR IGNORE INTO roots (path) VALUES (?)", (os.fsencode(root),))
            if values:
                names = ", ".join(f"{name} = ?" for name in values)
                db.execute(
                    f"UPDATE roots SET {names} WHERE path = ?",
                    (*values.values(), os.fsencode(root)),
                )

    def forget(self, root: Path) -> None:
        """Drop everything known of a folder, in all tables."""
        number = self.number(root)
        with self._database.write() as db:
            for table in ("files", "trashed"):
                db.execute(f"DELETE FROM {table} WHERE root = ?", (number,))
            db.execute("DELETE FROM roots WHERE id = ?", (number,))
        self._numbers.pop(root, None)
