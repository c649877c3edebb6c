"""The engine: jobs on pictures, done in processes of their own that hold torch and the models.

    async with Engine(EngineConfig(keep_alive_s=300)) as engine:
        result = await engine.run(DecodeJob(data, "png"), priority=Priority.VIEW, deadline_s=30)

Importing this imports neither torch nor numpy; see ``docs/engine.md`` for how it works.
"""

from __future__ import annotations

from sdz.engine.engine import Engine
from sdz.engine.jobs import (
    DecodeJob,
    EncodeJob,
    Job,
    JobResult,
    LoadJob,
    PreviewJob,
    Priority,
    UnloadJob,
)
from sdz.engine.settings import EngineConfig
from sdz.engine.status import EngineStatus, Event, ModelStatus, ProcessStatus, State
from sdz.progress import Progress

__all__ = [
    "DecodeJob",
    "EncodeJob",
    "Engine",
    "EngineConfig",
    "EngineStatus",
    "Event",
    "Job",
    "JobResult",
    "LoadJob",
    "ModelStatus",
    "PreviewJob",
    "Priority",
    "ProcessStatus",
    "Progress",
    "State",
    "UnloadJob",
]
