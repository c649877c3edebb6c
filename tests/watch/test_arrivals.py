"""How files arrive: slowly, by renaming, as links, as trees, too many at once, not at all."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from pathlib import Path

import pytest
from quick_pictures import picture, pictures
from watch_kit import (
    PATIENCE_S,
    Folder,
    at_rest,
    outputs,
    require_one_good_output_each,
    running,
    some_turns,
    until,
)
from watchdog.observers import inotify_c
from watchdog.observers.inotify import InotifyEmitter

from sdz.watch import inbox
from sdz.watch.journal.rows import State
from sdz.watch.looking import events, health, lookout
from sdz.watch.telling.report import FolderState
from sdz.watch.writing.verdict import UNFINISHED_S


def reason_of(folder: Folder, name: str) -> str:
    with folder.journal() as journal:
        row = journal.files.find(folder.root, Path(name))
        return "" if row is None else row.reason


async def test_a_writer_that_pauses_longer_than_the_settle_time_within_a_jpeg(
    folder: Folder,
) -> None:
    data = picture(1)
    path = folder.root / "slow.jpg"
    async with running(folder.watcher()) as one:
        with path.open("wb") as file:
            for end in (0, len(data) // 3, len(data) - 1):
                file.write(data[file.tell() : end])
                file.flush()
                await until(lambda: "not written to its end" in reason_of(folder, "slow.jpg"))
                folder.clock.offset += 0.5  # five times the settle time
                await some_turns(one)
                assert folder.states() == {"slow.jpg": State.SETTLING}
                assert folder.encoder.encoded == []
            file.write(data[file.tell() :])
        await at_rest(one)
    assert require_one_good_output_each(folder) == 1
    assert len(folder.encoder.encoded) == 1


async def test_a_file_that_is_never_finished_is_noted_and_taken_up_when_it_is(
    folder: Folder,
) -> None:
    data = picture(1)
    path = folder.root / "cut.jpg"
    path.write_bytes(data[:-2])
    (folder.root / "empty.jpg").touch()
    async with running(folder.watcher()) as one:
        await until(lambda: reason_of(folder, "cut.jpg") and reason_of(folder, "empty.jpg"))
        for name in ("cut.jpg", "empty.jpg"):
            assert reason_of(folder, name).endswith("; it may still be written, and is waited for")
        folder.clock.offset += UNFINISHED_S
        await until(lambda: set(folder.states().values()) == {State.BAD})
        assert reason_of(folder, "cut.jpg") == (
            "not written to its end: the mark that ends a JPEG is not there yet; waited for in vain"
        )
        path.write_bytes(data)
        await until(lambda: folder.states()["cut.jpg"] is State.DONE)
        assert one.status().bad == 1


async def test_the_scan_at_the_start_lets_files_settle_too(folder: Folder) -> None:
    data = picture(1)
    path = folder.root / "slow.jpg"
    path.write_bytes(data[: len(data) // 2])
    async with running(folder.watcher()) as one:
        await until(lambda: reason_of(folder, "slow.jpg"))
        path.write_bytes(data)
        await at_rest(one)
    assert require_one_good_output_each(folder) == 1


async def test_renamed_into_place(folder: Folder) -> None:
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().last_scan)
        for name in (".photo.jpg.Xy12", "photo.jpg.part", "~photo.tmp"):
            target = folder.root / f"{len(name)}.jpg"
            (folder.root / name).write_bytes(picture(len(name)))
            later = f"after {len(name)}.jpg"  # once that is seen, so is what came before it
            (folder.root / later).write_bytes(picture(100 + len(name)))
            await until(lambda later=later: later in folder.states())  # type: ignore[misc]
            (folder.root / name).rename(target)
        await until(lambda: len(folder.states()) == 6)
        await at_rest(one)
    assert require_one_good_output_each(folder) == 6


async def test_a_hard_link_gets_an_output_of_its_own_from_one_encode(folder: Folder) -> None:
    (folder.root / "a.jpg").write_bytes(picture(1))
    os.link(folder.root / "a.jpg", folder.root / "b.jpg")
    folder.encoder.go.clear()
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().running)
        os.link(folder.root / "a.jpg", folder.root / "c.jpg")
        await until(lambda: len(folder.states()) == 3)
        folder.encoder.go.set()
        await at_rest(one)
    assert require_one_good_output_each(folder) == 3
    assert len(folder.encoder.encoded) == 1


async def test_a_moved_in_tree_with_files_and_folders_added_later(
    folder: Folder, tmp_path: Path
) -> None:
    pictures(tmp_path / "tree", 10)
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().last_scan)
        (tmp_path / "tree").rename(folder.root / "tree")
        await until(lambda: one.status().done == 10)
        pictures(folder.root / "tree" / "00", 3, first=50)
        pictures(folder.root / "tree" / "new" / "deep", 3, first=60)
        (folder.root / "tree").rename(folder.root / "other")
        pictures(folder.root / "other", 3, first=70)
        await until(lambda: one.status().done == 19)
        await at_rest(one)
    assert require_one_good_output_each(folder) == 19
    assert len(folder.encoder.encoded) == 19


async def test_a_loop_of_symbolic_links(folder: Folder) -> None:
    pictures(folder.root, 2)
    async with running(folder.watcher()) as one:
        (folder.root / "00" / "up").symlink_to(folder.root, target_is_directory=True)
        (folder.root / "self").symlink_to("self")
        await at_rest(one)
        one.rescan()
        pictures(folder.root, 2, first=2)
        await until(lambda: one.status().done == 4)
    assert require_one_good_output_each(folder) == 4


@pytest.mark.parametrize("way", ["removed", "moved away"])
async def test_a_root_that_goes_and_is_made_again(folder: Folder, way: str) -> None:
    pictures(folder.root, 3)
    (folder.root / "text.jpg").write_bytes(b"this is no picture at all")
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().done == 3 and one.status().bad == 1)
        if way == "removed":
            shutil.rmtree(folder.root)
        else:
            folder.root.rename(folder.home / "away")
        await until(lambda: one.status().state is FolderState.MISSING_ROOT)
        assert "no such file" in one.status().reason
        status = one.status()
        assert (status.done, status.bad) == (3, 1)  # a missing root is not a deletion
        folder.root.mkdir()
        await until(lambda: one.status().state is FolderState.WATCHING)
        pictures(folder.root, 2, first=10)
        await until(lambda: one.status().done == 5)
        pictures(folder.root / "later", 1, first=20)  # events come from the new one
        await until(lambda: one.status().done == 6)
        if way == "moved away":  # what is done at its new place is no business of ours
            assert len(outputs(folder.home / "away")) == 3
            shutil.rmtree(folder.root)
            (folder.home / "away").rename(folder.root)
            await until(lambda: len(folder.states()) == 4)
            await at_rest(one)
            assert one.status().bad == 1
            assert len(folder.encoder.encoded) == 6
            assert len(outputs(folder.root)) == 3


async def test_a_root_that_is_not_there_at_the_start(folder: Folder) -> None:
    folder.root.rmdir()
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().state is FolderState.MISSING_ROOT)
        pictures(folder.root, 2)
        await until(lambda: one.status().done == 2)


async def test_a_disk_that_is_unmounted_leaves_an_empty_folder(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = True
    monkeypatch.setattr(health.os.path, "ismount", lambda _: mounted)
    pictures(folder.root, 3)
    (folder.root / "text.jpg").write_bytes(b"this is no picture at all")
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().done == 3 and one.status().bad == 1)
        folder.root.rename(folder.home / "disk")
        folder.root.mkdir()
        mounted = False
        await until(lambda: one.status().state is FolderState.MISSING_ROOT)
        assert "not mounted" in one.status().reason
        (folder.root / "on the wrong disk.jpg").write_bytes(picture(9))
        await some_turns(one)
        assert one.status().bad == 1
        assert outputs(folder.root) == []
        shutil.rmtree(folder.root)
        (folder.home / "disk").rename(folder.root)
        mounted = True
        await until(lambda: one.status().state is FolderState.WATCHING)
        await at_rest(one)
    assert sorted(folder.states().values()) == [State.BAD, *[State.DONE] * 3]
    assert len(folder.encoder.encoded) == 3


async def test_20_000_empty_files_and_an_overflow_of_the_event_queue(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader is held up until the kernel's queue has overflowed; pictures come after that."""
    go, real = threading.Event(), inotify_c.InotifyFD.read_events

    def read_events(self: inotify_c.InotifyFD, **kwargs: int) -> list[inotify_c.InotifyEvent]:
        go.wait(PATIENCE_S)
        return real(self, **kwargs)

    monkeypatch.setattr(inotify_c.InotifyFD, "read_events", read_events)
    monkeypatch.setattr(inbox, "MOST_PATHS", 10**9)  # so that only the overflow tells of itself

    def fill() -> None:
        for number in range(20_000):
            (folder.root / f"{number // 1000:02}" / f"{number}.jpg").touch()
        pictures(folder.root / "late", 20)

    for number in range(20):  # watched before, so that every file is an event or two
        (folder.root / f"{number:02}").mkdir()
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().last_scan)
        await asyncio.to_thread(fill)
        assert one.status().done == 0
        go.set()
        await until(lambda: one.status().done == 20)
        assert FolderState.RESCAN in [event.state for event in folder.events]
        await until(lambda: one.status().settling == 20_000)
        await until(lambda: one.status().state is FolderState.WATCHING)
        folder.clock.offset += UNFINISHED_S + 1
        await until(lambda: one.status().bad == 20_000)
        assert one.status().waiting == 0
        (folder.root / "late" / "one more.jpg").write_bytes(picture(99))
        await until(lambda: one.status().done == 21)
    assert len(outputs(folder.root)) == 21


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_threads_that_die_are_started_anew_and_what_they_missed_is_found(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = threading.Event()

    def fail(*_: object, **__: object) -> None:
        died.set()
        raise RuntimeError("a fault of watchdog")

    async with running(folder.watcher()) as one:
        await until(lambda: one.status().last_scan)
        monkeypatch.setattr(InotifyEmitter, "build_and_queue_event", fail)
        pictures(folder.root, 1)
        await until(died.is_set)
        monkeypatch.undo()
        pictures(folder.root, 1, first=1)
        await until(lambda: one.status().done == 2)
        pictures(folder.root, 1, first=2)
        await until(lambda: one.status().done == 3)


async def test_scans_do_where_there_are_no_events(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "file_system", lambda *_: "nfs4")
    monkeypatch.setattr(lookout, "POLL_S", 0.1)
    monkeypatch.setattr(lookout, "POLL_SHARE", 0)  # however long a scan takes here
    pictures(folder.root, 1)
    async with running(folder.watcher(rescan_s=60.0)) as one:
        await until(lambda: one.status().done == 1)
        status = one.status()
        assert status.state is FolderState.POLLING
        assert "nfs4" in status.reason
        pictures(folder.root, 1, first=1)
        await until(lambda: one.status().done == 2)
        folder.root.rename(folder.home / "away")
        await until(lambda: one.status().state is FolderState.MISSING_ROOT)
        (folder.home / "away").rename(folder.root)
        await until(lambda: one.status().state is FolderState.POLLING)


async def test_the_limit_of_watches_met_while_running_turns_to_scans(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "POLL_S", 0.1)
    monkeypatch.setattr(lookout, "POLL_SHARE", 0)
    async with running(folder.watcher(rescan_s=60.0)) as one:
        await until(lambda: one.status().state is FolderState.WATCHING)
        monkeypatch.setattr(inotify_c, "inotify_add_watch", refuse_watch)
        pictures(folder.root, 2)
        await until(lambda: one.status().state is FolderState.POLLING)
        assert "limit of inotify watches" in one.status().reason
        await until(lambda: one.status().done == 2)
        pictures(folder.root, 2, first=2)
        await until(lambda: one.status().done == 4)


def refuse_watch(*_: object) -> int:
    import ctypes
    import errno

    ctypes.set_errno(errno.ENOSPC)
    return -1


async def test_what_no_event_told_is_found_by_the_scan_that_comes_now_and_then(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = inbox.Inbox.post

    kept_back = threading.Event()

    def post_no_paths(self: inbox.Inbox, message: inbox.Message) -> None:
        if isinstance(message, inbox.PathChanged):
            kept_back.set()
        else:
            post(self, message)

    monkeypatch.setattr(inbox.Inbox, "post", post_no_paths)
    async with running(folder.watcher(rescan_s=300.0)) as one:
        await until(lambda: one.status().last_scan)
        pictures(folder.root, 1)
        await until(kept_back.is_set)
        assert folder.states() == {}
        folder.clock.offset += 300.0
        await until(lambda: one.status().done == 1)
        pictures(folder.root, 1, first=1)
        one.rescan()
        await until(lambda: one.status().done == 2)
