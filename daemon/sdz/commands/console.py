"""What a command says to who called it: lines, a bar, reasons, an exit code."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

from sdz.printable import printable

DONE, SOME_FAILED, USAGE = 0, 1, 2
INTERRUPTED, TERMINATED = 130, 143

STANDARD = "-"
"""The name that means standard input or output."""

bars: list[Any] = []
"""What is shown on the terminal now, and lines have to be written above: the last one writes."""


_said: list[int] = [0]


def lines_said() -> int:
    """How many lines there were so far: who waits for one knows by it that there was none."""
    return _said[0]


def say(text: str, stream: TextIO) -> None:
    """Print one line at once; what a terminal would obey, or cannot show, is escaped."""
    _said[0] += 1
    line = encodable(printable(text), stream)
    if stream.isatty():
        line = folded(line, shutil.get_terminal_size().columns)
        if bars:  # above the bar, not through it
            bars[-1].write(line, file=stream)
            stream.flush()
            return
    print(line, file=stream, flush=True)


def encodable(text: str, stream: TextIO) -> str:
    """The text with what a stream cannot show escaped."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def folded(line: str, columns: int) -> str:
    """A line that is longer than a terminal is wide, broken between words and indented."""
    if len(line) <= columns:
        return line
    start = line[: len(line) - len(line.lstrip())]
    return "\n".join(
        textwrap.wrap(
            line,
            max(columns, 20),
            initial_indent="",
            subsequent_indent=f"{start}    ",
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
    )


def say_block(text: str, stream: TextIO) -> None:
    """Print lines that were made of ``printable_values``, so that each of them is ours."""
    for line in text.split("\n"):
        say(line, stream)


def reason_of(error: Exception) -> str:
    """What is wrong, in words for a person."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, IsADirectoryError):
        return "is a folder; name the pictures in it"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)


@contextmanager
def progress(total: int | None) -> Iterator[Callable[[], object]]:
    """What to call after each source: it moves a bar, where a person watches several."""
    if total is not None and total < 2:
        yield lambda: None
        return
    with bar_of_pictures(total) as bar:
        yield bar.update if bar is not None else lambda: None


BAR: Final = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"
"""Without tqdm's own seconds a picture, which say little of pictures of all sizes: what is in work
has their room."""
BAR_COLUMNS: Final = 41
"""What a bar of some width takes beside what is in work."""


@contextmanager
def bar_of_pictures(total: int | None) -> Iterator[Any]:
    """A bar (tqdm's) above which ``say`` writes; None where standard error is no terminal.

    total: None is not known yet; who gets to know it sets it, and ``bar_format`` to BAR.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm  # type: ignore[import-untyped]

    words = BAR if total else "{n_fmt} pictures, {elapsed}{postfix}"
    with tqdm(total=total, unit="picture", leave=False, bar_format=words) as bar:
        bars.append(bar)
        try:
            yield bar
        finally:
            drop(bar)


def drop(shown: Any) -> None:
    """Take what was shown out of ``bars``; by identity, as bars of tqdm compare by position."""
    bars[:] = [bar for bar in bars if bar is not shown]


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what is under way ends as by Ctrl-C, with no part of a file left behind."""


def exit_code_of(stop: KeyboardInterrupt) -> int:
    """What a command exits with that was stopped: 128 and the signal's number, as in a shell."""
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED


def have_streams() -> None:
    """Put nothing in place of standard streams that are closed, as cron and some launchers start
    programs: without, Python has None for them, and the next file that is opened is one of them."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for good


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Have SIGTERM raise Terminated."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
