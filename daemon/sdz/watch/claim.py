"""Who watches which folder: the lock that lets one process alone watch it.

``<home>/watch/<id>/`` for each folder: the lock, and ``about.json``, which says of what folder it
is and who took it last. The id is a hash of the folder's path. The lock is the operating
system's, so a killed watcher leaves none behind.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from sdz.errors import FolderUnfit, FolderWatched
from sdz.files import write_aside
from sdz.home import watch_folder
from sdz.locks import held, try_lock

DAEMON: Final = "the daemon"
COMMAND: Final = "sdz watch"
_PATIENCE_S: Final = 10.0  # others hold the mutex for as long as it takes to look at some locks


def folder_id(root: Path) -> str:
    """The name under which a folder is known, from the bytes of its path."""
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def fit_root(folder: str | Path) -> Path:
    """The folder as it is watched: absolute, without links. Raises FolderUnfit."""
    try:
        root = Path(folder).resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise FolderUnfit(str(folder), reason.lower()) from None
    if not root.is_dir():
        raise FolderUnfit(str(folder), "it is not a folder")
    home = watch_folder().parent.resolve()
    if root.is_relative_to(home):
        raise FolderUnfit(str(folder), "sdz keeps its own files there")
    return root


@dataclass(frozen=True, slots=True)
class Watching:
    """Who watches a folder: ``by`` DAEMON or COMMAND, and the process."""

    root: Path
    by: str
    pid: int


class Claim:
    """The files of one folder, ``root`` being what ``fit_root`` gave."""

    def __init__(self, root: Path, home: Path | None = None) -> None:
        self.root = root
        self.id = folder_id(root)
        self._home = home or watch_folder()
        self._folder = self._home / self.id
        self._lock: IO[bytes] | None = None

    def acquire(self, by: str) -> None:
        """Become the one that watches this folder, until ``release`` or the process's end.

        Raises FolderWatched where another watches it, or a folder in it or around it.
        """
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with _mutex(self._home):
            for other in watched(self._home):
                near = other.root, self.root
                if near[0].is_relative_to(near[1]) or near[1].is_relative_to(near[0]):
                    raise FolderWatched(str(self.root), str(other.root), other.by, other.pid)
            lock = (self._folder / "lock").open("ab")
            if not try_lock(lock):  # by a process that has not said yet who it is
                lock.close()
                raise FolderWatched(str(self.root), str(self.root), "another process", 0)
            self._lock = lock
            about = json.dumps({"root": str(self.root), "by": by, "pid": os.getpid()})
            write_aside(self._folder / "about.json", about.encode("ascii"), durable="no")

    @property
    def is_held(self) -> bool:
        """Whether this is the one that watches it."""
        return self._lock is not None

    def release(self) -> None:
        """Let others watch it."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def who_watches(root: Path, home: Path | None = None) -> Watching | None:
    """Who watches this very folder, if anybody does."""
    home = home or watch_folder()
    if not home.is_dir():
        return None
    with _mutex(home):
        return next((one for one in watched(home) if one.root == root), None)


def watched(home: Path) -> Iterator[Watching]:
    """All folders that are being watched. To be called under the mutex of ``home``."""
    for folder in _folders(home):
        about = _about(folder)
        if about and _is_held(folder / "lock"):
            yield Watching(Path(about["root"]), about["by"], about["pid"])


def _folders(home: Path) -> list[Path]:
    try:
        return sorted(folder for folder in home.iterdir() if (folder / "about.json").is_file())
    except FileNotFoundError:
        return []


def _about(folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((folder / "about.json").read_bytes())
        return about
    except (OSError, ValueError):
        return {}


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("r+b") as file:
            return not try_lock(file)
    except FileNotFoundError:
        return False


@contextmanager
def _mutex(home: Path) -> Iterator[None]:
    """Held while locks are looked at: a look is a try to lock, which must not be in the way."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    too_long = OSError(None, "another sdz holds the lock of the watched folders", str(home))
    with held(home / "mutex", _PATIENCE_S, too_long):
        yield
