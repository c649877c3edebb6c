"""How fast a folder is worked off, from the journal: right in any process, after any restart."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import State

WINDOW_S: Final = 600.0
"""What was done so long ago says nothing of the pace now."""
LEAST_S: Final = 5.0
"""A pace of less than that is no pace."""
MOST_NAMED: Final = 4


class Pace(NamedTuple):
    """per_minute: pictures, of the last ten minutes; 0: none. left_s: seconds for what waits, None
    where that cannot be told. in_work: pictures that are being encoded, some of them, below the
    root.
    """

    per_minute: float
    left_s: float | None
    in_work: tuple[str, ...]


def pace_of(journal: Journal, root: Path, left: int, now: float) -> Pace:
    """The pace of a folder of whose files so many are ``left`` at ``now``, seconds since 1970."""
    running = journal.files.rows(root, (State.RUNNING,), MOST_NAMED)
    in_work = tuple(str(row.path.relative_to(root)) for row in running)
    recent, first = journal.files.done_since(root, now - WINDOW_S)
    span_s = max(now - first, 0.0)
    steps = recent - 1  # the first one's own time lies before the span
    if steps < 1 or span_s < LEAST_S:
        return Pace(0.0, None, in_work)
    each_s = span_s / steps
    return Pace(round(60 / each_s, 1), round(left * each_s, 1) if left else None, in_work)
