"""How long the daemon takes to end: one deadline for all that ends after each other.

Answers have the time that is set; the engine what is left of that and a little more. What has no
end of its own then (a thread that waits for a sleeping disk) is left to the system.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final

LOG: Final = logging.getLogger("sdz.daemon")
ENGINE_S: Final = 1.0
"""For the engine where the answers have used up their time: to kill its children takes none."""
REST_S: Final = 1.0
"""For all the rest, of which nothing waits for anybody."""


class Deadline:
    """Counts from ``begin``, the signal to stop, on. ``answers_s``: how long answers may take."""

    def __init__(self, answers_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._answers_s, self._clock = answers_s, clock
        self._began: float | None = None
        self._last_resort: threading.Timer | None = None

    @property
    def whole_s(self) -> float:
        """From the signal to the end, at the most."""
        return self._answers_s + ENGINE_S + REST_S

    def begin(self, number: int) -> None:
        """The signal ``number`` has come: the process ends within ``whole_s``."""
        self._began = self._clock()
        self._last_resort = threading.Timer(self.whole_s, _leave, (number,))
        self._last_resort.daemon = True
        self._last_resort.start()

    def engine_s(self) -> float:
        """How long what the engine runs may still take."""
        if self._began is None:  # it ends without a signal: by a fault
            return ENGINE_S
        return max(0.0, self._began + self._answers_s + ENGINE_S - self._clock())

    def met(self) -> None:
        """All has ended."""
        if self._last_resort is not None:
            self._last_resort.cancel()


def _leave(number: int) -> None:
    LOG.warning("ended with work under way that would not end")
    logging.shutdown()
    os._exit(128 + number)
