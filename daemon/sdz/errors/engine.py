"""The processes that run the models did not give a result."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "engine"


class EngineError(SdzError):
    """The process that runs the models did not give a result."""

    code = "engine-error"


class QueueFull(EngineError):
    """``waiting`` jobs wait already, as many as may; worth another try in ``retry_after_s``."""

    code = "queue-full"
    waiting: int
    retry_after_s: float
    sentence = "{waiting} jobs are waiting already; try again in {retry_after_s:.0f} seconds"


class DeadlinePassed(EngineError):
    """No result within ``seconds``, the time the caller gave."""

    code = "deadline-passed"
    seconds: float
    sentence = "no result within the {seconds:g} seconds that were given"


class JobCancelled(EngineError):
    """The job was cancelled before it had a result."""

    code = "cancelled"
    sentence = "the job was cancelled"


class JobFailed(EngineError):
    """An error nobody planned for, a fault of this program. ``kind``: its class."""

    code = "internal-error"
    kind: str
    reason: str
    sentence = "internal error, please report it: {kind}: {reason}"


class EngineCrashed(EngineError):
    """The process ended unasked ``attempts`` times while it had this job. ``reason``: how."""

    code = "engine-crashed"
    attempts: int
    reason: str
    sentence = "the engine's process ended unasked {_times} with this job ({reason})"

    @property
    def _times(self) -> str:
        return "once" if self.attempts == 1 else f"{self.attempts} times"


class EngineStopped(EngineError):
    """The engine is not running, or is being stopped, and takes no jobs."""

    code = "engine-stopped"
    sentence = "the engine is stopped and takes no jobs"


class OutOfMemory(EngineError):
    """``device`` has too little memory for the job; ``tried``: the ways that were tried."""

    code = "out-of-memory"
    device: str
    tried: tuple[str, ...]
    sentence = (
        "out of memory on {device}, tried: {tried:, }; "
        "close other programs that use it, or decode at another device"
    )


class TooCostly(EngineError):
    """Showing a picture would take more of ``resource`` than one of its size may."""

    code = "too-costly"
    resource: str
    sentence = (
        "it takes more {resource} than a picture of its size and bytes may: "
        "it is damaged, or was made to do harm"
    )


class DeviceMissing(EngineError):
    """The device ``wanted`` is not on this machine or cannot be used. ``found``: those that can."""

    code = "device-missing"
    wanted: str
    found: tuple[str, ...]
    sentence = "no {wanted} device can be used here, only {found:, }; choose one of these, or auto"
