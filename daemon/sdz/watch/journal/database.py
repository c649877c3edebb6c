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
from typing import Any, Final

from sdz.errors import BadJournal

VERSION: Final = 2
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

_SINCE_2: Final = (
    "ALTER TABLE roots ADD COLUMN hindrance TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE roots ADD COLUMN left_alone TEXT NOT NULL DEFAULT '{}'",
)


class JournalFull(OSError):
    """The disk that the journal is on is full; the transaction left nothing behind."""


class Database:
    """A connection that threads share, one at a time: who reads and then writes what follows from
    it holds ``lock`` meanwhile. Open it anew in every process.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Raises BadJournal. ``read_only``: never writes, needs the file to exist."""
        self.path = path
        self.lock = threading.RLock()
        mode = "ro" if read_only else "rwc"
        try:
            if not read_only:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.connection = sqlite3.connect(
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
            self.connection.close()
            raise

    def _prepare(self, read_only: bool) -> None:
        found = self.connection.execute("PRAGMA user_version").fetchone()[0]
        self.version = found
        if found > VERSION:
            raise BadJournal(str(self.path), "a later sdz wrote it")
        self.connection.execute("PRAGMA cache_size = -4096")  # KiB
        self.connection.execute("PRAGMA temp_store = FILE")
        if read_only:
            return
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        if found < VERSION:
            with self.write():
                for statement in (*(_SCHEMA.split(";\n") if found < 1 else ()), *_SINCE_2):
                    self.connection.execute(statement)
                self.connection.execute(f"PRAGMA user_version = {VERSION}")
            self.version = VERSION

    def close(self) -> None:
        """Close it; closing twice is fine."""
        with self.lock:
            self.connection.close()

    def all(self, statement: str, *values: object) -> list[Any]:
        """The rows that a statement finds."""
        with self.lock, self._errors():
            return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        with self.lock, self._errors():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                self.connection.rollback()
                raise
            self.connection.commit()

    @contextmanager
    def write_through(self) -> Iterator[sqlite3.Connection]:
        """One transaction that is flushed to the disk before this ends."""
        with self.lock:
            self.connection.execute("PRAGMA synchronous = FULL")
            try:
                with self.write() as db:
                    yield db
            finally:
                self.connection.execute("PRAGMA synchronous = NORMAL")

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
