"""What is being done to the files in work, and for how long yet, in words: one folder's."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sdz.progress import Heard, Progress
from sdz.watch.telling.report import WatchEvent


class Stages:
    """Follows a folder's events, and what is heard of its encodes, in whatever thread."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._root, self._clock = root, clock
        self._works: dict[Path, Heard] = {}

    def on_event(self, event: WatchEvent) -> None:
        """A file was begun with, or has come to an end."""
        if event.path is None:
            return
        if event.kind == "started":
            self._works[event.path] = Heard(self._clock())
        else:
            self._works.pop(event.path, None)

    def hear(self, path: Path, at: Progress) -> None:
        """How far the encoding of a file is."""
        if (work := self._works.get(path)) is not None:
            work.hear(at, self._clock())

    def words(self) -> dict[str, str]:
        """``coding, attempt 2, about 24 s left`` by the file's path below the root; of those that
        have said something."""
        now_s = self._clock()
        return {
            str(path.relative_to(self._root)): _words(work, now_s)
            for path, work in list(self._works.items())
            if work.at.doing
        }

    def left_s(self) -> float:
        """Seconds until all in work are done, as far as that can be told."""
        now_s = self._clock()
        return max((work.left_s(now_s) for work in list(self._works.values())), default=0.0)


def _words(work: Heard, now_s: float) -> str:
    left_s = work.left_s(now_s)
    return f"{work.at}, about {left_s:.0f} s left" if left_s >= 1 else str(work.at)
