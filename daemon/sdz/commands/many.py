"""Doing one thing to many files: every failure named, the others done, one exit code.

Sources are taken one after the other and results printed as they come, so that thousands need no
more memory than a few. ``parallel.py`` does several at a time.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sdz.commands.console import DONE, SOME_FAILED, STANDARD, progress, say, say_block
from sdz.commands.rows import Row, Work, settle, whole
from sdz.commands.waiting import waiting
from sdz.printable import printable_values


@dataclass(slots=True)
class SourceCount:
    """What became of the sources so far; bytes are those of the sources that were done."""

    done: int = 0
    skipped: int = 0
    failed: int = 0
    bytes_before: int = 0
    bytes_after: int = 0

    def add(self, row: Row) -> None:
        """Count a result: a failure has an ``error``, what was there already is ``skipped``."""
        if "error" in row:
            self.failed += 1
        elif "skipped" in row:
            self.skipped += 1
        else:
            self.done += 1
            self.bytes_before += row.get("source_bytes", 0)
            self.bytes_after += row.get("bytes", 0)

    def __str__(self) -> str:
        counts = [f"{self.done:,} done"]
        counts += [f"{self.skipped:,} skipped"] if self.skipped else []
        counts += [f"{self.failed:,} failed"] if self.failed else []
        text = ", ".join(counts)
        if self.bytes_before:
            share = self.bytes_after / self.bytes_before
            text += f"; {self.bytes_before:,} -> {self.bytes_after:,} bytes ({share:.1%})"
        return text


def run_many(
    sources: Iterable[str],
    work: Work,
    show: Callable[[Row], str],
    *,
    as_json: bool,
    quiet_stdout: bool = False,
    jobs: int = 1,
    summary: bool = False,
    total: int | None = None,
    skipped: int = 0,
) -> int:
    """Run ``work`` on each source and print what it returns, in their order; the exit code.

    ``work`` is called in this thread. What it returns is the row, or the rest of the work, which
    with ``jobs`` over 1 is done beside that of other sources. A row with ``skipped`` counts and
    is not shown to people. With ``as_json`` a line of JSON for each source, failures included.
    ``quiet_stdout``: the results themselves go to standard output, so what is said about them
    goes to standard error. ``summary``: one line on standard error at the end, also at an early
    one. ``total``: how many sources there are, where they have no length. ``skipped``: how many
    were left out of them.
    """
    if total is None:
        total = len(sources) if isinstance(sources, list) else None
    count, began = SourceCount(skipped=skipped), time.monotonic()
    said_on = sys.stderr if quiet_stdout else sys.stdout
    try:
        with waiting(), progress(total) as advance, closing(_rows(sources, work, jobs)) as rows:
            for row in rows:
                count.add(row)
                if "error" in row:
                    say(f"sdz: {row['source']}: {row['reason']}", sys.stderr)
                if as_json:
                    say(json.dumps(row), said_on)
                elif "error" not in row and "skipped" not in row:
                    say_block(show(printable_values(row)), said_on)
                advance()
    finally:
        if summary:
            say(f"sdz: {count} in {time.monotonic() - began:.1f} s", sys.stderr)
    return SOME_FAILED if count.failed else DONE


def read_source(source: str) -> bytes:
    """The bytes of a file or of standard input."""
    if source == STANDARD:
        return sys.stdin.buffer.read()
    return Path(source).read_bytes()


def _rows(sources: Iterable[str], work: Work, jobs: int) -> Generator[Row, None, None]:
    """The row of each source, in order; failures as ``error`` and ``reason``."""
    if jobs > 1:
        from sdz.commands.parallel import rows  # threads are not needed for one file

        yield from rows(sources, work, jobs)
        return
    for source in sources:
        yield settle(source, partial(whole, work, source))
