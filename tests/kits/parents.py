"""A process of its own that has an engine, for tests of what becomes of its children."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from engine_kit import within


@contextmanager
def parent(
    script: str, command: Sequence[str], job: bytes
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Python running ``script`` with the child's ``command`` as arguments and ``job`` as input;
    and the process id that it prints, its child's."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script, *command],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(job)
        process.stdin.close()
        yield process, int(process.stdout.readline())


async def ends_with(process: subprocess.Popen[bytes], child: int) -> None:
    """Kill ``process`` and wait until its child has ended, as it must."""
    handle = os.pidfd_open(child)
    try:
        process.kill()
        gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(handle, gone.set)
        await within(gone.wait())
    finally:
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)
