"""The process that writes and measures other formats: begun when it is asked, ended when idle.

It is asked one thing at a time. What nobody waits for any more is ended by ending the process;
otherwise it stays a while, since the next format of the same picture is likely to be asked for,
and the picture and torch are in it already.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from aiohttp import web

from sdz import children, undisturbed
from sdz.errors import PeerFailed

IDLE_S: Final = 30.0
_PROGRAM: Final = "sdz.service.dashboard.compare_worker"


class Comparer:
    """One process at most. ``idle_s``: how long it outlives its last answer. ``memory_limit``: the
    bytes that it may take; 0: most of what the machine has."""

    def __init__(self, idle_s: float = IDLE_S, memory_limit: int = 0) -> None:
        self._idle_s, self._memory_limit = idle_s, memory_limit
        self._turn = asyncio.Semaphore(1)
        self._process: asyncio.subprocess.Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    async def ask(
        self, picture: bytes, kind: str, limit: int, max_pixels: int
    ) -> tuple[dict[str, Any], bytes]:
        """(figures, file) of a picture in a format within ``limit`` bytes. Raises PeerFailed."""
        wish = {"format": kind, "bytes": limit, "pixels": max_pixels, "size": len(picture)}
        async with self._turn:
            self._stay()
            if self._closed:
                raise PeerFailed(kind, "sdz is being stopped")
            try:
                row, data = await self._exchange(wish, picture)
            except (OSError, ValueError, asyncio.IncompleteReadError):
                await self._end()
                raise PeerFailed(kind, "the process that writes it ended unasked") from None
            except asyncio.CancelledError:
                await self._end()
                raise
            self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._leave)
        if "reason" in row:
            raise PeerFailed(kind, row["reason"])
        return row, data

    async def close(self) -> None:
        """End the process at once, if there is one, and whatever waits for its answers.

        Who asked may have been cancelled a moment before, while a process was started or ended for
        it, and nobody else waits for that: a loop that closes meanwhile leaves a traceback.
        """
        self._closed = True
        if self._leaving is not None:
            await asyncio.wait([self._leaving])
        await self._end()
        async with self._turn:
            pass

    def _stay(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave(self) -> None:
        self._leaving = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        self._stay()
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        if not process.stdin.is_closing():  # as it is where the process ended by itself
            process.stdin.transport.abort()  # with what it has not taken
        await undisturbed.finish(process)

    async def _exchange(self, wish: dict[str, Any], picture: bytes) -> tuple[dict[str, Any], bytes]:
        if self._process is None:
            self._process = await undisturbed.begin(
                *children.program(_PROGRAM),
                str(self._memory_limit),
                cwd=children.WORKING_FOLDER,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**children.environment(), "OMP_NUM_THREADS": "1"},
                **children.apart(),
            )
        if self._closed:
            raise OSError("closed while it was started")
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps(wish).encode() + b"\n" + picture)
        await asked.drain()
        row: dict[str, Any] = json.loads(await answers.readline())
        return row, await answers.readexactly(row.get("bytes", 0))


COMPARER: Final = web.AppKey("comparer", Comparer)
