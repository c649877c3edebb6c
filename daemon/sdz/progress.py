"""How far a piece of work is: said by who does it, heard by who waits for it.

    with hearing(show):                         # in a command, or in the engine's child
        ...
            with part("coding", 0.2, 0.6):      # in the codec: a share of whatever is around it
                passed(3, 12)

Nobody who works knows whether anybody hears. What is heard never goes back, and is an estimate: how
many attempts a search takes shows only when it ends.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

LEAST_SHARE: Final = 0.05
"""Below it nothing can be said of what is left."""


@dataclass(frozen=True, slots=True)
class Progress:
    """doing: in a word or two for people. share: of the whole, 0 to 1. attempt: from 1; 0: there is
    but one. done, total: pieces of what is being done; a total of 0 is not known.
    """

    doing: str = ""
    share: float = 0.0
    attempt: int = 0
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        words = [self.doing or "working"]
        words += [f"attempt {self.attempt}"] if self.attempt else []
        words += [f"part {self.done} of {self.total}"] if self.total > 1 else []
        return ", ".join(words)


Hear = Callable[[Progress], object]


@dataclass(slots=True)
class _Ear:
    hear: Hear
    share: float = 0.0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the whole the work is: from ``low`` to ``high`` of it."""

    ear: _Ear
    doing: str = ""
    low: float = 0.0
    high: float = 1.0
    attempt: int = field(default=0)

    def tell(self, share: float, done: int = 0, total: int = 0) -> None:
        at = self.low + (self.high - self.low) * share
        self.ear.share = max(self.ear.share, min(at, 1.0))
        self.ear.hear(Progress(self.doing, self.ear.share, self.attempt, done, total))


_HERE: ContextVar[_Place | None] = ContextVar("progress", default=None)


def is_heard() -> bool:
    """Whether anybody hears what this thread's work says."""
    return _HERE.get() is not None


@contextmanager
def hearing(hear: Hear) -> Iterator[None]:
    """Have what this thread's work within the block says heard by ``hear``, quickly."""
    token = _HERE.set(_Place(_Ear(hear)))
    try:
        yield
    finally:
        _HERE.reset(token)


@contextmanager
def part(doing: str, low: float = 0.0, high: float = 1.0) -> Iterator[None]:
    """What is done within the block is that share of what is around it."""
    around = _HERE.get()
    if around is None:
        yield
        return
    span = around.high - around.low
    inner = _Place(
        around.ear,
        doing or around.doing,
        around.low + low * span,
        around.low + high * span,
        around.attempt,
    )
    with _within(inner):
        yield


@contextmanager
def attempt(doing: str, low: float, high: float) -> Iterator[None]:
    """As ``part``, of a search: one more attempt."""
    around = _HERE.get()
    if around is None:
        yield
        return
    around.ear.attempts += 1
    number, span = around.ear.attempts, around.high - around.low
    low, high = around.low + low * span, around.low + high * span
    with _within(_Place(around.ear, doing, low, high, number)):
        yield


@contextmanager
def _within(place: _Place) -> Iterator[None]:
    token = _HERE.set(place)
    place.tell(0.0)
    try:
        yield
    finally:
        _HERE.reset(token)


def passed(done: int, total: int) -> None:
    """``done`` of ``total`` pieces of what is being done are done."""
    here = _HERE.get()
    if here is not None and total:
        here.tell(done / total, done, total)


def listener() -> Hear | None:
    """Who hears what this thread's work says: to be told from elsewhere, where another thread or
    another process does it; None where nobody hears."""
    here = _HERE.get()
    return None if here is None else here.ear.hear


def hand_on(progress: Progress) -> None:
    """What another process said of work that this thread waits for."""
    if (hear := listener()) is not None:
        hear(progress)


def seconds_left(share: float, elapsed_s: float) -> float | None:
    """What is left where ``share`` of the work took ``elapsed_s``; None: too early to say."""
    if not LEAST_SHARE <= share <= 1:
        return None
    return elapsed_s * (1 - share) / share


@dataclass(slots=True)
class Heard:
    """What was heard last of a piece of work that began at ``began_s``, and what was left then."""

    began_s: float
    at: Progress = Progress()
    heard_s: float = 0.0
    _left_s: float | None = None

    def hear(self, at: Progress, now_s: float) -> None:
        """Keep what the work says of itself at ``now_s``."""
        if at.share != self.at.share:
            self.heard_s, self._left_s = now_s, seconds_left(at.share, now_s - self.began_s)
        self.at = at

    def left_s(self, now_s: float) -> float:
        """Seconds, as estimated when it was heard: a stage that says nothing for long is taken for
        half done, not for slow. 0: too early to say, or they have passed."""
        return 0.0 if self._left_s is None else max(0.0, self._left_s - (now_s - self.heard_s))


def seldom(hear: Hear, every_s: float) -> Hear:
    """``hear``, not more often than people can read: what comes too soon is left out."""
    heard_s = -math.inf

    def now_and_then(at: Progress) -> None:
        nonlocal heard_s
        if (now_s := time.monotonic()) - heard_s >= every_s:
            heard_s = now_s
            hear(at)

    return now_and_then
