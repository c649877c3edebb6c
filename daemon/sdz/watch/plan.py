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
from sdz.watch.work import Work
from sdz.watch.writing.convert import encode
from sdz.watch.writing.source import read_source
from sdz.watch.writing.verdict import REFUSED, describe

_SETTLED = (State.DONE, State.UNDONE)
_KNOWN = {State.REFUSED: "refuse", State.BAD: "fail"}


async def plan(work: Work) -> AsyncGenerator[PlannedFile, None]:
    """What ``once.empty`` would do: ``async for file in plan(work)``, in the order of names.

    Changes neither the folder nor the journal. Does not wait for files to settle. As many encodes
    at once as there are jobs. Raises FolderUnfit where the root is missing.
    """
    options = work.options
    options.require_root()
    window: deque[asyncio.Task[PlannedFile]] = deque()
    try:
        for path, identity in candidates(options.root, options.out):
            row = work.journal.files.find(options.root, path)
            known = row if row is not None and row.identity.is_like(identity) else None
            if known is not None and known.state in _SETTLED:
                continue
            window.append(asyncio.create_task(_one(work, path, identity, known)))
            if len(window) >= options.jobs:
                yield await window.popleft()
        while window:
            yield await window.popleft()
    finally:
        for task in window:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _one(work: Work, path: Path, identity: Identity, known: FileRow | None) -> PlannedFile:
    """known: what the journal knows of this very version of the file."""
    size = identity.size
    if known is not None and known.state in _KNOWN:
        return PlannedFile(path, _KNOWN[known.state], size, code=known.code, reason=known.reason)
    try:
        source = await asyncio.to_thread(read_source, path, identity)
        data = await encode(work, source)
    except Exception as error:
        code, reason = describe(error)
        action = "refuse" if code in REFUSED else "fail"
        return PlannedFile(path, action, size, code=code, reason=reason)
    folder = work.options.folder_for(path)
    free = (folder / name for name in output_names(path.name))
    output = next((target for target in free if not target.exists()), None)
    return PlannedFile(path, "convert", size, len(data), output)
