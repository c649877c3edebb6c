"""What would become of a folder's pictures: by encoding them without writing anything."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

from sdz.watch.journal.rows import FileRow, Identity, State
from sdz.watch.looking.scan import candidates
from sdz.watch.names import output_names
from sdz.watch.telling.report import PlannedFile
from sdz.watch.writing.convert import Converter, read_source
from sdz.watch.writing.verdict import REFUSED, describe

_SETTLED = (State.DONE, State.UNDONE)
_KNOWN = {State.REFUSED: "refuse", State.BAD: "fail"}


async def plan(converter: Converter) -> AsyncGenerator[PlannedFile, None]:
    """See ``Watcher.plan``. In the order of names, as many encodes at once as there are jobs."""
    options = converter.options
    window: deque[asyncio.Task[PlannedFile]] = deque()
    try:
        for path, identity in candidates(options.root, options.out):
            row = converter.journal.files.find(options.root, path)
            if row is not None and row.identity.is_like(identity) and row.state in _SETTLED:
                continue
            window.append(asyncio.create_task(_one(converter, path, identity, row)))
            if len(window) >= options.jobs:
                yield await window.popleft()
        while window:
            yield await window.popleft()
    finally:
        for task in window:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _one(
    converter: Converter, path: Path, identity: Identity, row: FileRow | None
) -> PlannedFile:
    if row is not None and row.identity.is_like(identity) and row.state in _KNOWN:
        return PlannedFile(path, _KNOWN[row.state], identity.size, code=row.code, reason=row.reason)
    try:
        source = await asyncio.to_thread(read_source, path, identity)
        data = await converter.encode(source)
    except Exception as error:
        code, reason = describe(error)
        action = "refuse" if code in REFUSED else "fail"
        return PlannedFile(path, action, identity.size, code=code, reason=reason)
    folder = converter.folder_for(path)
    free = (folder / name for name in output_names(path.name))
    output = next((target for target in free if not target.exists()), None)
    return PlannedFile(path, "convert", identity.size, len(data), output)
