"""What goes wrong around a write, and what becomes of it: full disks, failures, changes."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from quick_pictures import picture, pictures
from watch_kit import (
    Folder,
    Watched,
    at_rest,
    leftovers,
    outputs,
    require_one_good_output_each,
    running,
    some_turns,
    until,
)

from sdz.errors import (
    DaemonNotRunning,
    EngineCrashed,
    EngineStopped,
    ImageTooLarge,
    ModelMissing,
    QueueFull,
    ScoreNotReached,
    SdzError,
)
from sdz.watch.journal.database import Database, JournalFull
from sdz.watch.journal.due_files import DueFiles
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.roots import RootTable
from sdz.watch.journal.rows import FileRow, State
from sdz.watch.journal.seen_files import SeenFiles
from sdz.watch.looking import health
from sdz.watch.telling.report import FolderState
from sdz.watch.writing import convert, workers
from sdz.watch.writing.verdict import FIRST_PAUSE_S, MOST_ATTEMPTS


def row_of(folder: Folder, name: str) -> FileRow:
    with Journal(folder.home / "journal.sqlite") as journal:
        row = journal.files.find(folder.root, Path(name))
    assert row is not None
    return row


class Failing:
    """An operating system call that fails as long as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, error: int) -> None:
        self.active, self.calls, self.error = True, 0, error
        self.real: Callable[..., Any] = getattr(os, name)
        monkeypatch.setattr(os, name, self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.active:
            self.calls += 1
            raise OSError(self.error, os.strerror(self.error))
        return self.real(*args, **kwargs)


def raising(error: SdzError | Exception, times: int = 10**9) -> Callable[[bytes], None]:
    left = [times]

    def fail(_: bytes) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise error

    return fail


# --- the disk -------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["write", "fsync", "link"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_pauses_the_folder_and_says_so(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    full = Failing(monkeypatch, call, error)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: os.terminal_size((0, 0)))
    monkeypatch.setattr(health.Pause, "_room", lambda _: 1000)
    pictures(folder.root, 6)
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().state is FolderState.DISK_FULL)
        assert os.strerror(error).lower() in one.status().reason
        await until(lambda: not one.status().running)
        calls = full.calls
        assert calls <= 2  # one for each of the files under way
        await some_turns(one)
        assert full.calls == calls
        assert one.status().waiting == 6
        assert leftovers(folder.root) == outputs(folder.root) == []
        folder.clock.offset += health.FIRST_PAUSE_S  # tried again, and still full
        await until(lambda: full.calls > calls)
        await until(lambda: not one.status().running)
        assert one.status().state is FolderState.DISK_FULL
        full.active = False
        folder.clock.offset += 2 * health.FIRST_PAUSE_S
        await at_rest(one)
        assert one.status().state is FolderState.WATCHING
    assert require_one_good_output_each(folder) == 6
    assert all(row_of(folder, name).attempts == 0 for name in folder.states())


async def test_room_on_a_full_disk_is_used_at_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = 1000
    full = Failing(monkeypatch, "fsync", errno.ENOSPC)
    monkeypatch.setattr(health.Pause, "_room", lambda _: room)
    pictures(folder.root, 2)
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().state is FolderState.DISK_FULL)
        full.active = False
        room += health.ROOM_BYTES
        await at_rest(one)
    assert require_one_good_output_each(folder) == 2


