"""Originals in the trash: only after the verified write, and back again, over nothing."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
import send2trash.plat_other as freedesktop
from quick_pictures import picture
from watch_kit import Folder, at_rest, outputs, quick_sdz, running, until

from sdz.errors import TrashFailed
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import Identity, State
from sdz.watch.telling.status import notes_of
from sdz.watch.writing import trash


def in_trash(home: Path) -> list[str]:
    files = home / "Trash" / "files"
    return sorted(path.name for path in files.iterdir()) if files.exists() else []


def add(folder: Folder, *names: str) -> dict[str, bytes]:
    made = {}
    for name in names:
        path = folder.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made[name] = picture(sum(name.encode()))
        path.write_bytes(made[name])
        os.utime(path, (1_000_000, 1_000_000))
    return made


async def test_originals_go_to_the_trash_and_come_back_last_ones_first(
    folder: Folder, trash_home: Path
) -> None:
    data = add(folder, "a.jpg", "sub/b ü.jpg", "c.jpg")
    watcher = folder.watcher(originals="trash", jobs=1)
    summary = await watcher.empty()
    assert summary.done == 3
    assert in_trash(trash_home) == ["a.jpg", "b ü.jpg", "c.jpg"]
    order = [row.path for row in watcher.journal.trashed.rows(folder.root)]
    (last,) = watcher.undo(1)
    assert (last.path, last.restored, last.output_trashed) == (order[0], True, True)
    assert last.path.read_bytes() == data[os.fspath(last.path.relative_to(folder.root))]
    assert last.path.stat().st_mtime == 1_000_000
    assert last.output is not None
    assert not last.output.exists()
    rest = watcher.undo(10)
    assert [one.path for one in rest] == order[1:]
    for name, content in data.items():
        assert (folder.root / name).read_bytes() == content
    assert outputs(folder.root) == []
    assert watcher.undo(10) == []
    assert [Path(name).suffix for name in in_trash(trash_home)] == [".sdz"] * 3


async def test_what_was_undone_is_not_converted_again_until_it_changes(folder: Folder) -> None:
    add(folder, "a.jpg", "b.jpg", "c.jpg")
    async with running(folder.watcher(originals="trash")) as one:
        await until(lambda: one.status().done == 3)
        with Journal(folder.home / "journal.sqlite") as journal:  # by another process
            folder.watcher(originals="trash").undo(3)
            assert journal.files.counts(folder.root) == {State.UNDONE: 3}
        await until(lambda: (folder.root / "a.jpg").exists())
        scans = folder.kinds().count("scan")
        one.rescan()
        await until(lambda: folder.kinds().count("scan") > scans)
        await at_rest(one)
        assert outputs(folder.root) == []
        assert one.status().undone == 3
        (folder.root / "a.jpg").write_bytes(picture(77))
        assert one.retry([folder.root / "b.jpg"]) == 1
        await until(lambda: one.status().done == 2)
    assert len(outputs(folder.root)) == 2
    summary = await folder.watcher(originals="trash").empty()  # nor after a restart
    assert summary.done == 0
    assert (folder.root / "c.jpg").exists()


async def test_files_of_one_name_that_go_to_the_trash_together_are_all_kept(
    folder: Folder, trash_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """send2trash has chosen the name by then and not taken it yet."""
    real = freedesktop.check_create

    def slow(folder: bytes) -> None:
        time.sleep(0.05)
        real(folder)

    monkeypatch.setattr(freedesktop, "check_create", slow)
    data = add(folder, *(f"{number:02}/same.jpg" for number in range(10)))
    watcher = folder.watcher(originals="trash", jobs=16)
    assert (await watcher.empty()).done == 10
    assert len(in_trash(trash_home)) == 10
    assert all(one.restored for one in watcher.undo(10))
    for name, content in data.items():
        assert (folder.root / name).read_bytes() == content


async def test_undo_never_overwrites(folder: Folder, trash_home: Path) -> None:
    data = add(folder, "a.jpg", "b.jpg")
    await folder.watcher(originals="trash", jobs=1).empty()
    (folder.root / "a.jpg").write_bytes(b"something new")
    done = {one.path.name: one for one in folder.watcher().undo(2)}
    assert not done["a.jpg"].restored
    assert "another file" in done["a.jpg"].reason
    assert done["b.jpg"].restored
    assert (folder.root / "a.jpg").read_bytes() == b"something new"
    assert "a.jpg" in in_trash(trash_home)
    (folder.root / "a.jpg").unlink()
    assert [one.restored for one in folder.watcher().undo(2)] == [True]
    assert (folder.root / "a.jpg").read_bytes() == data["a.jpg"]


async def test_undo_leaves_an_output_that_somebody_has_changed(folder: Folder) -> None:
    add(folder, "a.jpg")
    await folder.watcher(originals="trash").empty()
    (folder.root / "a.sdz").write_bytes(b"somebody's own")
    (one,) = folder.watcher().undo(1)
    assert (one.restored, one.output_trashed) == (True, False)
    assert (folder.root / "a.sdz").read_bytes() == b"somebody's own"


async def test_undo_of_what_is_no_longer_in_the_trash(folder: Folder, trash_home: Path) -> None:
    add(folder, "a.jpg")
    await folder.watcher(originals="trash").empty()
    shutil.rmtree(trash_home / "Trash")
    (one,) = folder.watcher().undo(1)
    assert not one.restored
    assert one.reason == "it is no longer in the trash"
    assert (folder.root / "a.sdz").exists()
    assert folder.watcher().undo(1) == []


async def test_undo_takes_only_what_this_program_has_trashed(
    folder: Folder, trash_home: Path
) -> None:
    add(folder, "mine.jpg", "yours.jpg")
    trash.put(folder.root / "yours.jpg")
    await folder.watcher(originals="trash").empty()
    assert [one.path.name for one in folder.watcher().undo(10)] == ["mine.jpg"]
    assert "yours.jpg" in in_trash(trash_home)


async def test_undo_tells_files_of_the_same_name_apart(folder: Folder, trash_home: Path) -> None:
    """A camera uses its names again: the second picture takes another name for its output."""
    first = add(folder, "IMG_0001.jpg")["IMG_0001.jpg"]
    await folder.watcher(originals="trash").empty()
    (folder.root / "IMG_0001.jpg").write_bytes(picture(5))
    await folder.watcher(originals="trash").empty()
    assert [path.name for path in outputs(folder.root)] == ["IMG_0001.jpg.sdz", "IMG_0001.sdz"]
    assert (folder.root / "IMG_0001.sdz").read_bytes() == quick_sdz(first)
    (folder.root / "IMG_0001.jpg").write_bytes(picture(6))  # and a third one, never converted
    assert len(in_trash(trash_home)) == 2
    assert [one.restored for one in folder.watcher().undo(5)] == [False, False]
    (folder.root / "IMG_0001.jpg").unlink()
    done = folder.watcher().undo(1)
    assert (folder.root / "IMG_0001.jpg").read_bytes() == picture(5)
    assert [path.name for path in outputs(folder.root)] == ["IMG_0001.sdz"]
    (folder.root / "IMG_0001.jpg").unlink()
    assert folder.watcher().undo(1)[0].restored
    assert (folder.root / "IMG_0001.jpg").read_bytes() == first
    assert done[0].restored


async def test_undo_makes_the_folder_anew_but_not_the_root(folder: Folder) -> None:
    data = add(folder, "sub/deep/a.jpg")
    await folder.watcher(originals="trash").empty()
    folder.root.rename(folder.home / "away")
    (one,) = folder.watcher().undo(1)
    assert not one.restored
    folder.root.mkdir()
    (one,) = folder.watcher().undo(1)
    assert one.restored
    assert (folder.root / "sub/deep/a.jpg").read_bytes() == data["sub/deep/a.jpg"]


async def test_a_trash_that_does_not_take_it_keeps_the_original_and_says_so(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(folder, "a.jpg")

    def fail(_: str) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("send2trash.send2trash", fail)
    watcher = folder.watcher(originals="trash")
    summary = await watcher.empty()
    assert summary.done == 1
    assert (folder.root / "a.jpg").exists()
    row = next(watcher.journal.files.rows(folder.root))
    assert (row.state, row.code) == (State.DONE, "trash-failed")
    assert "stays where it is" in row.reason
    status = watcher.status()
    assert (status.done, status.not_trashed) == (1, 1)
    assert [note.code for note in notes_of(watcher.journal, folder.root, 5)] == ["trash-failed"]
    assert watcher.undo(1) == []
    assert await folder.watcher(originals="trash").empty()
    assert len(folder.encoder.encoded) == 1


@pytest.mark.parametrize("change", ["written", "replaced"])
async def test_a_source_that_changes_at_the_last_moment_does_not_go_to_the_trash(
    folder: Folder, trash_home: Path, change: str
) -> None:
    path = folder.root / "a.jpg"
    add(folder, "a.jpg")

    def at(step: str) -> None:
        if step == "flush-folder" and folder.events[-1].kind != "done":
            if change == "replaced":
                path.unlink()
            path.write_bytes(picture(9))

    await folder.watcher(originals="trash", on_step=at).empty()
    assert path.read_bytes() == picture(9)
    assert in_trash(trash_home) == []


async def test_nothing_goes_to_the_trash_when_the_output_is_not_there_any_more(
    folder: Folder, trash_home: Path
) -> None:
    add(folder, "a.jpg")

    def at(step: str) -> None:
        if step == "flush-folder":
            (folder.root / "a.sdz").unlink()

    await folder.watcher(originals="trash", on_step=at).empty()
    assert (folder.root / "a.jpg").exists()
    assert in_trash(trash_home) == []


def test_the_trash_of_another_disk_is_found_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the top of a mounted disk: relative paths, in .Trash-UID or in .Trash/UID."""
    top = tmp_path / "disk"
    (top / "in").mkdir(parents=True)
    monkeypatch.setattr(
        freedesktop, "get_dev", lambda path: os.fsencode(path).startswith(os.fsencode(top))
    )
    monkeypatch.setattr(
        os.path, "ismount", lambda path: os.fspath(path) in ("/", os.fspath(top), os.fsencode(top))
    )
    for shared in (False, True):
        if shared:
            (top / ".Trash").mkdir()
            (top / ".Trash").chmod(0o1777)
        path = top / "in" / "a b.jpg"
        path.write_bytes(b"x")
        identity = Identity.of(path.lstat())
        trash.put(path)
        place = top / ".Trash" / str(os.getuid()) if shared else top / f".Trash-{os.getuid()}"
        assert [file.name for file in (place / "files").iterdir()] == ["a b.jpg"]
        found = trash.find(path, identity, "")
        assert found is not None
        trash.restore(found, path)
        assert path.read_bytes() == b"x"
        assert list((place / "info").iterdir()) == []
        path.unlink()


