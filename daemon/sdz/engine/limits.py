"""What a child process may take of memory and of the processor's time, held to by the system.

Linux alone counts what a process has (RLIMIT_DATA: its own writable memory, touched or not, without
programs and files); elsewhere nothing is held to, and a job ends when nobody waits for it any more.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_STATM: Final = Path("/proc/self/statm")
_SHARE: Final = 0.75
_LEAST: Final = 4 << 30
_LITTLE: Final = threading.Lock()


def memory_limit(wanted: int) -> int:
    """Bytes that a child may have: as set, or (0) most of what the machine has."""
    if wanted:
        return wanted
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # Windows
        whole = 0
    return max(int(_SHARE * whole), _LEAST)


def hold_memory(limit: int) -> None:
    """Let this process have no more than ``limit`` bytes: what needs more gets a MemoryError."""
    if sys.platform != "linux":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


@contextmanager
def little_memory(more: int, beside: int = 0) -> Iterator[None]:
    """Let this process take no more than ``more`` bytes within the block, for all its threads.

    beside: what threads with other work may take meanwhile.

    One block at a time, others wait: of two that overlap, the one that ends last would leave the
    first one's limit behind for good.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    with _LITTLE:
        before, hard = resource.getrlimit(resource.RLIMIT_DATA)
        now = int(_STATM.read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
        limit = now + more + beside
        limit = limit if before == resource.RLIM_INFINITY else min(limit, before)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


OVER_TIME: Final = "killed by SIGXCPU"
"""How a process has ended, for people, that took longer than ``hold_time`` gave it."""


def hold_time(seconds: float) -> None:
    """Have the system kill this process once it has computed for that long from now on."""
    if sys.platform != "linux":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
