"""Which files of a folder are in trouble, and why: for those who look at it from outside."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final

from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import FileRow, State

TROUBLES: Final = (State.FAILED, State.BAD, State.REFUSED)
_LOOKED_AT: Final = 1000  # of those that settle, which are many only while a folder is filled


def notes_of(journal: Journal, root: Path, most: int) -> list[FileRow]:
    """Files that did not become a ``.sdz``, the last ones first: those that failed, were damaged or
    left alone, then those that do not settle for a reason, such as a picture without its end.
    """
    found = list(journal.rows(root, TROUBLES, most))
    settling = (row for row in journal.rows(root, (State.SETTLING,), _LOOKED_AT) if row.reason)
    return [*found, *islice(settling, most - len(found))]