async def test_emptying_a_folder_ends_when_the_disk_is_full(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    Failing(monkeypatch, "fsync", errno.ENOSPC)
    monkeypatch.setattr(health.Pause, "_room", lambda _: 1000)
    pictures(folder.root, 6)
    summary = await folder.watcher().empty()
    assert (summary.done, summary.refused, summary.waiting) == (0, 0, 6)
    assert all("no space left" in note.reason for note in summary.notes)


@pytest.mark.parametrize("error", [errno.EROFS, errno.EACCES])
async def test_a_folder_that_cannot_be_written_costs_no_encode(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    pictures(folder.root, 3)
    real, locked = os.open, True

    def open_(path: Any, flags: int, *mode: int) -> int:
        if locked and flags & os.O_CREAT:
            raise OSError(error, os.strerror(error))
        return real(path, flags, *mode)

    monkeypatch.setattr(os, "open", open_)
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().failed == 3)
        await until(lambda: one.status().state is FolderState.READ_ONLY)
        status = one.status()
        assert os.fspath(folder.root / "00") in status.reason
        assert os.strerror(error).lower() in status.reason
        assert folder.encoder.encoded == []
        locked = False
        folder.clock.offset += FIRST_PAUSE_S + 0.01
        await at_rest(one)
        await until(lambda: one.status().state is FolderState.WATCHING)
    assert require_one_good_output_each(folder) == 3


@pytest.fixture
def small_disk(folder: Folder) -> Iterator[Folder]:
    """The folder on a file system of 1 MiB of its own; only root may make one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder.root)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting needs root; the errors are injected in the tests above")
    yield folder
    subprocess.run(["umount", "-l", str(folder.root)], check=True)


async def test_a_disk_that_is_really_full_and_then_read_only(small_disk: Folder) -> None:
    folder = small_disk
    pictures(folder.root, 3)
    filler = folder.root / "filler.bin"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().state is FolderState.DISK_FULL)
        assert outputs(folder.root) == leftovers(folder.root) == []
        filler.unlink()  # by itself, without waiting for the pause to end
        await until(lambda: one.status().done == 3)
        assert one.status().state is FolderState.WATCHING
        pictures(folder.root, 1, first=3)
        await until(lambda: one.status().done == 4)
        picture_of = folder.root / "late.jpg"
        picture_of.write_bytes(picture(9)[:-1])
        await until(lambda: (folder.states().get("late.jpg")) is State.SETTLING)
        picture_of.write_bytes(picture(9))
        subprocess.run(["mount", "-o", "remount,ro", str(folder.root)], check=True)
        await until(lambda: one.status().state is FolderState.READ_ONLY)
        assert "read-only" in one.status().reason
        subprocess.run(["mount", "-o", "remount,rw", str(folder.root)], check=True)
        folder.clock.offset += FIRST_PAUSE_S
        await until(lambda: one.status().done == 5)
    assert require_one_good_output_each(folder) == 5


@pytest.mark.parametrize("error", [errno.EBUSY, errno.EACCES, errno.EIO])
async def test_a_source_that_cannot_be_read_now_is_read_later(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    pictures(folder.root, 1)
    busy = True
    real = convert.read_source

    def read(path: Path, identity: Any) -> Any:
        if busy:
            raise OSError(error, os.strerror(error), str(path))
        return real(path, identity)

    monkeypatch.setattr(convert, "read_source", read)
    async with running(folder.watcher()) as one:
        for attempt in range(1, MOST_ATTEMPTS + 3):  # never given up for this
            await until(lambda: one.status().failed and not one.status().running)
            assert one.status().failed == 1
            folder.clock.offset += FIRST_PAUSE_S * 2 ** (attempt - 1)
            await until(
                lambda n=attempt: row_of(folder, "00/photo 0.jpg").attempts > n  # type: ignore[misc]
            )
        await until(lambda: one.status().failed and not one.status().running)
        assert row_of(folder, "00/photo 0.jpg").reason == os.strerror(error).lower()
        busy = False
        folder.clock.offset += 3600 * 2
        await at_rest(one)
    assert require_one_good_output_each(folder) == 1


async def test_a_damaged_write_is_not_published(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(folder.root, 1)
    real, bad = os.write, True

    def write(file: int, data: bytes) -> int:
        data = bytes(data)
        return real(file, data[:-1] + bytes([data[-1] ^ bad]))

    monkeypatch.setattr(os, "write", write)
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().failed)
        assert row_of(folder, "00/photo 0.jpg").code == "output-damaged"
        assert outputs(folder.root) == leftovers(folder.root) == []
        bad = False
        folder.clock.offset += FIRST_PAUSE_S
        await at_rest(one)
    assert require_one_good_output_each(folder) == 1


async def until_done(folder: Folder, one: Watched, count: int) -> None:
    """However late a failure that comes up only now makes them due."""

    def done() -> bool:
        folder.clock.offset += health.LONGEST_PAUSE_S
        return one.status().done == count

    await until(done)
    await at_rest(one)


class FullDisk:
    """Of the journal alone: SQLite itself finds no room for what is written of files and roots.

    refused: how often it said so.
    """

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self._database, self.refused = database, 0
        run, real = database.connection.execute, Database._errors
        run("CREATE TABLE IF NOT EXISTS rest (bytes BLOB)")
        for change, table in itertools.product(("INSERT", "UPDATE"), ("files", "roots")):
            run(  # so that each transaction needs new pages, whatever room is left in the old ones
                f"CREATE TEMP TRIGGER {change}_{table} AFTER {change} ON main.{table}"
                " BEGIN INSERT INTO rest VALUES (zeroblob(10000)); END"
            )

        @contextmanager
        def errors(one: Database) -> Iterator[None]:
            try:
                with real(one):
                    yield
            except JournalFull:
                self.refused += 1
                raise

        monkeypatch.setattr(Database, "_errors", errors)

    def fill(self) -> None:
        """No more pages than there are."""
        self._most_pages(1)

    def make_room(self) -> None:
        self._most_pages(10**6)

    def _most_pages(self, count: int) -> None:
        with self._database.lock:
            self._database.connection.execute(f"PRAGMA max_page_count = {count}")


@pytest.mark.parametrize("when", ["found", "claimed", "read", "made", "intend", "publish"])
async def test_a_disk_too_full_for_the_journal_loses_nothing(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Its commits fail from that step on."""
    monkeypatch.setattr(health.Pause, "_room", lambda _: 1000)
    monkeypatch.setattr(workers, "NOTE_AGAIN_S", 0.01)
    folder.clock.real = False
    watcher = folder.watcher(on_step=lambda step: disk.fill() if step == when else None)
    disk = FullDisk(watcher.journal.database, monkeypatch)
    async with running(watcher) as one:
        await until(lambda: one.status().last_scan)
        if when == "found":
            disk.fill()
        pictures(folder.root, 3)
        if when != "found":
            await until(lambda: len(folder.states()) == 3)
        if when == "claimed":
            disk.fill()
        folder.clock.offset += 1  # they have settled
        await until(lambda: disk.refused)
        await some_turns(one)
        assert State.DONE not in folder.states().values()
        when = "never again"
        disk.make_room()
        await until_done(folder, one, 3)
    assert require_one_good_output_each(folder) == 3


@pytest.mark.parametrize(
    ("table", "method"),
    [
        (SeenFiles, "note"),
        *((DueFiles, method) for method in ("claim", "intend", "finish", "next")),
        (RootTable, "put"),
    ],
)
async def test_a_journal_that_cannot_write_for_a_while(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, table: type, method: str
) -> None:
    monkeypatch.setattr(health.Pause, "_room", lambda _: 1000)
    monkeypatch.setattr(workers, "NOTE_AGAIN_S", 0.01)
    real, failed = getattr(table, method), [0]

    def fail(*args: Any, **kwargs: Any) -> Any:
        if full and (method != "finish" or args[2] is State.DONE):
            failed[0] += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args, **kwargs)

    watcher = folder.watcher()
    full = False
    async with running(watcher) as one:
        await until(lambda: one.status().last_scan)
        monkeypatch.setattr(table, method, fail)
        full = True
        pictures(folder.root, 3)
        one.rescan()
        if table is RootTable:
            folder.root.rename(folder.home / "away")
        await until(lambda: failed[0])
        await some_turns(one)
        full = False
        if table is RootTable:
            (folder.home / "away").rename(folder.root)
        await until_done(folder, one, 3)
    assert require_one_good_output_each(folder) == 3


