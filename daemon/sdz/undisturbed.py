"""Child processes begun and ended in an event loop, whoever is cancelled meanwhile.

A handler of aiohttp's is cancelled when the daemon stops, and a loop's turn later again, since its
connection is lost then. The first time it ends its process; the second would take it away from
that, with a process that nobody waits for, and a loop that closes over it writes a traceback to
the log of a daemon that was only told to stop.
"""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import Coroutine
from typing import Any, TypeVar

Given = TypeVar("Given")


async def to_its_end(work: Coroutine[Any, Any, Given] | asyncio.Task[Given]) -> Given:
    """What ``work`` gives. Who waits may be cancelled as often as anybody likes, and is so only
    when it has ended; so it is for what ends soon."""
    task = work if isinstance(work, asyncio.Task) else asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # or the loop says that nobody has heard of it
    raise cancelled


async def begin(*words: str, **options: Any) -> Process:
    """Begin a child, as ``asyncio.create_subprocess_exec`` does. Who is cancelled meanwhile leaves
    none behind."""
    beginning = asyncio.create_task(asyncio.create_subprocess_exec(*words, **options))
    try:
        return await to_its_end(beginning)
    except asyncio.CancelledError:
        if not beginning.cancelled() and beginning.exception() is None:
            await finish(beginning.result())
        raise


async def finish(process: Process) -> None:
    """End a child at once, and wait until it and its output have ended."""
    if process.returncode is None:
        process.kill()
    await to_its_end(_ended(process))


async def _ended(process: Process) -> None:
    await process.wait()
    if process.stdout is not None:
        await process.stdout.read()
