"""One daemon for each user: a lock for its life.

The lock is the operating system's, so that a killed daemon leaves none behind.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

from sdz.discovery import withdraw
from sdz.files import make_private
from sdz.locks import try_lock


class Instance:
    """The lock of this user's daemon, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Become the one instance; False if there is one already.

        Raises OSError where the folder, which is closed to others, cannot be this user's.
        """
        make_private(self.folder)
        file = (self.folder / "daemon.lock").open("ab")
        if not try_lock(file):
            file.close()
            return False
        self._lock = file
        return True

    def release(self) -> None:
        """Let another one be; what is left in the folder no longer names this one."""
        if self._lock is not None:
            withdraw(self.folder)
            self._lock.close()
            self._lock = None
