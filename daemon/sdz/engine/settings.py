"""The engine's settings, checked when they are made, and the part of them its children get."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final, Literal

from sdz.errors import BadOption

DEVICES: Final = ("auto", "cuda", "mps", "cpu")
GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """How the engine runs. Seconds, bytes and pixels are in the names.

    device: auto takes cuda, then mps, then the processor; any other is taken or refused.
    keep_alive_s: a process ends after that much idleness; 0 at once, below 0 never.
    queue_limit: jobs that may wait, of each priority; queue_bytes: what they may hold together.
    memory_budget_bytes: weights that a process keeps; idle models go when it is exceeded.
    threads: of torch on the processor; None leaves the choice to torch.
    allow_cpu_fallback: whether a job that no other way fits on the device may run on the processor.
    batch_limit, batch_pixels: how many pictures, and how many pixels of them together, are
    decoded at once on a GPU; cpu_batch_pixels: the same on the processor, where only the overhead
    of each call is saved: lite-1 on two cores needs 1.1 instead of 3.5 ms for a picture of 64
    pixels a side among 16, but nothing less at 256 and more at 512.
    max_pixels: the largest picture that is encoded.
    memory_limit_bytes: what a process may take (see ``limits``); 0: most of what the machine has.
    start_timeout_s: until a new process must have said that it is ready. stop_timeout_s: until it
    must have ended. stuck_s: how long after its jobs were all given up it may go on with them.
    """

    device: str = "auto"
    keep_alive_s: float = 300.0
    queue_limit: int = 256
    queue_bytes: int = GIB
    memory_budget_bytes: int = 4 * GIB
    threads: int | None = None
    allow_cpu_fallback: bool = True
    batch_limit: int = 16
    batch_pixels: int = 1 << 23
    cpu_batch_pixels: int = 1 << 16
    max_pixels: int = 150_000_000
    memory_limit_bytes: int = 0
    start_timeout_s: float = 120.0
    stop_timeout_s: float = 5.0
    stuck_s: float = 120.0

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise BadOption("device", ", ".join(DEVICES), self.device)
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise BadOption(name, f"at least {least}", value)


_LEAST: Final = {
    "queue_limit": 1,
    "queue_bytes": 1,
    "memory_budget_bytes": 0,
    "threads": 1,
    "batch_limit": 1,
    "batch_pixels": 0,
    "cpu_batch_pixels": 0,
    "max_pixels": 1,
    "memory_limit_bytes": 0,
    "start_timeout_s": 0,
    "stop_timeout_s": 0,
    "stuck_s": 0,
}

LaneName = Literal["view", "work", "search", "glance"]


@dataclass(frozen=True, slots=True)
class ChildConfig:
    """What a child process is told on its command line. ``parent``: the id it must not outlive."""

    lane: LaneName
    parent: int
    device: str = "auto"
    threads: int | None = None
    keep_alive_s: float = 300.0
    memory_budget_bytes: int = 4 * GIB
    allow_cpu_fallback: bool = True
    max_pixels: int = 150_000_000
    memory_limit_bytes: int = 0

    @classmethod
    def of(cls, config: EngineConfig, lane: LaneName, parent: int) -> ChildConfig:
        """The part of the engine's settings that matters to the child of one lane."""
        names = cls.__dataclass_fields__.keys() - {"lane", "parent"}
        return cls(lane, parent, **{name: getattr(config, name) for name in names})

    def to_argument(self) -> str:
        """As one word of a command line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_argument(cls, text: str) -> ChildConfig:
        """What ``to_argument`` wrote."""
        return cls(**json.loads(text))
