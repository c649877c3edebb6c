"""When encodes that are at work rest for viewers: at once, and not for ever.

A nice value of 5 leaves an encode a quarter of each core beside a viewer, so its whole process
stands still (``ChildProcess.rest``) while somebody waits for a picture. Each second of rest is paid
back by a quarter of one at work, at the latest when two are owed; so it ends on the busiest of
daemons.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sdz.engine.settings import LaneName

VIEWERS: Final[tuple[LaneName, ...]] = ("view", "glance")
"""The lanes that somebody waits for in front of a page."""
RESTING: Final[tuple[LaneName, ...]] = ("work", "search")
"""The lanes that rest for them."""

REST_S: Final = 2.0
"""The longest rest. 64 viewers at once take half as long."""
WORK_S: Final = 0.5
"""What comes after the longest, viewers or not."""


class Yielding:
    """Whether one process rests, by a clock that is given."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rests = False
        self._at = clock()
        self._rested_s = 0.0  # and not yet worked for
        self._works_off = False

    def rests(self, viewers: bool) -> bool:
        """Whether it rests from now on, ``viewers`` being there or not."""
        passed_s, self._at = self._clock() - self._at, self._clock()
        if self._rests:
            self._rested_s += passed_s
        else:
            self._rested_s = max(0.0, self._rested_s - passed_s * REST_S / WORK_S)
        if self._rested_s >= REST_S:
            self._works_off = True
        elif not self._rested_s:
            self._works_off = False
        self._rests = viewers and not self._works_off
        return self._rests

    def left_s(self) -> float | None:
        """Seconds until that is to be asked anew though nobody comes or goes; None: not at all."""
        if self._rests:
            return REST_S - self._rested_s
        return self._rested_s * WORK_S / REST_S if self._works_off else None
