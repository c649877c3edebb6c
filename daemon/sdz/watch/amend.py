"""Files once more, and originals back from the trash: from any process, whoever watches the folder.

A running watcher notices within seconds what the journal says since.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path

from sdz.errors import TrashFailed
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import Identity, TrashedRow
from sdz.watch.telling.report import Undone
from sdz.watch.writing import trash
from sdz.watch.writing.part import file_hash


def retry(
    journal: Journal,
    root: Path,
    paths: Iterable[Path] | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """Try refused, failed and bad files again (all of them, or those at ``paths``); how many.

    Paths are absolute or relative to the root; among them also undone ones count.
    """
    return journal.due.retry(root, paths, clock())


def undo(
    journal: Journal,
    root: Path,
    count: int,
    paths: Collection[Path] | None = None,
    clock: Callable[[], float] = time.time,
) -> list[Undone]:
    """Bring the last ``count`` originals (of those at ``paths``) back from the trash.

    Only those this folder's watcher put there; nothing is ever overwritten. The ``.sdz`` goes
    to the trash in exchange, if it is still what was written. An original that is back is
    not converted again until it changes or ``retry``. Originals that cannot be restored are
    named and passed over.
    """
    found: list[Undone] = []
    for row in journal.trashed.rows(root):
        if sum(one.restored for one in found) >= count:
            break
        if paths is not None and row.path not in paths:
            continue
        done = _undo(journal, row, clock)
        if done is not None:
            found.append(done)
    return found


def _undo(journal: Journal, row: TrashedRow, clock: Callable[[], float]) -> Undone | None:
    if not row.root.is_dir():
        return Undone(row.path, restored=False, reason=f"{row.root} is not there")
    there = _identity(row.path)
    if there is not None and there.is_like(row.identity):
        journal.trashed.drop(row.id)  # it never left: the last watcher ended before it could
        return None
    if there is not None:
        reason = "another file has its place; the original stays in the trash"
        return Undone(row.path, restored=False, reason=reason, output=row.output)
    inside = trash.find(row.path, row.identity, row.source_hash)
    if inside is None:
        journal.trashed.drop(row.id)
        reason = "it is no longer in the trash"
        return Undone(row.path, restored=False, reason=reason, output=row.output)
    try:
        row.path.parent.mkdir(parents=True, exist_ok=True)
        # The journal first: a watcher that sees it appear knows already that it was undone.
        journal.due.undone(row, Identity.of(inside.file.lstat()), clock())
        trash.restore(inside, row.path)
        journal.due.undone(row, Identity.of(row.path.lstat()), clock())  # a copy has another inode
        journal.trashed.drop(row.id)
    except OSError as error:
        return Undone(row.path, restored=False, reason=error.strerror or str(error))
    return Undone(row.path, True, output=row.output, output_trashed=_trash_output(row))


def _trash_output(row: TrashedRow) -> bool:
    """The ``.sdz`` goes where the original was, as long as it is what was made of it."""
    if file_hash(row.output) != row.output_hash:
        return False
    with suppress(TrashFailed):
        trash.put(row.output)
        return True
    return False


def _identity(path: Path) -> Identity | None:
    try:
        return Identity.of(path.lstat())
    except OSError:
        return None
