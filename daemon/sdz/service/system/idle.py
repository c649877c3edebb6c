"""Holding little memory, and giving it back when there is nothing to do.

glibc gives each thread an arena of its own and keeps what was freed in it for the next time.
After a burst of 9,000 pictures the service held 88 MB; with two arenas, trimmed, 61 MB, and was
no slower. With another C library all of this does nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sdz.engine.memory import call_c, trim
from sdz.service.http.traffic import Traffic

PAUSE_S: Final = 30.0
_M_ARENA_MAX: Final = -8  # malloc.h


def few_arenas() -> None:
    """To be called before there are threads."""
    call_c("mallopt", _M_ARENA_MAX, 2)


class IdleTrim:
    """Decides when to trim: once after each burst, when no request is under way."""

    def __init__(self, traffic: Traffic, give_back: Callable[[], object] = trim) -> None:
        self._traffic, self._give_back = traffic, give_back
        self._seen = self._trimmed = 0

    def check(self) -> None:
        """To be called now and then. Trims if there were answers, but none since the last check."""
        answers = self._traffic.answers.total()
        quiet = answers == self._seen and not self._traffic.under_way
        self._seen = answers
        if quiet and answers != self._trimmed:
            self._trimmed = answers
            self._give_back()


async def trim_when_idle(traffic: Traffic) -> None:
    """Look every ``PAUSE_S`` seconds, for as long as the daemon runs."""
    idle = IdleTrim(traffic)
    while True:
        await asyncio.sleep(PAUSE_S)
        idle.check()
