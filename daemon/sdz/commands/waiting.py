"""What a command shows while it works: a line on a terminal, a line now and then anywhere else.

    with waiting("encode"):           # around the whole command, which is work itself
        with at_work("photo.jpg"):    # around a piece of work, in any thread
            ...                       # what says how far it is: see ``sdz.progress``
        with resting():               # where the command waits for others: nothing is shown
            ...

A second after work began a terminal shows what it is at, for how long, and how long it may still
take; on a pipe, standard error is told so when nothing was said for ten seconds. Where a bar of
several is shown, the line is its end.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TextIO

from sdz.commands import console
from sdz.printable import printable
from sdz.progress import Heard, Progress, hearing

FIRST_S = 1.0
EVERY_S = 0.5
LINE_EVERY_S = 10.0
_LONGEST_NAME = 32
_SHORT_NAME = 16


class Work:
    """What is at work, since when, and what it last said."""

    def __init__(self, source: str, clock: Callable[[], float]) -> None:
        self.source, self.began_s = source, clock()
        self._clock, self._heard = clock, Heard(clock())

    def hear(self, at: Progress) -> None:
        """Keep what the work says of itself."""
        self._heard.hear(at, self._clock())

    def words(self, now_s: float) -> str:
        """``photo.jpg: coding, attempt 3, 20 s, about 24 s left``."""
        words = [str(self._heard.at), f"{now_s - self.began_s:.0f} s"]
        if (left_s := self._heard.left_s(now_s)) >= 1:
            words.append(f"about {left_s:.0f} s left")
        return f"{self._name(_LONGEST_NAME)}: {', '.join(words)}"

    def words_beside(self, now_s: float, room: int) -> str:
        """``photo.jpg: attempt 3, part 2 of 12, 24 s left``, as much of it as there is room for
        beside a bar, which says how long it takes."""
        at = self._heard.at
        stage = f"attempt {at.attempt}" if at.attempt else at.doing or "working"
        name, left_s = self._name(_SHORT_NAME), self._heard.left_s(now_s)
        left = [f"{left_s:.0f} s left"] if left_s >= 1 else []
        parts = [f"part {at.done} of {at.total}"] if at.total > 1 else []
        said = [
            f"{name}: {', '.join(words)}"
            for words in ([stage, *parts, *left], [stage, *left], [stage])
        ]
        return next((words for words in said if len(words) <= room), said[-1])

    def _name(self, longest: int) -> str:
        name = printable(Path(self.source).name or self.source)
        return name if len(name) <= longest else f"…{name[1 - longest :]}"


class Waiting:
    """What is at work, and the line that says it."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._whole: Work | None = None
        self._works: list[Work] = []
        self._shown = ""
        self._bar: Any = None  # the one that was painted last
        self._said = self._quiet = (console.lines_said(), clock())
        self._ended = False
        self._lock = threading.Condition()

    @contextmanager
    def at_work(self, source: str, *, whole: bool = False) -> Iterator[None]:
        """Within the block there is work on a source; what it says of itself is heard.

        whole: it is that of the whole command, shown where there is no other.
        """
        work = self.begin(source, whole=whole)
        try:
            with hearing(work.hear):
                yield
        finally:
            self.end(work)

    def begin(self, source: str, *, whole: bool = False) -> Work:
        """There is work on a source, until ``end``."""
        work = Work(source, self._clock)
        with self._lock:
            if whole:
                self._whole = work
            else:
                self._works.append(work)
            self._lock.notify_all()
        return work

    def end(self, work: Work) -> None:
        """The work is over."""
        with self._lock:
            if self._whole is work:
                self._whole = None
            if work in self._works:
                self._works.remove(work)
            if self._bar is not None:
                self._bar.set_postfix_str("", refresh=False)
            self._clear()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Within the block the command as a whole is not at work."""
        with self._lock:
            whole, self._whole = self._whole, None
            self._clear()
        try:
            yield
        finally:
            with self._lock:
                self._whole = whole
                self._quiet = (console.lines_said(), self._clock())
                self._lock.notify_all()

    def wait_for_work(self) -> bool:
        """Wait until there is something to be shown; False: there will be nothing any more."""
        with self._lock:
            self._lock.wait_for(lambda: self._ended or self._works or self._whole)
            return not self._ended

    def no_more(self) -> None:
        """There will be no more work."""
        with self._lock:
            self._ended = True
            self._lock.notify_all()

    def paint(self, bar: Any = None) -> None:
        """Show how things stand. bar: one of several pictures that is on the terminal."""
        with self._lock:
            now_s, self._bar = self._clock(), bar
            work = self._works[0] if self._works else self._whole if bar is None else None
            due = work is not None and self._is_due(work, now_s)
            if not self._stream.isatty():
                if work is not None and self._is_quiet(now_s):
                    line = f"sdz: {work.words(now_s)}\n"
                    self._stream.write(console.encodable(line, self._stream))
                    self._stream.flush()
            elif bar is not None:
                room = shutil.get_terminal_size().columns - console.BAR_COLUMNS
                said = work.words_beside(now_s, room) if due and work else ""
                bar.set_postfix_str(said, refresh=False)
                bar.refresh()
            elif work is not None and (due or self._shown):
                self._put(work.words(now_s))

    def _is_due(self, work: Work, now_s: float) -> bool:
        """Whether it takes long: the work, or the command, of which it may be a short piece of many
        that say nothing."""
        if self._said[0] != console.lines_said():
            self._said = (console.lines_said(), now_s)
        whole_s = now_s if self._whole is None else max(self._whole.began_s, self._said[1])
        return now_s - min(work.began_s, whole_s) >= FIRST_S

    def _is_quiet(self, now_s: float) -> bool:
        """Whether nothing was said for so long that something has to be, now."""
        lines, since_s = self._quiet
        if lines != console.lines_said():
            self._quiet = (console.lines_said(), now_s)
        elif now_s - since_s >= LINE_EVERY_S:
            self._quiet = (lines, now_s)
            return True
        return False

    def write(self, line: str, file: TextIO) -> None:
        """Print a line where the line of work stands; it comes again below."""
        with self._lock:
            self._clear()
            file.write(f"{line}\n")
            file.flush()

    def _put(self, text: str) -> None:
        """Show a text in place of the last, in one row of the terminal, whatever that is."""
        room = max(shutil.get_terminal_size().columns - 1, 10)
        text = console.encodable(text, self._stream)
        text = text if len(text) <= room else f"{text[: room - 1]}…"
        text = console.encodable(text, self._stream)[:room]
        self._stream.write(f"\r{text}{' ' * (len(self._shown) - len(text))}")
        self._stream.flush()
        self._shown = text

    def _clear(self) -> None:
        if self._shown:
            self._stream.write(f"\r{' ' * len(self._shown)}\r")
            self._stream.flush()
            self._shown = ""


_current: list[Waiting] = []


@contextmanager
def at_work(source: str) -> Iterator[None]:
    """Within the block there is work on a source, where ``waiting`` is around it."""
    if not _current:
        yield
        return
    with _current[-1].at_work(source):
        yield


@contextmanager
def resting() -> Iterator[None]:
    """Within the block the command waits for others: for a person, a browser, a viewer."""
    if not _current:
        yield
        return
    with _current[-1].resting():
        yield


@contextmanager
def waiting(whole: str = "", stream: TextIO | None = None) -> Iterator[Waiting]:
    """Have what is at work within the block shown on standard error.

    whole: what the block itself is called, which is work too. Within another such block, that one
    shows it.
    """
    if _current:
        yield _current[-1]
        return
    shown = Waiting(stream or sys.stderr)

    def paint() -> None:
        while shown.wait_for_work() and not ended.wait(EVERY_S):
            bars = [bar for bar in console.bars if bar is not shown]
            try:
                shown.paint(bars[-1] if bars else None)
            except (OSError, ValueError):  # nobody reads it any more
                return

    ended = threading.Event()
    painter = threading.Thread(target=paint, name="sdz-waiting", daemon=True)
    _current.append(shown)
    console.bars.insert(0, shown)
    painter.start()
    try:
        with shown.at_work(whole, whole=True) if whole else nullcontext():
            yield shown
    finally:
        ended.set()
        shown.no_more()
        painter.join()
        _current.remove(shown)
        console.drop(shown)
