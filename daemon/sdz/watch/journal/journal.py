"""What became of every file, kept where a kill does not reach it.

    roots    one watched folder: which one it was, how it is doing
    files    one file of one folder: its identity, state, attempts, reason, output
    trashed  one original that went to the trash

``database.py`` says how it is kept. Of the files' table, scans write what they see
(``seen_files.py``) and the watcher what it does (``due_files.py``); all others read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sdz.home import watch_folder
from sdz.watch.journal.database import Database
from sdz.watch.journal.due_files import DueFiles
from sdz.watch.journal.files import FileTable
from sdz.watch.journal.roots import RootTable
from sdz.watch.journal.seen_files import SeenFiles
from sdz.watch.journal.trashed_files import TrashedFiles


def journal_path() -> Path:
    """The journal of this user: ``watch/journal.sqlite`` in sdz's home (``$SDZ_HOME``)."""
    return watch_folder() / "journal.sqlite"


class Journal:
    """The rows of all watched folders. Safe in threads; open it anew in every process.

    Raises BadJournal, from any of its parts, and JournalFull where its disk is full.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """read_only: never writes, and needs the file to exist."""
        self.database = Database(path, read_only=read_only)
        self.roots = RootTable(self.database)
        self.files = FileTable(self.database, self.roots)
        self.seen = SeenFiles(self.database, self.roots)
        self.trashed = TrashedFiles(self.database, self.roots)
        self.due = DueFiles(self.database, self.roots, self.files, self.trashed)

    def close(self) -> None:
        """Close it; closing twice is fine."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def opened(*, to_write: bool = False) -> Iterator[Journal | None]:
    """This user's journal; None where no folder was ever watched. Raises BadJournal."""
    if not journal_path().exists():
        yield None
        return
    with Journal(journal_path(), read_only=not to_write) as journal:
        yield journal
