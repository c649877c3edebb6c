"""Every reason for a watcher to wake, as a message; and the one way in for all of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

MOST_PATHS: Final = 4096
"""Paths that are remembered between two looks; with more, everything is looked at."""

GATHER_S: Final = 0.05
"""After a message its neighbours are waited for: copying a folder is thousands of them."""


@dataclass(frozen=True, slots=True)
class PathChanged:
    """Something happened at this path, or there is a reason to look there again."""

    path: str


@dataclass(frozen=True, slots=True)
class EventsLost:
    """More happened than could be told, so that everything must be looked at."""


@dataclass(frozen=True, slots=True)
class RescanWanted:
    """Somebody asks that everything be looked at."""


@dataclass(frozen=True, slots=True)
class ScanEnded:
    """Everything was looked at."""


@dataclass(frozen=True, slots=True)
class FileEnded:
    """A file under way has come to its end: there is room for another."""


@dataclass(frozen=True, slots=True)
class FilesRetried:
    """Files that had failed are due again."""


Message: TypeAlias = PathChanged | EventsLost | RescanWanted | ScanEnded | FileEnded | FilesRetried
Post: TypeAlias = Callable[[Message], None]


class Inbox:
    """Messages in the order in which they came, equal ones once.

    Anybody may post, from any thread, before there is a loop that takes and after it has ended.
    One takes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[Message, None] = {}
        # Of who waits now: under the lock, so that nobody calls a loop that is no longer there.
        self._waiting: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def post(self, message: Message) -> None:
        """Leave a message, and wake who waits."""
        with self._lock:
            if isinstance(message, PathChanged) and EventsLost() in self._messages:
                return
            self._messages[message] = None
            if isinstance(message, EventsLost) or len(self._messages) > MOST_PATHS:
                rest = [one for one in self._messages if not isinstance(one, PathChanged)]
                self._messages = dict.fromkeys([*rest, EventsLost()])
            if self._waiting is not None:
                loop, arrived = self._waiting
                loop.call_soon_threadsafe(arrived.set)

    def drain(self) -> list[Message]:
        """All that has come, at once."""
        with self._lock:
            found, self._messages = list(self._messages), {}
        return found

    async def take(self, patience_s: float) -> list[Message]:
        """All that has come, and what comes right after; nothing if nothing comes in time."""
        arrived = asyncio.Event()
        with self._lock:
            self._waiting = asyncio.get_running_loop(), arrived
            if self._messages:
                arrived.set()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await arrived.wait()
                    await asyncio.sleep(GATHER_S)
        finally:
            with self._lock:
                self._waiting = None
        return self.drain()
