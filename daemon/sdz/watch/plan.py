"""What would become of a folder's pictures: by encoding them without writing anything."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sdz.errors import SourceUnfinished
from sdz.names import output_names
from sdz.watch.journal.rows import FileRow, Identity, State
from sdz.watch.looking.scan import candidates
from sdz.watch.telling.report import PlannedFile, WatchEvent
from sdz.watch.work import Work, ignore
from sdz.watch.writing.convert import encode
from sdz.watch.writing.source import read_source
from sdz.watch.writing.verdict import REFUSED, WAITED_FOR, describe

_SETTLED = (State.DONE, State.UNDONE)
_KNOWN = {State.REFUSED: "refuse", State.BAD: "fail"}


async def plan(
    work: Work, most: int | None = None, will_try: Callable[[int], object] = ignore
) -> AsyncGenerator[PlannedFile, None]:
    """What ``once.empty`` would do: ``async for file in plan(work)``, in the order of names.

    Changes neither the folder nor the journal. Does not wait for files to settle. As many encodes
    at once as there are jobs. most: so many pictures are encoded, of all sizes; the others are
    untried. will_try: is told how many. Publishes ``started`` of each. Raises FolderUnfit where the
    root is missing.
    """
    options = work.options
    options.require_root()
    window: deque[asyncio.Task[PlannedFile]] = deque()
    taken: set[Path] = set()
    todo = list(_todo(work))
    sample = _sample(todo, most)
    will_try(len(sample))
    try:
        for one in todo:
            if one.known is None and one.path not in sample:
                window.append(asyncio.create_task(_untried(one)))
            else:
                window.append(asyncio.create_task(_one(work, one.path, one.identity, one.known)))
            if len(window) >= options.jobs:
                yield _named(work, await window.popleft(), taken)
        while window:
            yield _named(work, await window.popleft(), taken)
    finally:
        for task in window:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@dataclass(frozen=True, slots=True)
class _Todo:
    """A file to be looked at, and what the journal knows of this very version of it."""

    path: Path
    identity: Identity
    known: FileRow | None


def _todo(work: Work) -> Iterator[_Todo]:
    options = work.options
    for path, identity in candidates(options.root, options.out):
        row = work.journal.files.find(options.root, path)
        known = row if row is not None and row.identity.is_like(identity) else None
        if known is None or known.state not in _SETTLED:
            again = known is not None and known.state in _KNOWN
            yield _Todo(path, identity, known if again else None)


def _sample(todo: list[_Todo], most: int | None) -> set[Path]:
    """Files to try, of all sizes: from each of ``most`` equal parts, by size, the middle one."""
    new = sorted((one for one in todo if one.known is None), key=lambda one: one.identity.size)
    if most is None or len(new) <= most:
        return {one.path for one in new}
    return {new[(2 * part + 1) * len(new) // (2 * most)].path for part in range(most)}


async def _untried(one: _Todo) -> PlannedFile:
    return PlannedFile(one.path, "untried", one.identity.size)


async def _one(work: Work, path: Path, identity: Identity, known: FileRow | None) -> PlannedFile:
    """known: what the journal knows of this very version of the file."""
    size = identity.size
    if known is not None and known.state in _KNOWN:
        return PlannedFile(path, _KNOWN[known.state], size, code=known.code, reason=known.reason)
    work.publish(WatchEvent("started", work.options.root, path))
    try:
        source = await asyncio.to_thread(read_source, path, identity)
        data, notes = await encode(work, path, source)
    except Exception as error:
        code, reason = describe(error)
        action = "refuse" if code in REFUSED else "fail"
        if code == SourceUnfinished.code:
            action, reason = "wait", f"{reason}; {WAITED_FOR}"
        return PlannedFile(path, action, size, code=code, reason=reason)
    return PlannedFile(path, "convert", size, len(data), notes=notes)


def _named(work: Work, file: PlannedFile, taken: set[Path]) -> PlannedFile:
    """With the name that its output would get. taken: those of the files before it."""
    if file.action != "convert":
        return file
    folder = work.options.folder_for(file.path)
    free = (folder / name for name in output_names(file.path.name))
    output = next((one for one in free if one not in taken and not os.path.lexists(one)), None)
    if output is not None:
        taken.add(output)
    return replace(file, output=output)
