"""A child process of the engine: starting it, frames to and from it, and its end.

Knows nothing of jobs. The child says "hello" when it is ready, or "unable" when it never will be.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from typing import Any, Final

from sdz import children, undisturbed
from sdz.engine.protocol import BrokenFrame, Frame, load_error, pack_head, receive
from sdz.engine.settings import ChildConfig

CHILD_COMMAND: Final = children.program("sdz.engine.child")
_READ_BUFFER: Final = 1 << 20
_PASSIVE: Final = "PASSIVE"
"""OpenMP's threads wait for each other by spinning unless they are told not to, and on a machine
that has other things to do they then wait for a thread that is not running: 0.9 s instead of
0.09 s for a picture of 768 x 512 on two processors with one other busy process."""
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""NumPy's threads spin, too, and cannot be told not to. What they gain is nothing: 30 previews
while a browser is busy took 570 ms of two processors, and take 100; encoding 40 pictures side by
side took 66 s of them, and takes 48."""


class StartFailed(Exception):
    """The process ended, or said nothing in time, before it was ready."""


class ChildProcess:
    """A running child. Made by ``start``; ``about`` is what it said of itself in its hello."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._rests = False
        self.about: dict[str, Any] = {}

    @classmethod
    async def start(
        cls, config: ChildConfig, timeout_s: float, command: Sequence[str] | None = None
    ) -> ChildProcess:
        """Start a child and wait until it is ready.

        Raises StartFailed, or the error for which the child cannot work (DeviceMissing).
        """
        try:
            process = await undisturbed.begin(
                *(command or CHILD_COMMAND),
                config.to_argument(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_READ_BUFFER,
                cwd=children.WORKING_FOLDER,
                env=children.environment(OMP_WAIT_POLICY=_PASSIVE, **_ONE_THREAD),
                **children.apart(),
            )
        except OSError as error:  # no memory, no more processes, no such program
            raise StartFailed(str(error)) from error
        child = cls(process)
        try:
            async with asyncio.timeout(timeout_s):
                hello = await child.receive()
        except TimeoutError:
            await child.end(0)
            raise StartFailed(f"said nothing within {timeout_s:g} seconds") from None
        except BaseException:
            await child.end(0)
            raise
        if hello is None:
            raise StartFailed(await child.end(timeout_s))
        if hello.header["type"] == "unable":
            await child.end(timeout_s)
            raise load_error(hello.header["error"])
        child.about = hello.header
        return child

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def send(self, header: dict[str, Any], *bodies: bytes) -> None:
        """Send a frame. What a dying child does not take is lost: its end is seen by reading."""
        stream = self._process.stdin
        assert stream is not None
        with contextlib.suppress(ConnectionError):
            stream.write(pack_head(header, sum(map(len, bodies))))
            for body in bodies:
                stream.write(body)
            await stream.drain()

    async def receive(self) -> Frame | None:
        """The next frame, or None when the child has ended or talks nonsense."""
        assert self._process.stdout is not None
        try:
            return await receive(self._process.stdout)
        except (BrokenFrame, ConnectionError):
            self.kill()
            return None

    def rest(self, rests: bool) -> None:
        """Have it stand still, wherever it is, or go on. On Linux alone: there the kernel ends it
        with its parent even so; elsewhere it would stand for ever if we were killed."""
        if sys.platform != "linux" or rests == self._rests:
            return
        self._rests = rests
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGSTOP if rests else signal.SIGCONT)

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self, timeout_s: float) -> str:
        """Let it go: closed standard input tells it to. Kill it if it is still there after that
        time. How it ended, for people."""
        self.rest(False)
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(timeout_s):
                code = await self._process.wait()
        except TimeoutError:
            self.kill()
            code = await self._process.wait()
        except asyncio.CancelledError:  # there is no time left to wait
            self.kill()
            await undisturbed.to_its_end(self._process.wait())
            raise
        return _how_it_ended(code)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
