"""The scan sees what is there: once, all of it, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from watch_kit import Folder

from sdz.watch.journal.rows import State
from sdz.watch.looking import scan as scan_module
from sdz.watch.looking.scan import Scan, candidates
from sdz.watch.names import part_name, part_token


@pytest.fixture
def scan(folder: Folder) -> Scan:
    work = folder.watcher(settle_s=2.0).work
    work.journal.roots.put(folder.root)
    return Scan(work)


def put(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_pictures_at_any_depth_and_nothing_else(folder: Folder, scan: Scan) -> None:
    wanted = {"a.jpg", "b/c.PNG", "b/d/e/f.webp"}
    for name in wanted:
        put(folder.root / name)
    for name in (
        *(".hidden.jpg", ".Trash-1000/files/x.jpg", "@eaDir/a.jpg", "b/.stfolder/x.jpg", "x.txt"),
        *(
            "Thumbs.db",
            ".DS_Store",
            "._a.jpg",
            "a.jpg.part",
            "b/c.png.crdownload",
            "x.tmp",
            "y.sdz",
        ),
        *("photo.jpg~", "$RECYCLE.BIN/x.jpg", "__MACOSX/x.jpg", ".git/x.png"),
    ):
        put(folder.root / name)
    (folder.root / "folder.jpg").mkdir()
    os.mkfifo(folder.root / "pipe.jpg")
    seen = scan.all()
    assert set(folder.states()) == wanted
    assert (seen.files, seen.news, seen.folders) == (3, 3, 5)
    assert {
        os.fspath(path.relative_to(folder.root)) for path, _ in candidates(folder.root, None)
    } == wanted


def test_a_second_scan_finds_nothing_new(folder: Folder, scan: Scan) -> None:
    for n in range(2000):
        put(folder.root / f"{n}.jpg")
    assert scan.all().news == 2000
    seen = scan.all()
    assert (seen.files, seen.news) == (2000, 0)


def test_symbolic_links_are_not_followed_and_make_no_loop(folder: Folder, scan: Scan) -> None:
    elsewhere = put(folder.home / "elsewhere" / "x.jpg")
    put(folder.root / "sub" / "a.jpg")
    (folder.root / "sub" / "loop").symlink_to(folder.root, target_is_directory=True)
    (folder.root / "loop").symlink_to("loop")
    (folder.root / "out").symlink_to(elsewhere.parent, target_is_directory=True)
    (folder.root / "link.jpg").symlink_to(elsewhere)
    (folder.root / "dangling.jpg").symlink_to("nowhere")
    scan.all()
    for name in ("loop", "out", "sub/loop", "link.jpg"):
        scan.file(folder.root / name)
    assert set(folder.states()) == {"sub/a.jpg"}


def test_files_and_folders_that_went(
    folder: Folder, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "BATCH", 2)
    for name in ("a.jpg", "b.jpg", "c.jpg", "x/a.jpg", "x/y/a.jpg", "z/a.jpg"):
        put(folder.root / name)
    scan.all()
    (folder.root / "b.jpg").unlink()
    (folder.root / "x" / "y" / "a.jpg").unlink()
    (folder.root / "z" / "a.jpg").rename(folder.home / "a.jpg")
    (folder.root / "z").rmdir()
    scan.all()
    assert set(folder.states()) == {"a.jpg", "c.jpg", "x/a.jpg"}
    (folder.home / "a.jpg").rename(folder.root / "b.jpg")
    scan.file(folder.root / "b.jpg")
    assert set(folder.states()) == {"a.jpg", "b.jpg", "c.jpg", "x/a.jpg"}
    (folder.root / "b.jpg").unlink()
    scan.file(folder.root / "b.jpg")
    assert "b.jpg" not in folder.states()


def test_a_folder_that_cannot_be_read_loses_nothing(
    folder: Folder, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder.root / "locked" / "a.jpg")
    put(folder.root / "b.jpg")
    scan.all()
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(scan_module.os, "scandir", scandir)
    seen = scan.all()
    assert seen.unreadable == 1
    assert seen.hindrance == (
        "1 folder cannot be read, so what is in there is left alone: "
        f"{folder.root / 'locked'}: permission denied"
    )
    assert set(folder.states()) == {"locked/a.jpg", "b.jpg"}


def test_a_full_disk_of_the_journal_is_not_taken_for_a_folder_that_cannot_be_read(
    folder: Folder, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "BATCH", 50)
    for number in range(300):
        put(folder.root / f"{'long ' * 30}{number}.jpg")
    scan.work.journal.database.connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(OSError, match="No space left"):
        scan.all()


@pytest.mark.usefixtures("scan")
def test_the_folder_for_outputs_within_the_root_is_left_out(folder: Folder) -> None:
    put(folder.root / "a.jpg")
    put(folder.root / "small" / "x.jpg")
    inside = Scan(folder.watcher(out=folder.root / "small").work)
    inside.all()
    inside.file(folder.root / "small" / "x.jpg")
    assert set(folder.states()) == {"a.jpg"}


def test_own_temporary_files_are_swept_and_those_of_others_are_not(
    folder: Folder, scan: Scan
) -> None:
    mine = put(folder.root / "a" / part_name(part_token(folder.root)))
    other = put(folder.root / "a" / part_name(part_token(folder.home)))
    scan.all()
    assert mine.exists()
    assert Scan(folder.watcher().work, sweep=True).all().swept == 1
    assert not mine.exists()
    assert other.exists()


def test_a_moved_folder_keeps_what_is_known_of_its_files(folder: Folder, scan: Scan) -> None:
    put(folder.root / "old" / "a.jpg")
    scan.all()
    row = next(scan.work.journal.files.rows(folder.root))
    scan.work.journal.due.claim(row, "wish", 1.0)
    scan.work.journal.due.finish(row, State.REFUSED, 1.0)
    (folder.root / "old").rename(folder.root / "new")
    scan.all()
    assert folder.states() == {"new/a.jpg": State.REFUSED}


def test_names_that_are_no_text(folder: Folder, scan: Scan) -> None:
    name = os.fsencode(put(folder.root / os.fsdecode(b"\xff.jpg")))
    scan.all()
    assert [os.fsencode(row.path) for row in scan.work.journal.files.rows(folder.root)] == [name]


def test_a_scan_can_be_stopped(folder: Folder, scan: Scan) -> None:
    put(folder.root / "a.jpg")
    stopped = Scan(scan.work, stop=lambda: True)
    assert stopped.all().files == 0
