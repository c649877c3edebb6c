"""A lock on a file that the operating system lets go of, however its holder ends; and one for
threads that a forked process does not inherit.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_PAUSE_S: Final = 0.02


def try_lock(file: IO[bytes]) -> bool:
    """Lock a file for as long as it is open; False where another holds it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def held(path: Path, patience_s: float, too_long: OSError) -> Iterator[None]:
    """Hold the lock of a file, which is made where it is missing.

    Raises ``too_long`` where others have held it for longer than ``patience_s``.
    """
    until = time.monotonic() + patience_s
    with path.open("ab") as file:
        while not try_lock(file):
            if time.monotonic() > until:
                raise too_long
            time.sleep(_PAUSE_S)
        yield


class ThreadLock:
    """Lets one thread in at a time: ``with`` it. A forked child has it anew, for one that another
    thread of its parent held would never be let go of there."""

    def __init__(self) -> None:
        self._of_process: dict[int, threading.Lock] = {}

    def __enter__(self) -> None:
        self._mine().acquire()

    def __exit__(self, *_: object) -> None:
        self._mine().release()

    def _mine(self) -> threading.Lock:
        # setdefault is one step, so that two threads never have one each.
        return self._of_process.setdefault(os.getpid(), threading.Lock())
