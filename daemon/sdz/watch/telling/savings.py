"""What became of a watched folder's pictures, one by one, from the journal and the outputs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sdz import container
from sdz.errors import FormatError
from sdz.grades import grade
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import State

COLUMNS: Final = (
    *("picture", "state", "bytes_before", "bytes_after", "saved_percent"),
    *("score", "score_in_words", "worst_region", "made", "reason"),
)
NOT_READ: Final = "not-read"
"""In place of a state: a file that is none of a picture that sdz reads, such as a RAW file."""
_FORMULA: Final = tuple("=+-@\t\r")  # what a table's program takes for one


@dataclass(frozen=True, slots=True)
class Saving:
    """A picture of a folder, by its path below that. after, output: of what is done. score, worst:
    as the file says, None where it has gone or was replaced. code, reason: as the journal has them.
    """

    picture: Path
    state: State
    before: int
    after: int | None = None
    output: Path | None = None
    score: float | None = None
    worst: float | None = None
    reason: str = ""
    code: str = ""


def savings_of(journal: Journal, root: Path) -> Iterator[Saving]:
    """Every picture that is there, or is done, by name."""
    rows = sorted(journal.files.known(root), key=lambda row: row.path)
    for row in rows:
        report = None
        if row.state is State.DONE and row.output is not None:
            report = _report(row.output)
        yield Saving(
            row.path.relative_to(root),
            row.state,
            row.bytes_before,
            row.bytes_after if row.state is State.DONE else None,
            row.output if row.state is State.DONE else None,
            None if report is None else report.score,
            None if report is None else report.worst,
            row.reason,
            row.code,
        )


def _report(output: Path) -> container.Report | None:
    try:
        with output.open("rb") as file:
            return container.read_header(file.read(container.HEADER_PREFIX_BYTES)).report
    except (OSError, FormatError):
        return None


def worst_of(savings: Iterable[Saving], most: int) -> list[Saving]:
    """Those to look at first: the lowest scores of their worst regions."""
    measured = [one for one in savings if one.worst is not None and one.output is not None]
    return sorted(measured, key=lambda one: (one.worst or 0.0, one.picture))[:most]


def as_csv(savings: Iterable[Saving], not_read: Iterable[tuple[Path, int, str]] = ()) -> str:
    """A table for other programs, a line a picture, in any state.

    not_read: what sdz does not read: below the folder, bytes, kind.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in savings:
        saved = None if one.after is None else 100 * (one.before - one.after) / max(one.before, 1)
        writer.writerow(
            [
                _cell(one.picture),
                one.state,
                one.before,
                one.after,
                None if saved is None else f"{saved:.1f}",
                None if one.score is None else f"{one.score:.1f}",
                None if one.score is None else grade(one.score).name,
                None if one.worst is None else f"{one.worst:.1f}",
                one.output,
                one.reason,
            ]
        )
    for path, size, kind in not_read:
        writer.writerow([_cell(path), NOT_READ, size, *[None] * 6, kind])
    return text.getvalue()


def _cell(path: Path) -> str:
    """A path that no table's program takes for a formula."""
    text = str(path)
    return f"./{text}" if text.startswith(_FORMULA) else text