# --- the encoder ----------------------------------------------------------------------------------


async def test_failures_are_tried_again_later_and_later_and_then_given_up(folder: Folder) -> None:
    folder.clock.real = False
    (folder.root / "a.jpg").write_bytes(picture(1))
    folder.encoder.fail = raising(EngineCrashed(2, "signal 11"))
    async with running(folder.watcher()) as one:
        await until(lambda: folder.states())
        folder.clock.offset += 1
        for attempt in range(1, MOST_ATTEMPTS):
            await until(
                lambda n=attempt: (
                    row_of(folder, "a.jpg").state is State.FAILED
                    and row_of(folder, "a.jpg").attempts == n
                )
            )  # type: ignore[misc]
            row = row_of(folder, "a.jpg")
            pause = FIRST_PAUSE_S * 2 ** (attempt - 1)
            assert row.not_before - folder.clock() == pytest.approx(pause)
            folder.clock.offset += pause - 0.5
            await some_turns(one)
            assert row_of(folder, "a.jpg").attempts == attempt
            folder.clock.offset += 0.5
        await until(lambda: row_of(folder, "a.jpg").state is State.BAD)
        row = row_of(folder, "a.jpg")
        assert row.code == "engine-crashed"
        assert row.reason.startswith(f"given up after {MOST_ATTEMPTS} attempts: the engine's")
        # A changed file starts anew; retry does as well.
        (folder.root / "a.jpg").write_bytes(picture(2))
        await until(lambda: row_of(folder, "a.jpg").state is State.SETTLING)
        folder.clock.offset += 1
        await until(lambda: row_of(folder, "a.jpg").state is State.FAILED)
        assert row_of(folder, "a.jpg").attempts == 1
        folder.encoder.fail = lambda _: None
        assert one.retry() == 1
        await at_rest(one)
    assert require_one_good_output_each(folder) == 1


