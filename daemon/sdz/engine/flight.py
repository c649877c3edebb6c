"""The tickets a child has been given, until each has ended: by answer, crash or stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sdz.engine.jobs import JobResult, describe
from sdz.engine.protocol import Frame, load_error
from sdz.engine.scheduler import Scheduler
from sdz.engine.status import Counters, Event
from sdz.engine.tickets import Ticket
from sdz.errors import EngineStopped, JobCancelled, SdzError
from sdz.progress import Progress

Ending = JobResult | SdzError


@dataclass(frozen=True, slots=True)
class Listeners:
    """Whom a lane tells: of a ticket's end, of its progress, of changes for subscribers."""

    on_ended: Callable[[Ticket, Ending], None]
    on_progress: Callable[[Ticket, Progress], None]
    on_event: Callable[[Event], None]


class InFlight:
    """Tickets by number; true while there are any."""

    def __init__(
        self,
        scheduler: Scheduler,
        listeners: Listeners,
        counters: Counters,
        clock: Callable[[], float],
    ) -> None:
        self._scheduler, self._listeners = scheduler, listeners
        self._counters, self._clock = counters, clock
        self._tickets: dict[int, Ticket] = {}
        self._unwanted_since: float | None = None

    def __bool__(self) -> bool:
        return bool(self._tickets)

    def __contains__(self, number: int) -> bool:
        return number in self._tickets

    def has_one_alone(self) -> bool:
        """Whether one of them is to have the child for itself."""
        return any(ticket.alone for ticket in self._tickets.values())

    def add(self, batch: list[Ticket]) -> tuple[dict[str, Any], list[bytes]]:
        """Take a batch on; the frame, as header and bodies, by which the child is told of it."""
        self._counters.batches += 1
        self._unwanted_since = None
        headers, bodies = [], []
        for ticket in batch:
            self._tickets[ticket.number] = ticket
            header, body = describe(ticket.job)
            headers.append({"id": ticket.number, "bytes": len(body), **header})
            bodies.append(body)
        return {"type": "batch", "jobs": headers}, bodies

    def on_frame(self, frame: Frame) -> bool:
        """Hand on what a frame says of a ticket. True if that was its end."""
        header = frame.header
        ending: Ending
        match header["type"]:
            case "progress":
                ticket = self._tickets.get(header["id"])
                if ticket is not None:
                    progress = Progress(**header["at"])
                    self._listeners.on_progress(ticket, progress)
                return False
            case "done":
                names = ("media_type", "meta", "rung", "device", "seconds")
                ending = JobResult(frame.body, **{name: header[name] for name in names})
            case "failed":
                ending = load_error(header["error"])
            case "cancelled":
                ending = JobCancelled()
            case _:
                return False
        failures = self._counters.out_of_memory
        for rung in header.get("out_of_memory", ()):
            failures[rung] = failures.get(rung, 0) + 1
        ticket = self._tickets.pop(header["id"], None)
        if ticket is not None:
            self._scheduler.finish(ticket, header.get("seconds"))
            self._listeners.on_ended(ticket, ending)
        return True

    def all_wanted(self) -> bool:
        """Whether somebody waits for each of them."""
        return all(ticket.waiters > 0 for ticket in self._tickets.values())

    def unwanted_s(self) -> float | None:
        """For how long nobody has waited for any of them; None while somebody does."""
        if any(ticket.waiters > 0 for ticket in self._tickets.values()):
            self._unwanted_since = None
            return None
        if self._unwanted_since is None:
            self._unwanted_since = self._clock()
        return self._clock() - self._unwanted_since

    def crashed(self, how: str) -> None:
        """The child is gone: each is tried once more, or fails."""
        # Backwards, as each goes to the front of its queue.
        for ticket in reversed(self._take_all()):
            error = self._scheduler.interrupted(ticket, how)
            if error is None:
                self._counters.retries += 1
            else:
                self._listeners.on_ended(ticket, error)

    def stopped(self) -> None:
        """The child is gone since the engine is being stopped: none is tried again."""
        self.failed(EngineStopped())

    def failed(self, error: SdzError) -> None:
        """The child is gone, and another would fare no better: none is tried again."""
        for ticket in self._take_all():
            self._scheduler.finish(ticket)
            self._listeners.on_ended(ticket, error)

    def _take_all(self) -> list[Ticket]:
        tickets = list(self._tickets.values())
        self._tickets.clear()
        return tickets
