"""What happens in the daemon, told as Server-Sent Events; the last of them can be had again.

An event's id is ``<boot>-<number>``, the boot being random for each start. Who comes back with
the id it saw last gets what it missed. If that is no longer all there, or is from before a
restart, it gets an event ``gap`` first: read the state anew.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

KEPT: Final = 1000
WAITING: Final = 1000
"""Events that may wait for a reader before it is left behind."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event; ``data`` holds JSON values."""

    id: str
    kind: str
    data: dict[str, Any]

    def encode(self) -> bytes:
        """As it is sent."""
        text = json.dumps(self.data, separators=(",", ":"))  # one line, as ASCII
        return f"id: {self.id}\nevent: {self.kind}\ndata: {text}\n\n".encode()


class Reader:
    """One who listens. ``None`` in its queue is the end."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[LoggedEvent | None] = asyncio.Queue()
        self._ended = False

    async def next(self) -> LoggedEvent | None:
        """The next event; None when there will be no more."""
        if self._ended and self._queue.empty():
            return None
        return await self._queue.get()

    def push(self, event: LoggedEvent) -> None:
        """Hand over an event. A reader too far behind is ended; it may come back and catch up."""
        if self._ended:
            return
        self._queue.put_nowait(event)
        if self._queue.qsize() >= WAITING:
            self.end()

    def end(self) -> None:
        """No more events."""
        if not self._ended:
            self._ended = True
            self._queue.put_nowait(None)


class EventLog:
    """The last events and those who listen for the next."""

    def __init__(self, boot: str | None = None, kept: int = KEPT) -> None:
        self._boot = boot or secrets.token_hex(4)
        self._kept: deque[tuple[int, LoggedEvent]] = deque(maxlen=kept)
        self._readers: set[Reader] = set()
        self._number = 0

    def publish(self, kind: str, data: dict[str, Any]) -> None:
        """Tell everyone."""
        self._number += 1
        event = LoggedEvent(f"{self._boot}-{self._number}", kind, data)
        self._kept.append((self._number, event))
        for reader in list(self._readers):
            reader.push(event)

    @contextmanager
    def listen(self, last_id: str | None) -> Iterator[Reader]:
        """A reader, with what came after ``last_id`` in it; None: only what comes from now on."""
        reader = Reader()
        for event in self._missed(last_id):
            reader.push(event)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    def end(self) -> None:
        """End all readers: the daemon is going."""
        for reader in self._readers:
            reader.end()

    def _missed(self, last_id: str | None) -> list[LoggedEvent]:
        if last_id is None:
            return []
        boot, _, number = last_id.rpartition("-")
        oldest = self._kept[0][0] if self._kept else self._number + 1
        seen = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else -1
        if boot != self._boot or not oldest - 1 <= seen <= self._number:
            return [LoggedEvent(f"{self._boot}-{self._number}", "gap", {})]
        return [event for number, event in self._kept if number > seen]


EVENTS: Final = web.AppKey("events", EventLog)