def test_a_copy_in_the_trash_is_known_by_its_bytes(tmp_path: Path) -> None:
    from sdz.watch.writing.part import hash_of

    path = tmp_path / "a.jpg"
    path.write_bytes(b"precious")
    identity = Identity.of(path.lstat())._replace(ino=1)
    trash.put(path)
    assert trash.find(path, identity, hash_of(b"other")) is None
    assert trash.find(path, identity, hash_of(b"precious")) is not None
    assert trash.find(tmp_path / "b.jpg", identity, hash_of(b"precious")) is None


def test_restoring_across_disks_copies_and_never_overwrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    path = tmp_path / "a.jpg"
    path.write_bytes(b"precious")
    os.utime(path, (5, 5))
    identity = Identity.of(path.lstat())
    trash.put(path)
    found = trash.find(path, identity, "")
    assert found is not None
    monkeypatch.setattr(trash.os, "link", no_links)
    path.write_bytes(b"new")
    with pytest.raises(FileExistsError):
        trash.restore(found, path)
    assert path.read_bytes() == b"new"
    path.unlink()
    trash.restore(found, path)
    assert (path.read_bytes(), path.stat().st_mtime) == (b"precious", 5)
    assert not found.file.exists()


def test_what_is_not_there_cannot_be_trashed(tmp_path: Path) -> None:
    with pytest.raises(TrashFailed, match="did not take"):
        trash.put(tmp_path / "none.jpg")