async def test_a_clock_that_is_set_back_holds_nothing_up(folder: Folder) -> None:
    folder.clock.real = False
    (folder.root / "a.jpg").write_bytes(picture(1))
    (folder.root / "b.jpg").write_bytes(picture(2))
    folder.encoder.fail = raising(EngineCrashed(2, "signal 11"), times=1)
    async with running(folder.watcher(jobs=1)) as one:
        await until(lambda: len(folder.states()) == 2)
        folder.clock.offset += 1
        await until(lambda: sorted(folder.states().values()) == [State.DONE, State.FAILED])
        (folder.root / "c.jpg").write_bytes(picture(3))
        await until(lambda: len(folder.states()) == 3)  # and settles
        folder.clock.offset -= 7200
        await some_turns(one)
        folder.clock.offset += 1
        await at_rest(one)
    assert require_one_good_output_each(folder) == 3


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ScoreNotReached(90, 80, "lite-1"), State.REFUSED),
        (ImageTooLarge("a side", 10, 20), State.BAD),
    ],
)
async def test_what_cannot_be_is_not_tried_again_until_it_changes(
    folder: Folder, error: SdzError, state: State
) -> None:
    (folder.root / "a.jpg").write_bytes(picture(1))
    folder.encoder.fail = raising(error, times=1)
    async with running(folder.watcher(jobs=1)) as one:
        await until(lambda: row_of(folder, "a.jpg").state is state if folder.states() else False)
        scans = folder.kinds().count("scan")
        one.rescan()
        await until(lambda: folder.kinds().count("scan") > scans)
        folder.clock.offset += 10**6
        await some_turns(one)
        assert row_of(folder, "a.jpg").state is state
        assert row_of(folder, "a.jpg").reason == str(error)
    async with running(folder.watcher(jobs=1)) as one:  # nor after a restart
        await until(lambda: one.status().state is FolderState.WATCHING)
        await some_turns(one)
        assert row_of(folder, "a.jpg").state is state
        (folder.root / "a.jpg").write_bytes(picture(2))
        await until(lambda: row_of(folder, "a.jpg").state is State.DONE)
    assert require_one_good_output_each(folder) == 1


async def test_what_does_not_get_smaller_is_left_alone(folder: Folder) -> None:
    data = picture(1)
    (folder.root / "a.jpg").write_bytes(data)
    folder.encoder.size = len(data)
    summary = await folder.watcher().empty()
    assert (summary.done, summary.refused, summary.failed) == (0, 1, 0)
    assert summary.notes[0].code == "not-smaller"
    assert outputs(folder.root) == []
    # Other wishes are another chance.
    folder.encoder.size = len(data) // 2
    summary = await folder.watcher(min_saving=0.9).empty()
    assert (summary.done, summary.refused) == (0, 1)
    assert summary.notes[0].code == "saves-too-little"
    assert "90%" in summary.notes[0].reason
    summary = await folder.watcher(min_saving=0.1).empty()
    assert (summary.done, summary.refused) == (1, 0)


@pytest.mark.parametrize("error", [QueueFull(256, 3.0), EngineStopped(), DaemonNotRunning()])
async def test_an_encoder_that_is_busy_or_away_is_nobodys_failure(
    folder: Folder, error: SdzError
) -> None:
    pictures(folder.root, 4)
    folder.encoder.fail = raising(error)
    async with running(folder.watcher()) as one:
        await until(lambda: any(event.code == error.code for event in folder.events))
        await until(lambda: not one.status().running)
        assert one.status().waiting == 4
        away = not isinstance(error, QueueFull)
        state = FolderState.ENCODER_AWAY if away else FolderState.WATCHING
        await until(lambda: one.status().state is state)
        folder.encoder.fail = lambda _: None
        folder.clock.offset += health.FIRST_PAUSE_S
        await at_rest(one)
        assert one.status().state is FolderState.WATCHING
    assert all(row_of(folder, name).attempts == 0 for name in folder.states())


async def test_a_missing_model_pauses_the_folder(folder: Folder) -> None:
    pictures(folder.root, 4)
    folder.encoder.fail = raising(ModelMissing("sd-mse", "sdz models pull sd-mse"))
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().state is FolderState.MODEL_MISSING)
        assert "sdz models pull sd-mse" in one.status().reason
        assert one.status().failed == one.status().bad == 0


