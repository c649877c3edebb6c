"""What the engine says of itself: snapshots for ``status``, events for those who subscribe."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

State = Literal["stopped", "starting", "ready", "draining"]
EventKind = Literal["starting", "started", "stopped", "crashed", "loaded", "evicted"]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model in memory: ``bytes`` of weights, when it was last used and when it may go.

    Seconds are counted from now: ``idle_s`` back, ``expires_s`` ahead (None: it never goes).
    """

    name: str
    device: str
    lane: str
    bytes: int
    idle_s: float
    expires_s: float | None


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """One of the processes. ``resident_bytes``: as it last said, 0 when there is none."""

    lane: str
    state: State
    pid: int | None = None
    device: str | None = None
    resident_bytes: int = 0
    expires_s: float | None = None


@dataclass(slots=True)
class Counters:
    """What has happened since the engine was made. ``out_of_memory``: failures by rung."""

    jobs: int = 0
    failed: int = 0
    cancelled: int = 0
    joined: int = 0
    retries: int = 0
    crashes: int = 0
    starts: int = 0
    batches: int = 0
    out_of_memory: dict[str, int] = field(default_factory=dict)
    rungs: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Counters:
        """The same numbers, which no longer change."""
        return replace(self, out_of_memory=dict(self.out_of_memory), rungs=dict(self.rungs))


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine at one moment.

    state: the liveliest of its processes'. pid, device: of the process for viewers, or of the first
    that runs. queued, running: jobs by priority ("view", "encode", "background").
    """

    state: State
    pid: int | None
    device: str | None
    processes: tuple[ProcessStatus, ...]
    models: tuple[ModelStatus, ...]
    queued: dict[str, int]
    running: dict[str, int]
    counters: Counters


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed in the process of ``lane``; ``detail`` holds JSON values."""

    kind: EventKind
    lane: str
    detail: dict[str, Any] = field(default_factory=dict)
