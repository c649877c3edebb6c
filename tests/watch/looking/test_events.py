"""What watchdog really does, and that what it keeps to itself is noticed."""

from __future__ import annotations

import ctypes
import errno
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers import inotify_c
from watchdog.observers.api import ObservedWatch
from watchdog.observers.inotify import InotifyEmitter, InotifyWatchGroup

from sdz.watch.inbox import EventsLost, Inbox, Message, PathChanged
from sdz.watch.looking.events import Listener, file_system, unseeing

PATIENCE_S = 60.0
_ADD = InotifyWatchGroup._add_callback


class Heard(Inbox):
    """An inbox that can be looked into."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Message] = []

    def post(self, message: Message) -> None:
        super().post(message)
        self.all.append(message)

    def names(self) -> set[str]:
        return {Path(one.path).name for one in self.all if isinstance(one, PathChanged)}


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def listener(tmp_path: Path, heard: Heard) -> Iterator[Listener]:
    (tmp_path / "in").mkdir()
    made = Listener(tmp_path / "in", heard.post)
    yield made
    made.stop()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_folder_that_is_found_twice_is_no_trouble(
    listener: Listener, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one is that was made while its parent was walked: both times it is watched."""
    listener.start()
    twice: list[bytes] = []

    def walk_again(self: InotifyWatchGroup, path: bytes, add: Any = _ADD) -> None:
        add(self, path)
        add(self, path)
        twice.append(path)

    monkeypatch.setattr(InotifyWatchGroup, "_add_callback", walk_again)
    (listener.root / "deep").mkdir()
    wait_for(lambda: any(path.endswith(b"/deep") for path in twice))
    (listener.root / "deep" / "a.png").write_bytes(b"a")
    wait_for(lambda: "a.png" in heard.names())
    assert listener.alive


def test_a_tree_that_was_moved_in_is_watched_later_too(
    listener: Listener, heard: Heard, tmp_path: Path
) -> None:
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    assert listener.start() == ""
    (tmp_path / "tree").rename(listener.root / "tree")
    wait_for(lambda: "tree" in heard.names())
    heard.all.clear()
    (listener.root / "tree" / "deep" / "later.jpg").write_bytes(b"x")
    wait_for(lambda: "later.jpg" in heard.names())


def test_an_atomic_save_names_its_destination(listener: Listener, heard: Heard) -> None:
    (listener.root / "x.tmp").write_bytes(b"x")
    listener.start()
    (listener.root / "x.tmp").rename(listener.root / "x.jpg")
    wait_for(lambda: "x.jpg" in heard.names())


def test_reading_a_file_is_no_event(listener: Listener, heard: Heard) -> None:
    path = listener.root / "x.jpg"
    path.write_bytes(b"x")
    listener.start()
    for _ in range(20):
        path.read_bytes()
        path.lstat()
        list(listener.root.iterdir())
    (listener.root / "last.jpg").write_bytes(b"x")
    wait_for(lambda: "last.jpg" in heard.names())
    assert "x.jpg" not in heard.names()


