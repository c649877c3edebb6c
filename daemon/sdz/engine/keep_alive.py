"""How long an idle process is kept, by a clock that is given."""

from __future__ import annotations

from collections.abc import Callable


class KeepAlive:
    """When an idle process may go: ``keep_alive_s`` after it last had something to do."""

    def __init__(self, keep_alive_s: float, clock: Callable[[], float]) -> None:
        self._keep_alive_s, self._clock = keep_alive_s, clock
        self._since = clock()

    def touch(self) -> None:
        """There is, or was until now, something to do."""
        self._since = self._clock()

    def left_s(self) -> float | None:
        """Seconds until it may go; 0 when it may; None for never."""
        if self._keep_alive_s < 0:
            return None
        return max(0.0, self._since + self._keep_alive_s - self._clock())
