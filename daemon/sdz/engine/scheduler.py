"""Which job is next: queues by priority, bounded; equal jobs joined; what may be run together.

Pure and synchronous: no process, no task, no timer; the clock is given. ``engine.py`` asks it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Final

from sdz.engine.jobs import Job, Priority
from sdz.engine.settings import LaneName
from sdz.engine.tickets import BatchLimit, Ticket, TicketState, lane_of
from sdz.engine.yielding import VIEWERS
from sdz.errors import EngineCrashed, QueueFull

MAX_ATTEMPTS: Final = 2
"""A job that was interrupted is tried once more."""

_SECONDS_BEFORE_ANY: Final = 0.5  # a job is taken to last until one has been seen
_RETRY_AFTER_S: Final = (1.0, 60.0)


class Scheduler:
    """All jobs that wait or run."""

    def __init__(self, queue_limit: int, queue_bytes: int, clock: Callable[[], float]) -> None:
        self._queue_limit, self._queue_bytes, self._clock = queue_limit, queue_bytes, clock
        self._queues: dict[tuple[LaneName, Priority], OrderedDict[int, Ticket]] = {}
        self._by_key: dict[Hashable, Ticket] = {}
        self._running: dict[int, Ticket] = {}
        self._bytes = 0
        self._numbers = 0
        self._seconds: dict[LaneName, float] = {}

    def submit(
        self,
        job: Job,
        priority: Priority,
        *,
        lane: LaneName | None = None,
        key: Hashable | None = None,
        size: int = 0,
        together: Hashable | None = None,
        pixels: int = 0,
        deadline: float | None = None,
    ) -> Ticket:
        """A ticket for ``job``: a new one, or that of an equal job, then one waiter more.

        ``size``: bytes the job holds. Raises QueueFull.
        """
        lane = lane or lane_of(job, priority)
        shared = self._by_key.get(key) if key is not None else None
        if shared is not None:
            self._join(shared, lane, priority, deadline)
            return shared
        queue = self._queues.setdefault((lane, priority), OrderedDict())
        full = self._bytes and self._bytes + size > self._queue_bytes
        if len(queue) >= self._queue_limit or full:
            raise QueueFull(len(queue), self._retry_after_s(lane, priority))
        self._numbers += 1
        ticket = Ticket(self._numbers, job, lane, priority, size, key, together, pixels, deadline)
        queue[ticket.number] = ticket
        self._bytes += size
        if key is not None:
            self._by_key[key] = ticket
        return ticket

    def _join(
        self, ticket: Ticket, lane: LaneName, priority: Priority, deadline: float | None
    ) -> None:
        """One waiter more. A ticket is as urgent, and as patient, as any of its waiters."""
        ticket.waiters += 1
        if deadline is None or (ticket.deadline is not None and deadline > ticket.deadline):
            ticket.deadline = deadline
        if ticket.state is TicketState.QUEUED and priority < ticket.priority:
            del self._queue_of(ticket)[ticket.number]
            ticket.lane, ticket.priority = lane, priority
            self._queues.setdefault((lane, priority), OrderedDict())[ticket.number] = ticket

    def leave(self, ticket: Ticket) -> bool:
        """One waiter less. True if it was the last of a job that runs: it should be stopped."""
        ticket.waiters -= 1
        if ticket.waiters > 0 or ticket.state is TicketState.DONE:
            return False
        if ticket.state is TicketState.QUEUED:
            self._drop(ticket)
            return False
        self._forget_key(ticket)  # whoever asks from now on needs a run that is not being stopped
        return True

    def take(self, lane: LaneName, limit: BatchLimit, *, busy: bool = False) -> list[Ticket]:
        """The next job of ``lane``, with those waiting that can be run together; [] for none.

        busy: it will be beside others, so none that is to be alone is given, and no work while
        viewers wait.
        What is taken is running from now on. Nothing is waited for: a batch is what is there.
        """
        if busy and lane == "work" and self.waiting("view"):
            return []
        for priority in Priority:
            queue = self._queues.get((lane, priority))
            if not queue:
                continue
            if busy and next(iter(queue.values())).alone:
                return []
            _, first = queue.popitem(last=False)
            batch = [first, *self._companions(first, queue, limit)]
            for ticket in batch:
                ticket.state = TicketState.RUNNING
                ticket.attempts += 1
                self._running[ticket.number] = ticket
            return batch
        return []

    def _companions(
        self, first: Ticket, queue: OrderedDict[int, Ticket], limit: BatchLimit
    ) -> Iterator[Ticket]:
        if first.together is None or first.alone:
            return
        count, pixels = 1, first.pixels
        for ticket in list(queue.values()):
            if count >= limit.count or pixels + first.pixels > limit.pixels:
                return
            if ticket.together == first.together and not ticket.alone:
                del queue[ticket.number]
                count, pixels = count + 1, pixels + ticket.pixels
                yield ticket

    def finish(self, ticket: Ticket, seconds: float | None = None) -> None:
        """A running ticket has its result or error. ``seconds``: what it took, if that counts."""
        self._drop(ticket)
        if seconds is not None:
            before = self._seconds.get(ticket.lane, seconds)
            self._seconds[ticket.lane] = 0.8 * before + 0.2 * seconds

    def interrupted(self, ticket: Ticket, reason: str) -> EngineCrashed | None:
        """The process died with this running ticket: back to the front of its queue, alone.

        Or, where it has been tried often enough or nobody waits any more, the error it ends with.
        """
        if ticket.attempts >= MAX_ATTEMPTS or ticket.waiters <= 0:
            self._drop(ticket)
            return EngineCrashed(ticket.attempts, reason)
        del self._running[ticket.number]
        ticket.state, ticket.alone = TicketState.QUEUED, True
        queue = self._queues.setdefault((ticket.lane, ticket.priority), OrderedDict())
        queue[ticket.number] = ticket
        queue.move_to_end(ticket.number, last=False)
        return None

    def expired(self) -> list[Ticket]:
        """Waiting tickets whose deadline has passed; they are dropped."""
        now = self._clock()
        late = [
            ticket
            for queue in self._queues.values()
            for ticket in queue.values()
            if ticket.deadline is not None and ticket.deadline <= now
        ]
        for ticket in late:
            self._drop(ticket)
        return late

    def drain(self, lane: LaneName | None = None) -> list[Ticket]:
        """Take away all waiting tickets, of one lane or of both."""
        found = [
            ticket
            for (of, _), queue in self._queues.items()
            if lane in (None, of)
            for ticket in queue.values()
        ]
        for ticket in found:
            self._drop(ticket)
        return found

    def waiting(self, lane: LaneName) -> int:
        """How many jobs wait in a lane."""
        return sum(len(queue) for (of, _), queue in self._queues.items() if of == lane)

    def has_viewers(self) -> bool:
        """Whether somebody waits in front of a page: for a job that waits, or that runs."""
        if any(self.waiting(lane) for lane in VIEWERS):
            return True
        return any(ticket.lane in VIEWERS for ticket in self._running.values())

    def queued_by_priority(self) -> dict[str, int]:
        """Waiting jobs by the priority's name in lower case."""
        counts = {priority.name.lower(): 0 for priority in Priority}
        for (_, priority), queue in self._queues.items():
            counts[priority.name.lower()] += len(queue)
        return counts

    def running_by_priority(self) -> dict[str, int]:
        """Running jobs by the priority's name in lower case."""
        counts = {priority.name.lower(): 0 for priority in Priority}
        for ticket in self._running.values():
            counts[ticket.priority.name.lower()] += 1
        return counts

    def _drop(self, ticket: Ticket) -> None:
        if ticket.state is TicketState.DONE:
            return
        if ticket.state is TicketState.QUEUED:
            del self._queue_of(ticket)[ticket.number]
        else:
            del self._running[ticket.number]
        ticket.state = TicketState.DONE
        self._bytes -= ticket.size
        self._forget_key(ticket)

    def _forget_key(self, ticket: Ticket) -> None:
        if ticket.key is not None and self._by_key.get(ticket.key) is ticket:
            del self._by_key[ticket.key]

    def _queue_of(self, ticket: Ticket) -> OrderedDict[int, Ticket]:
        return self._queues[ticket.lane, ticket.priority]

    def _retry_after_s(self, lane: LaneName, priority: Priority) -> float:
        ahead = sum(
            len(queue)
            for (of, other), queue in self._queues.items()
            if of == lane and other <= priority
        )
        least, most = _RETRY_AFTER_S
        wait = ahead * self._seconds.get(lane, _SECONDS_BEFORE_ANY)
        return min(max(wait, least), most)
