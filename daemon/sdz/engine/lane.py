"""One lane: its child process through starting, working, idling, crashing and ending.

A lane takes from the scheduler what its child can work on, hands on what the child answers, and
decides when the child goes. Who waits for a ticket is the engine's business: ``Listeners``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from sdz.engine.flight import InFlight, Listeners
from sdz.engine.keep_alive import KeepAlive
from sdz.engine.limits import OVER_TIME
from sdz.engine.process import ChildProcess, StartFailed
from sdz.engine.protocol import Frame
from sdz.engine.residents import Residents
from sdz.engine.scheduler import MAX_ATTEMPTS, Scheduler
from sdz.engine.settings import ChildConfig, EngineConfig, LaneName
from sdz.engine.status import Counters, Event, EventKind, ModelStatus, ProcessStatus, State
from sdz.engine.tickets import BatchLimit, Ticket
from sdz.engine.yielding import RESTING, Yielding
from sdz.errors import DeadlinePassed, EngineCrashed, JobFailed, SdzError, TooCostly

_LOG: Final = logging.getLogger(__name__)

# A child without torch is quickly there again. It is not kept for long, and killed rather than
# waited for: none of its work looks whether it is still wanted.
_GLANCE_KEPT_S: Final = 30.0
_GLANCE_STUCK_S: Final = 0.1


class Lane:
    """The life of one child process after another. ``run`` is its only task."""

    def __init__(
        self,
        name: LaneName,
        config: EngineConfig,
        scheduler: Scheduler,
        clock: Callable[[], float],
        command: Sequence[str] | None,
        listeners: Listeners,
        counters: Counters,
    ) -> None:
        self.name: Final = name
        self._config, self._scheduler, self._command = config, scheduler, command
        self._listeners, self._counters = listeners, counters
        kept_s, self._stuck_s = config.keep_alive_s, config.stuck_s
        if name == "glance":
            kept_s = _GLANCE_KEPT_S if kept_s < 0 else min(kept_s, _GLANCE_KEPT_S)
            self._stuck_s = min(config.stuck_s, _GLANCE_STUCK_S)
        self._keep_alive = KeepAlive(kept_s, clock)
        self._residents = Residents(name, config.keep_alive_s, clock)
        self._in_flight = InFlight(scheduler, listeners, counters, clock)
        self._yielding = Yielding(clock)
        self._wake = asyncio.Event()
        self._state: State = "stopped"
        self._stopping = False
        self._failed_starts = 0
        self._child: ChildProcess | None = None
        self._free = False  # the child has said that it can take a batch
        self._let_go = False  # it was killed since nobody waits for what it does

    # --- from outside -------------------------------------------------------------------------

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def has_child(self) -> bool:
        """Whether a child is there and ready."""
        return self._child is not None

    async def give_up(self, ticket: Ticket) -> None:
        """Nobody waits for a running ticket any more: the child stops it at the next tile."""
        self.wake()  # before: it does not rest with what nobody wants, and may rest now
        if self._child is not None and ticket.number in self._in_flight:
            await self._child.send({"type": "cancel", "id": ticket.number})

    def stop(self) -> None:
        """Start nothing more; end when what runs has ended."""
        self._stopping = True
        if self._state != "stopped":
            self._state = "draining"
        self.wake()

    def kill(self) -> None:
        """End the child at once, if there is one."""
        if self._child is not None:
            self._child.kill()

    def process(self) -> ProcessStatus:
        """A snapshot of the process."""
        child = self._child
        busy = self._in_flight or self._scheduler.waiting(self.name)
        return ProcessStatus(
            lane=self.name,
            state=self._state,
            pid=child.pid if child else None,
            device=child.about.get("device") if child else None,
            resident_bytes=self._residents.bytes if child else 0,
            expires_s=self._keep_alive.left_s() if child and not busy else None,
        )

    def models(self) -> tuple[ModelStatus, ...]:
        """The models in the child's memory, as it last said."""
        return self._residents.models() if self._child is not None else ()

    # --- the life -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Wait for work, work, for ever; ends after ``stop``."""
        while not self._stopping:
            self._wake.clear()
            if not self._scheduler.waiting(self.name):
                await self._wake.wait()
                continue
            try:
                await self._session()
            except Exception as error:  # a fault of ours must not leave callers waiting for ever
                _LOG.exception("the engine's %s lane", self.name)
                self._refuse_waiting(JobFailed(type(error).__name__, str(error)))

    async def _session(self) -> None:
        """One child, from its start to its end."""
        child = await self._start()
        if child is None:
            return
        reader = asyncio.create_task(self._read(child))
        done = False
        try:
            done = await self._feed(child, reader)
        finally:
            self._child = None
            how = await child.end(self._config.stop_timeout_s)
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            self._state = "stopped"
            self._ended(done, how)

    async def _start(self) -> ChildProcess | None:
        self._state = "starting"
        self._emit("starting")
        self._counters.starts += 1
        config = ChildConfig.of(self._config, self.name, os.getpid())
        try:
            child = await ChildProcess.start(config, self._config.start_timeout_s, self._command)
        except StartFailed as error:
            self._state = "stopped"
            self._counters.crashes += 1
            self._failed_starts += 1
            self._emit("crashed", reason=str(error))
            if self._failed_starts >= MAX_ATTEMPTS:
                self._refuse_waiting(EngineCrashed(self._failed_starts, f"at its start: {error}"))
                self._failed_starts = 0
            return None
        except SdzError as error:
            self._state = "stopped"
            self._emit("stopped", reason=str(error))
            self._refuse_waiting(error)
            return None
        except asyncio.CancelledError:
            self._state = "stopped"
            raise
        self._failed_starts = 0
        self._child, self._free = child, True
        self._residents.update(child.about)
        self._keep_alive.touch()
        self._state = "draining" if self._stopping else "ready"
        self._emit("started", pid=child.pid, device=child.about.get("device"))
        return child

    async def _feed(self, child: ChildProcess, reader: asyncio.Task[None]) -> bool:
        """Give the child work until it may go (True) or has gone by itself (False)."""
        while not reader.done():
            self._wake.clear()
            rests = self._rests()
            child.rest(rests)
            may_begin = self._free and not self._stopping and not rests
            if may_begin and (batch := self._next_batch(child)):
                self._free = False
                header, bodies = self._in_flight.add(batch)
                await child.send(header, *bodies)
                continue
            left_s: float | None = None
            if self._in_flight:
                times_s = (self._patience_left_s(child), self._yielding.left_s())
                left_s = min((time_s for time_s in times_s if time_s is not None), default=None)
            elif self._free:
                left_s = 0.0 if self._stopping else self._keep_alive.left_s()
                if left_s == 0:
                    return True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._wake.wait()
        return False

    def _rests(self) -> bool:
        """Whether what is under way is to wait for viewers. Who is cancelled has to hear of it."""
        may_rest = self._in_flight and self._in_flight.all_wanted() and not self._stopping
        viewers = self.name in RESTING and self._scheduler.has_viewers()
        return self._yielding.rests(bool(may_rest and viewers))

    def _next_batch(self, child: ChildProcess) -> list[Ticket]:
        for ticket in self._scheduler.expired():
            self._listeners.on_ended(ticket, DeadlinePassed(0))
        if self._in_flight.has_one_alone():
            return []
        on_gpu = child.about.get("device") != "cpu"
        pixels = self._config.batch_pixels if on_gpu else self._config.cpu_batch_pixels
        limit = BatchLimit(self._config.batch_limit, pixels)
        return self._scheduler.take(self.name, limit, busy=bool(self._in_flight))

    def _patience_left_s(self, child: ChildProcess) -> float | None:
        """Seconds until the child is killed for going on with what nobody wants; None: for ever."""
        unwanted_s = self._in_flight.unwanted_s()
        if unwanted_s is None:
            return None
        left_s = self._stuck_s - unwanted_s
        if left_s > 0:
            return left_s
        child.kill()
        self._let_go = self.name == "glance"
        return None

    async def _read(self, child: ChildProcess) -> None:
        try:
            while (frame := await child.receive()) is not None:
                self._on_frame(frame)
                self._wake.set()
        finally:
            self._wake.set()

    def _on_frame(self, frame: Frame) -> None:
        match frame.header["type"]:
            case "ready":
                self._free = True
            case "memory":
                self._residents.update(frame.header)
                for change in frame.header["changes"]:
                    self._emit(change.pop("kind"), **change)
            case _:
                if self._in_flight.on_frame(frame):
                    self._keep_alive.touch()

    def _ended(self, done: bool, how: str) -> None:
        if done or self._stopping:
            self._in_flight.stopped()
            self._emit("stopped")
            return
        if how == OVER_TIME:
            self._emit("stopped", reason=how)
            self._in_flight.failed(TooCostly("processor time"))
            return
        if self._let_go:
            self._let_go = False
            self._emit("stopped", reason="nobody waits for what it was doing")
            self._in_flight.crashed(how)
            return
        self._counters.crashes += 1
        self._emit("crashed", reason=how)
        self._in_flight.crashed(how)

    def _refuse_waiting(self, error: SdzError) -> None:
        for ticket in self._scheduler.drain(self.name):
            self._listeners.on_ended(ticket, error)

    def _emit(self, kind: EventKind, **detail: Any) -> None:
        self._listeners.on_event(Event(kind, self.name, detail))
