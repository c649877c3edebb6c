"""The row of a source: what a command has to say of it, or how it failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sdz.commands.console import reason_of
from sdz.commands.waiting import at_work
from sdz.errors import SdzError, code_of

Row: TypeAlias = Mapping[str, Any]
Task: TypeAlias = Callable[[], Row]
"""The part of a source's work that may be done beside that of others."""
Work: TypeAlias = Callable[[str], Row | Task]


def settle(source: str, task: Task) -> Row:
    """The row of a source, whether ``task`` gives it or fails."""
    try:
        with at_work(source):
            return {"source": source, **task()}
    except BrokenPipeError:  # nobody reads standard output any more: so with the next ones
        raise
    except (SdzError, OSError, MemoryError) as error:
        return {"source": source, "error": code_of(error), "reason": reason_of(error)}


def whole(work: Work, source: str) -> Row:
    """All of a source's work, in one go."""
    planned = work(source)
    return planned() if callable(planned) else planned
