"""The journal's database: sqlite in WAL mode, its tables, transactions, errors.

Paths are kept as bytes, relative to their root, since names of files are any bytes. A commit is
not flushed to the disk (synchronous=NORMAL): it survives every kill of the process; a power
cut may lose the last ones, which costs another look or encode but never a file.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from sdz.errors import BadJournal
from sdz.watch.journal.rows import FileRow, Identity, State

VERSION: Final = 1
BUSY_S: Final = 30.0

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS roots (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, dev INTEGER NOT NULL DEFAULT 0,
    ino INTEGER NOT NULL DEFAULT 0, mount INTEGER NOT NULL DEFAULT 0, out_seen BLOB,
    state TEXT NOT NULL DEFAULT 'stopped', reason TEXT NOT NULL DEFAULT '', last_scan REAL);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, root INTEGER NOT NULL, folder BLOB NOT NULL, name BLOB NOT NULL,
    dev INTEGER NOT NULL, ino INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, code TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '', since REAL NOT NULL, not_before REAL NOT NULL,
    changed REAL NOT NULL, bytes_after INTEGER, output BLOB, output_hash TEXT, source_hash TEXT,
    wish TEXT NOT NULL DEFAULT '', gone INTEGER NOT NULL DEFAULT 0, UNIQUE (root, folder, name));
CREATE INDEX IF NOT EXISTS files_due ON files (root, not_before)
    WHERE gone = 0 AND state IN ('settling', 'waiting', 'failed');
CREATE INDEX IF NOT EXISTS files_inode ON files (root, ino);
CREATE INDEX IF NOT EXISTS files_source ON files (source_hash) WHERE source_hash IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_output ON files (output) WHERE output IS NOT NULL;
CREATE TABLE IF NOT EXISTS trashed (
    id INTEGER PRIMARY KEY, root INTEGER NOT NULL, folder BLOB NOT NULL, name BLOB NOT NULL,
    dev INTEGER NOT NULL, ino INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    source_hash TEXT NOT NULL, at REAL NOT NULL, output BLOB NOT NULL, output_hash TEXT NOT NULL);
"""
COLUMNS: Final = (
    "id, folder, name, dev, ino, size, mtime_ns, state, attempts, code, reason, since, not_before,"
    " changed, bytes_after, output, output_hash, source_hash, gone"
)


class JournalFull(OSError):
    """The disk that the journal is on is full; the transaction left nothing behind."""


class Database:
    """A connection that threads share. Open it anew in every process."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Raises BadJournal. ``read_only``: never writes, needs the file to exist."""
        self.path = path
        self._lock = threading.RLock()
        self._roots: dict[Path, int] = {}
        mode = "ro" if read_only else "rwc"
        try:
            if not read_only:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=BUSY_S,
                isolation_level=None,
                check_same_thread=False,
            )
        except (sqlite3.Error, OSError) as error:
            raise BadJournal(str(path), str(error)) from None
        try:
            with self._errors():
                self._prepare(read_only)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, read_only: bool) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise BadJournal(str(self.path), "a later sdz wrote it")
        self._db.execute("PRAGMA cache_size = -4096")  # KiB
        self._db.execute("PRAGMA temp_store = FILE")
        if read_only:
            return
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if found < VERSION:
            with self._write():
                for statement in _SCHEMA.split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close it; closing twice is fine."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rows(self, root: Path, where: str, *values: object) -> Iterator[FileRow]:
        found = self._all(
            f"SELECT {COLUMNS} FROM files WHERE root = ? AND {where}",
            (self._number(root), *values),
        )
        return (row_from(root, *columns) for columns in found)

    def _number(self, root: Path) -> int:
        """The id of a folder; 0, which no row has, where it is not known."""
        if root not in self._roots:
            found = self._all("SELECT id FROM roots WHERE path = ?", (os.fsencode(root),))
            if not found:
                return 0
            self._roots[root] = found[0][0]
        return self._roots[root]

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        with self._lock, self._errors():
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        with self._lock, self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.rollback()
                raise
            self._db.commit()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                text = os.strerror(errno.ENOSPC)
                raise JournalFull(errno.ENOSPC, text, str(self.path)) from None
            raise BadJournal(str(self.path), str(error)) from error


def marks(values: Sequence[object]) -> str:
    """Question marks for that many values in a statement."""
    return ", ".join("?" * len(values))


def split(root: Path, path: Path) -> tuple[bytes, bytes]:
    """(folder relative to the root, name) of a path in it, absolute or relative to it."""
    relative = path.relative_to(root) if path.is_absolute() else path
    folder = b"" if relative.parent == Path() else os.fsencode(relative.parent)
    return folder, os.fsencode(relative.name)


def join(root: Path, folder: bytes, name: bytes) -> Path:
    """The absolute path of a file of which `split` gave those parts."""
    return Path(root, os.fsdecode(folder), os.fsdecode(name))


def row_from(root: Path, *columns: Any) -> FileRow:
    """A row from the values of `COLUMNS`."""
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
