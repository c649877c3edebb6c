"""A process of its own that has an engine, for tests of what becomes of its children."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


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
