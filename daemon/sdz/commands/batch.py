"""Doing one thing to many files: every failure named, the others done, one exit code.

Sources are taken one after the other and results printed as they come, so that thousands need no
more memory than a few. ``parallel.py`` does several at a time.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from sdz.commands.output import STANDARD
from sdz.errors import SdzError

DONE, SOME_FAILED, USAGE = 0, 1, 2

Row: TypeAlias = Mapping[str, Any]
Task: TypeAlias = Callable[[], Row]
"""The part of a source's work that may be done beside that of others."""
Work: TypeAlias = Callable[[str], Row | Task]


@dataclass(slots=True)
class Tally:
    """What became of a batch so far; bytes are those of the sources that were done."""

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


def run_batch(
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
    tally, began = Tally(skipped=skipped), time.monotonic()
    said_on = sys.stderr if quiet_stdout else sys.stdout
    try:
        with _progress(total) as advance, closing(_rows(sources, work, jobs)) as rows:
            for row in rows:
                tally.add(row)
                if "error" in row:
                    say(f"sdz: {row['source']}: {row['reason']}", sys.stderr)
                if as_json:
                    say(json.dumps(row), said_on)
                elif "error" not in row and "skipped" not in row:
                    say(show(row), said_on)
                advance()
    finally:
        if summary:
            say(f"sdz: {tally} in {time.monotonic() - began:.1f} s", sys.stderr)
    return SOME_FAILED if tally.failed else DONE


def _rows(sources: Iterable[str], work: Work, jobs: int) -> Generator[Row, None, None]:
    """The row of each source, in order; failures as ``error`` and ``reason``."""
    if jobs > 1:
        from sdz.commands.parallel import rows

        yield from rows(sources, work, settle, jobs)
        return
    for source in sources:
        yield _whole(source, work)


def _whole(source: str, work: Work) -> Row:
    def run() -> Row:
        planned = work(source)
        return planned() if callable(planned) else planned

    return settle(source, run)


def settle(source: str, task: Task) -> Row:
    """The row of a source, whether ``task`` gives it or fails."""
    try:
        return {"source": source, **task()}
    except BrokenPipeError:  # nobody reads standard output any more: so with the next ones
        raise
    except (SdzError, OSError, MemoryError) as error:
        return {"source": source, "error": code_of(error), "reason": reason_of(error)}


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Have SIGTERM end the process as Ctrl-C does: no part of a file is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def read_source(source: str) -> bytes:
    """The bytes of a file or of standard input."""
    if source == STANDARD:
        return sys.stdin.buffer.read()
    return Path(source).read_bytes()


def say(text: str, stream: TextIO) -> None:
    """Print a line at once; letters the stream cannot take (names are any bytes) are escaped."""
    encoding = stream.encoding or "utf-8"
    line = text.encode(encoding, "backslashreplace").decode(encoding)
    if _bars and stream.isatty():  # above the bar, not through it
        _bars[-1].write(line, file=stream)
        stream.flush()
        return
    print(line, file=stream, flush=True)


def code_of(error: Exception) -> str:
    """The stable code of an error, for programs."""
    if isinstance(error, SdzError):
        return error.code
    return "out-of-memory" if isinstance(error, MemoryError) else "os-error"


def reason_of(error: Exception) -> str:
    """What is wrong, in words for a person."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, IsADirectoryError):
        return "is a folder; name the pictures in it"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)


_bars: list[Any] = []


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[], object]]:
    """What to call after each source: it moves a bar, where a person watches several."""
    if not sys.stderr.isatty() or (total is not None and total < 2):
        yield lambda: None
        return
    from tqdm import tqdm  # type: ignore[import-untyped]

    with tqdm(total=total, unit="picture", leave=False) as bar:
        _bars.append(bar)
        try:
            yield bar.update
        finally:
            _bars.remove(bar)
