"""The folders that are or were watched, from the journal, which every process may open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdz.errors import FolderUnfit
from sdz.watch.journal.journal import Journal, journal_path


@contextmanager
def opened(*, to_write: bool = False) -> Iterator[Journal | None]:
    """The journal; None where no folder was ever watched. Raises BadJournal."""
    if not journal_path().exists():
        yield None
        return
    with Journal(journal_path(), read_only=not to_write) as journal:
        yield journal


def root_of(journal: Journal, path: str) -> Path:
    """The watched folder in which ``path`` lies, or that it is. Raises FolderUnfit."""
    whole = Path(os.path.realpath(path))
    around = [root for root in journal.roots.paths() if whole.is_relative_to(root)]
    if not around:
        raise FolderUnfit(path, "it is in no folder that is or was watched")
    return max(around, key=lambda root: len(root.parts))
