"""watchdog's events, which only say where to look sooner; and when they cannot be had, why.

What was found of watchdog 7.1.0 on Linux, and is held by ``tests/watch/test_hints.py``:

- When the kernel's queue overflows it logs that and renews its watches, but tells its handlers
  nothing: `_Reader` passes it on, and everything is looked at again.
- A folder that cannot be watched since the limit of watches is reached is left out silently,
  unless it is the root: `_Reader` sees that too, and scans replace events.
- A root that is moved away goes on being watched at its new place under its old name; one that is
  removed ends its emitter while the observer is alive: whoever holds this looks at the root's inode
  and at ``alive``, which also sees a reader that died of an exception.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

MOST_HINTS: Final = 4096
"""Paths that are remembered between two looks; with more, everything is looked at."""

# File systems that other machines, or the other side of a virtual machine, write to unseen.
_UNSEEING: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs"}
    | {"nfs4", "ocfs2", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"}
)
_SEEING_FUSE: Final = frozenset(
    {"fuseblk", "fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.gocryptfs"}
)


@dataclass(slots=True)
class Hints:
    """What events said since `take` was last called. Filled from watchdog's threads."""

    wake: Callable[[], None]
    paths: set[str] = field(default_factory=set)
    everything: bool = False
    overflows: int = 0
    unwatched: int = 0  # folders that the limit of watches left out
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *paths: str) -> None:
        """Something happened at these paths."""
        with self._lock:
            if not self.everything:
                self.paths.update(paths)
                if len(self.paths) > MOST_HINTS:
                    self.everything = True
                    self.paths.clear()
        self.wake()

    def overflowed(self) -> None:
        """Events were lost."""
        with self._lock:
            self.everything = True
            self.overflows += 1
            self.paths.clear()
        self.wake()

    def take(self) -> tuple[bool, list[str]]:
        """(whether to look at everything, else where to look); begins anew."""
        with self._lock:
            found = self.everything, sorted(self.paths)
            self.everything, self.paths = False, set()
        return found


class Listener:
    """Events of one root, from ``start`` to ``stop``."""

    def __init__(self, root: Path, hints: Hints) -> None:
        self.root, self.hints = root, hints
        self._observer: BaseObserver | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> str:
        """Begin; empty, or why there are no events: scans must do then."""
        why = unseeing(self.root)
        if why:
            return why
        try:
            self._observer, self._reader = _observe(self.root, self.hints)
        except OSError as error:
            self.stop()
            if error.errno in (errno.ENOSPC, errno.EMFILE, errno.ENOMEM):
                return _limit()
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                raise
            return f"no events can be had here: {error.strerror or error}"
        if self.hints.unwatched:
            self.stop()
            return _limit()
        return ""

    @property
    def alive(self) -> bool:
        """Whether all threads that events pass through are running."""
        if self._observer is None:
            return False
        threads = [self._observer, *self._observer.emitters]
        if self._reader is not None:
            threads.append(self._reader)  # type: ignore[arg-type]
        return len(threads) > 1 and all(thread.is_alive() for thread in threads)

    def stop(self) -> None:
        """End all threads. Stopping what was never started is fine."""
        observer, self._observer, self._reader = self._observer, None, None
        self.hints.unwatched = 0
        if observer is not None:
            observer.stop()
            if observer.ident is not None:
                observer.join()


def _observe(root: Path, hints: Hints) -> tuple[BaseObserver, threading.Thread | None]:
    """A running observer, and the thread that reads for it where that is another one."""
    from watchdog import events

    class Handler(events.FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            hints.add(*(os.fsdecode(path) for path in (event.src_path, event.dest_path) if path))

    # Not opened, closed-without-writing or attributes: our own reading must not wake us.
    wanted: list[type[FileSystemEvent]] = [
        *(events.FileCreatedEvent, events.FileMovedEvent, events.FileClosedEvent),
        *(events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent),
        *(events.FileModifiedEvent, events.FileDeletedEvent),
    ]
    observer, reader = _inotify(hints) if sys.platform == "linux" else _native()
    try:
        observer.schedule(Handler(), str(root), recursive=True, event_filter=wanted)
        observer.start()
    except BaseException:
        if reader is not None:
            reader.stop()
        raise
    return observer, reader


def _native() -> tuple[BaseObserver, Any]:
    from watchdog.observers import Observer

    return Observer(), None


def _is_news(record: logging.LogRecord) -> bool:
    """False for what watchdog logs of a reader that is ended between two reads."""
    return "called when the thread is inactive" not in record.getMessage()


def _inotify(hints: Hints) -> tuple[BaseObserver, Any]:
    from watchdog.observers.api import BaseObserver
    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import InotifyEvent, InotifyFD

    logging.getLogger(InotifyEmitter.__module__).addFilter(_is_news)

    class Reader(InotifyFD):
        """Passes on what watchdog keeps to itself."""

        def handle_event(self, event: InotifyEvent) -> None:
            super().handle_event(event)
            if event.is_queue_overflow:
                hints.overflowed()

        def add_callback(self, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().add_callback(*args, **kwargs)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.ENOMEM):
                    hints.unwatched += 1
                raise

    class Observer(BaseObserver):
        def __init__(self, reader: InotifyFD) -> None:
            super().__init__(InotifyEmitter, inotify_fd=reader)
            self._reader = reader

        def on_thread_stop(self) -> None:
            super().on_thread_stop()
            self._reader.stop()
            self._reader.join()

    reader = Reader()
    reader.start()
    return Observer(reader), reader


def unseeing(root: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Why events of ``root`` would not tell everything, from its file system; empty if they do."""
    kind = file_system(root, mounts)
    if kind in _UNSEEING or (kind.startswith("fuse.") and kind not in _SEEING_FUSE):
        return f"on {kind} what other machines write causes no events"
    return ""


def file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that ``path`` is on, as the kernel names it, or empty."""
    best, kind = -1, ""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        words = line.split(" ")
        if len(words) < 3:
            continue
        place = Path(_unescape(words[1]))
        # The last one that covers a place hides those below it.
        if path.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), words[2]
    return kind


def _unescape(text: str) -> str:
    """Spaces and the like are octal in /proc/mounts."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text


def _limit() -> str:
    try:
        limit = Path("/proc/sys/fs/inotify/max_user_watches").read_text("ascii").strip()
    except OSError:
        limit = "?"
    return (
        f"the system's limit of inotify watches ({limit}) is reached; it is raised by: "
        "sudo sysctl fs.inotify.max_user_watches=1048576"
    )