def test_an_overflow_of_the_kernels_queue_is_noticed(
    listener: Listener, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader is held up while more events come than the kernel's queue holds."""
    go, real = threading.Event(), inotify_c.InotifyFD.read_events

    def read_events(self: inotify_c.InotifyFD, **kwargs: int) -> list[inotify_c.InotifyEvent]:
        go.wait(PATIENCE_S)
        return real(self, **kwargs)

    monkeypatch.setattr(inotify_c.InotifyFD, "read_events", read_events)
    listener.start()
    queue = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(queue // 2 + 100):  # a file is two events or more
        (listener.root / f"{number}.jpg").touch()
    go.set()
    wait_for(lambda: EventsLost() in heard.all)
    assert heard.drain() == [EventsLost()]
    assert listener.alive
    (listener.root / "later.jpg").touch()
    wait_for(lambda: heard.drain() == [EventsLost()] or "later.jpg" in heard.names())


def test_a_removed_root_ends_the_emitter_and_that_is_noticed(listener: Listener) -> None:
    listener.start()
    assert listener.alive
    listener.root.rmdir()
    wait_for(lambda: not listener.alive)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("what", ["emitter", "reader"])
def test_a_thread_that_died_of_an_exception_is_noticed(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of watchdog")

    listener.start()
    if what == "emitter":
        monkeypatch.setattr(InotifyEmitter, "build_and_queue_event", fail)
    else:
        monkeypatch.setattr(inotify_c.InotifyFD, "handle_event", fail)
    (listener.root / "x.jpg").touch()
    wait_for(lambda: not listener.alive)
    monkeypatch.undo()
    listener.stop()
    assert listener.start() == ""
    assert listener.alive


@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_the_limit_of_watches_is_told_also_when_only_subfolders_meet_it(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    for name in "abcdef":
        (listener.root / name).mkdir()
    limit_watches(monkeypatch, allowed)
    why = listener.start()
    assert "limit of inotify watches" in why
    assert "fs.inotify.max_user_watches" in why
    assert not listener.alive


def test_the_limit_of_watches_that_is_met_later(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listener.start() == ""
    limit_watches(monkeypatch, 0)
    (listener.root / "new").mkdir()
    wait_for(lambda: listener.unwatched)


def limit_watches(monkeypatch: pytest.MonkeyPatch, allowed: int) -> None:
    real, left = inotify_c.inotify_add_watch, [allowed]

    def add(*args: object) -> int:
        left[0] -= 1
        if left[0] < 0:
            ctypes.set_errno(errno.ENOSPC)
            return -1
        return int(real(*args))  # type: ignore[arg-type]

    monkeypatch.setattr(inotify_c, "inotify_add_watch", add)


def test_no_more_inotify_instances(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        ctypes.set_errno(errno.EMFILE)
        return -1

    monkeypatch.setattr(inotify_c, "inotify_init", fail)
    assert "limit of inotify watches" in listener.start()


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
nas:/photos /mnt/nas nfs4 rw 0 0
//box/share /mnt/my\\040share cifs rw 0 0
me@there: /mnt/ssh fuse.sshfs rw 0 0
/dev/sdb1 /mnt/usb fuseblk rw 0 0
/dev/sdc1 /mnt/nas/inner xfs rw 0 0
tmpfs /over tmpfs rw 0 0
nas:/over /over nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind", "sees"),
    [
        ("/home/me", "ext4", True),
        ("/mnt/nas/a", "nfs4", False),
        ("/mnt/nas2", "ext4", True),
        ("/mnt/my share/a", "cifs", False),
        ("/mnt/ssh", "fuse.sshfs", False),
        ("/mnt/usb/x", "fuseblk", True),
        ("/mnt/nas/inner/x", "xfs", True),
        ("/over/x", "nfs", False),
    ],
)
def test_file_systems_that_others_write_to_unseen(
    tmp_path: Path, path: str, kind: str, sees: bool
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert file_system(Path(path), mounts) == kind
    why = unseeing(Path(path), mounts)
    assert (why == "") is sees
    assert sees or kind in why


def test_without_a_table_of_mounts_events_are_believed(tmp_path: Path) -> None:
    assert unseeing(tmp_path, tmp_path / "none") == ""


def test_a_root_that_is_not_there(listener: Listener) -> None:
    listener.root.rmdir()
    with pytest.raises(FileNotFoundError):
        listener.start()
    assert not listener.alive


def test_stopping_twice_and_starting_again(listener: Listener) -> None:
    for _ in range(2):
        assert listener.start() == ""
        listener.stop()
        listener.stop()
        assert not listener.alive


def test_a_reader_that_is_ended_between_two_reads_makes_no_noise(
    listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    """watchdog logs an error then, which came to users who pressed Ctrl-C."""
    assert listener.start() == ""
    emitter = InotifyEmitter(queue.Queue(), ObservedWatch(str(listener.root), recursive=True))
    emitter.queue_events(0)
    assert caplog.messages == []
    logging.getLogger("watchdog.observers.inotify").error("another thing")
    assert caplog.messages == ["another thing"]