async def test_a_fault_of_this_program_stops_one_file_and_not_the_watcher(folder: Folder) -> None:
    (folder.root / "a.jpg").write_bytes(picture(1))
    folder.encoder.fail = raising(ZeroDivisionError("a fault"), times=1)
    async with running(folder.watcher(jobs=1)) as one:
        await until(lambda: one.status().failed)
        row = row_of(folder, "a.jpg")
        assert row.code == "internal-error"
        assert row.reason == "internal error, please report it: ZeroDivisionError: a fault"
        (folder.root / "b.jpg").write_bytes(picture(2))
        await until(lambda: one.status().done == 1)


# --- the source changes ---------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["written", "removed", "replaced"])
async def test_a_source_that_changes_while_it_is_encoded(folder: Folder, change: str) -> None:
    path = folder.root / "a.jpg"
    path.write_bytes(picture(1))
    folder.encoder.go.clear()
    async with running(folder.watcher()) as one:
        await until(lambda: folder.encoder.at_once)
        if change == "written":
            path.write_bytes(picture(2))
        else:
            path.unlink()
        if change == "replaced":
            (folder.root / "new.tmp").write_bytes(picture(2))
            (folder.root / "new.tmp").rename(path)
        folder.encoder.go.set()
        await until(lambda: not folder.encoder.at_once)
        if change != "removed":
            await until(lambda: one.status().done == 1)
        await at_rest(one)
    assert require_one_good_output_each(folder) == (0 if change == "removed" else 1)


async def test_the_output_of_what_was_there_before_goes_to_the_trash(
    folder: Folder, trash_home: Path
) -> None:
    path = folder.root / "a.jpg"
    path.write_bytes(picture(1))
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().done == 1)
        old = (folder.root / "a.sdz").read_bytes()
        path.write_bytes(picture(2))
        await until(lambda: len(folder.encoder.encoded) == 2)
        await at_rest(one)
    assert require_one_good_output_each(folder) == 1
    assert [file.read_bytes() for file in (trash_home / "Trash" / "files").iterdir()] == [old]


async def test_an_output_that_somebody_has_changed_is_left_alone(folder: Folder) -> None:
    path = folder.root / "a.jpg"
    path.write_bytes(picture(1))
    await folder.watcher().empty()
    (folder.root / "a.sdz").write_bytes(b"somebody's own")
    path.write_bytes(picture(2))
    summary = await folder.watcher().empty()
    assert summary.done == 1
    assert (folder.root / "a.sdz").read_bytes() == b"somebody's own"
    assert outputs(folder.root) == [folder.root / "a.jpg.sdz", folder.root / "a.sdz"]


async def test_a_touched_file_is_not_encoded_again(folder: Folder) -> None:
    path = folder.root / "a.jpg"
    path.write_bytes(picture(1))
    await folder.watcher().empty()
    os.utime(path, (1, 1))
    summary = await folder.watcher().empty()
    assert summary.done == 1
    assert len(folder.encoder.encoded) == 1
    assert require_one_good_output_each(folder) == 1


async def test_cancelled_in_the_middle(folder: Folder) -> None:
    pictures(folder.root, 3)
    folder.encoder.go.clear()
    async with running(folder.watcher(jobs=2)) as one:
        await until(lambda: folder.encoder.at_once == 2)
    assert leftovers(folder.root) == outputs(folder.root) == []
    assert one.status().waiting == 3
    assert one.status().state is FolderState.STOPPED
    folder.encoder.go.set()
    await folder.watcher().empty()
    assert require_one_good_output_each(folder) == 3


@pytest.mark.parametrize("step", ["open", "write", "check", "publish", "flush-folder", "made"])
async def test_cancelled_at_each_step(folder: Folder, step: str) -> None:
    """What is under way in a thread ends; what was published by then is done."""
    pictures(folder.root, 4)
    reached = asyncio.Event()
    loop = asyncio.get_running_loop()

    def at(name: str) -> None:
        if name == step:
            loop.call_soon_threadsafe(reached.set)

    async with running(folder.watcher(on_step=at)):
        await reached.wait()
    assert leftovers(folder.root) == []
    done = [name for name, state in folder.states().items() if state is State.DONE]
    assert len(outputs(folder.root)) == len(done)
    assert State.RUNNING not in folder.states().values()
    await folder.watcher().empty()
    assert require_one_good_output_each(folder) == 4
