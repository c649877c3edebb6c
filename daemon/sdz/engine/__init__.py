"""The engine: jobs on pictures, done in processes of their own that hold the models.

    async with Engine(EngineConfig(keep_alive_s=300)) as engine:
        result = await engine.run(DecodeJob(data, "png"), priority=Priority.VIEW, deadline_s=30)

Importing this imports next to nothing: each name brings in the file that it is from when it is
first asked for, so that a child loads no asyncio. See ``docs/engine.md`` for how it works.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sdz.engine.engine import Engine
    from sdz.engine.jobs import (
        DecodeJob,
        EncodeJob,
        Job,
        JobResult,
        LoadJob,
        PreviewJob,
        Priority,
        ScoresJob,
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
    "ScoresJob",
    "State",
    "UnloadJob",
]

_JOBS: Final = (
    *("DecodeJob", "EncodeJob", "Job", "JobResult"),
    *("LoadJob", "PreviewJob", "Priority", "ScoresJob", "UnloadJob"),
)
_FILES: Final = {
    "sdz.engine.engine": ("Engine",),
    "sdz.engine.jobs": _JOBS,
    "sdz.engine.settings": ("EngineConfig",),
    "sdz.engine.status": ("EngineStatus", "Event", "ModelStatus", "ProcessStatus", "State"),
    "sdz.progress": ("Progress",),
}
_FILE_OF: Final = {name: file for file, names in _FILES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_FILE_OF[name]), name)
