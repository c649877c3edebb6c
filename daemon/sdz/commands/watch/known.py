"""The folders that are or were watched, for the commands that look at them from outside.

All is read from the journal, which every process may open; a running daemon is asked besides for
what it alone knows, such as why it cannot watch a folder at the moment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sdz.client import reach
from sdz.errors import DaemonError, FolderUnfit
from sdz.watch.claim import folder_id, who_watches
from sdz.watch.journal.journal import Journal, journal_path
from sdz.watch.telling.news import shown
from sdz.watch.telling.report import FolderState
from sdz.watch.telling.status import folder_status, notes_of


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


def matters(journal: Journal, root: Path) -> bool:
    """Whether a folder is listed unasked: not one that is gone, with nothing to come of it."""
    return root.is_dir() or who_watches(root) is not None or bool(journal.trashed.rows(root))


def row_of(journal: Journal, root: Path, notes: int) -> dict[str, Any]:
    """How a folder stands, as JSON values, with that many of its files in trouble."""
    status = folder_status(journal, root, time.time())
    watching = who_watches(root)
    if watching is None:
        status = replace(status, state=FolderState.STOPPED, reason="nobody watches it")
    row = asdict(status)
    del row["root"], row["last_scan"]
    return {
        "id": folder_id(root),
        "root": shown(root),
        "by": watching.by if watching else None,
        "pid": watching.pid if watching else None,
        **row,
        "oldest_waiting_s": round(status.oldest_waiting_s, 1),
        "notes": [
            {
                "path": shown(file.path.relative_to(root)),
                "state": str(file.state),
                "code": file.code,
                "reason": shown(file.reason),
                "attempts": file.attempts,
            }
            for file in notes_of(journal, root, notes)
        ],
    }


def daemon_rows() -> dict[str, dict[str, Any]]:
    """What a running daemon says of its folders, by id; nothing where none runs."""
    daemon = reach()
    if daemon is None:
        return {}
    try:
        return {row["id"]: row for row in daemon.watches()}
    except DaemonError:
        return {}
