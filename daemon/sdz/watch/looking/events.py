"""watchdog's events, which only say where to look sooner; and when they cannot be had, why.

What was found of watchdog 7.1.0 on Linux, and is held by ``tests/watch/looking/test_events.py``:

- When the kernel's queue overflows it logs that and renews its watches, but tells its handlers
  nothing: `_Reader` passes it on, and everything is looked at again.
- A folder that cannot be watched since the limit of watches is reached is left out silently,
  unless it is the root: `_Reader` sees that too, and scans replace events.
- A folder that is made while its parent is walked is found by the walk and by its event, and the
  second one is warned of, which harms nothing and is not passed on.
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
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sdz.watch.inbox import EventsLost, PathChanged, Post

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver


# File systems that other machines, or the other side of a virtual machine, write to unseen.
_UNSEEING: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs"}
    | {"nfs4", "ocfs2", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"}
)
_SEEING_FUSE: Final = frozenset(
    {"fuseblk", "fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.gocryptfs"}
)


class Listener:
    """Posts the events of one root, from ``start`` to ``stop``.

    unwatched: folders that the limit of watches has left out since then.
    """

    def __init__(self, root: Path, post: Post) -> None:
        self.root, self._post = root, post
        self.unwatched = 0
        self._observer: BaseObserver | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> str:
        """Begin; empty, or why there are no events: scans must do then."""
        why = unseeing(self.root)
        if why:
            return why
        try:
            self._observer, self._reader = _observe(self.root, self._post, self._leave_out)
        except OSError as error:
            self.stop()
            if error.errno in (errno.ENOSPC, errno.EMFILE, errno.ENOMEM):
                return _limit()
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                raise
            return f"no events can be had here: {error.strerror or error}"
        if self.unwatched:
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
        self.unwatched = 0
        if observer is not None:
            observer.stop()
            if observer.ident is not None:
                observer.join()

    def _leave_out(self) -> None:
        self.unwatched += 1


def _observe(
    root: Path, post: Post, leave_out: Callable[[], None]
) -> tuple[BaseObserver, threading.Thread | None]:
    """A running observer, and the thread that reads for it where that is another one.

    leave_out: is called for each folder that the limit of watches leaves out.
    """
    from watchdog import events

    class Handler(events.FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            for path in (event.src_path, event.dest_path):
                if path:
                    post(PathChanged(os.fsdecode(path)))

    # Not opened, closed-without-writing or attributes: our own reading must not wake us.
    wanted: list[type[FileSystemEvent]] = [
        *(events.FileCreatedEvent, events.FileMovedEvent, events.FileClosedEvent),
        *(events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent),
        *(events.FileModifiedEvent, events.FileDeletedEvent),
    ]
    observer, reader = _inotify(post, leave_out) if sys.platform == "linux" else _native()
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


def _inotify(post: Post, leave_out: Callable[[], None]) -> tuple[BaseObserver, Any]:
    from watchdog.observers.api import BaseObserver
    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import InotifyEvent, InotifyFD

    logging.getLogger(InotifyEmitter.__module__).addFilter(_is_news)
    warnings.filterwarnings("ignore", "Callback with id .* already exists", RuntimeWarning)

    class Reader(InotifyFD):
        """Passes on what watchdog keeps to itself."""

        def handle_event(self, event: InotifyEvent) -> None:
            super().handle_event(event)
            if event.is_queue_overflow:
                post(EventsLost())

        def add_callback(self, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().add_callback(*args, **kwargs)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.ENOMEM):
                    leave_out()
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


def _limit() -> str:
    try:
        limit = Path("/proc/sys/fs/inotify/max_user_watches").read_text("ascii").strip()
    except OSError:
        limit = "?"
    return (
        f"the system's limit of inotify watches ({limit}) is reached; it is raised by: "
        "sudo sysctl fs.inotify.max_user_watches=1048576"
    )


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
