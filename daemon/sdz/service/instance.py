"""One daemon for each user: a lock for its life, and the file that says where it is.

The lock is the operating system's, so that a killed daemon leaves none behind. The discovery
file is written from the socket that was bound, and deleted at the end; after a kill it is left,
so a reader takes it as a hint and has the daemon prove itself.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from sdz.locks import try_lock
from sdz.service.access.clients import Credentials, write_private


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where a daemon is."""

    url: str
    pid: int
    version: str


class Instance:
    """The files of this user's daemon in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._discovery = folder / "daemon.json"
        self._local = folder / "local.json"
        self._lock: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Become the one instance; False if there is one already."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (self.folder / "daemon.lock").open("ab")
        if not try_lock(file):
            file.close()
            return False
        self._lock = file
        return True

    def release(self) -> None:
        """Let another one be; what is left in the folder no longer names this one."""
        if self._lock is not None:
            self._discovery.unlink(missing_ok=True)
            self._local.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def announce(self, discovery: Discovery, local: Credentials) -> None:
        """Write both files: where the daemon is, and what the user's programs need."""
        write_private(self._local, json.dumps(asdict(local)))
        write_private(self._discovery, json.dumps(asdict(discovery)))

    def discover(self) -> Discovery | None:
        """Where the daemon says it is; None if it says nothing."""
        try:
            return Discovery(**json.loads(self._discovery.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def local_credentials(self) -> Credentials | None:
        """What the user's own programs show; None if there is none."""
        try:
            return Credentials(**json.loads(self._local.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None


def this_process(port: int, version: str) -> Discovery:
    """The discovery of this process, listening on ``port``."""
    return Discovery(f"http://127.0.0.1:{port}", os.getpid(), version)
