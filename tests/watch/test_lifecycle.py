"""A folder from its first scan to its last: layouts, names, once, restarts, plans, events."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from quick_pictures import animation, picture, pictures
from watch_kit import (
    Folder,
    at_rest,
    hashes,
    leftovers,
    outputs,
    quick_sdz,
    require_one_good_output_each,
    running,
    some_turns,
    until,
)

from sdz.codec.pixels import open_picture
from sdz.errors import BadOption, FolderUnfit, SdzError
from sdz.progress import Progress
from sdz.watch.folder import FolderOptions, Originals
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import State
from sdz.watch.names import part_name, part_token
from sdz.watch.plan import plan
from sdz.watch.telling.report import FolderState, Summary
from sdz.wish import Wish


def names(folder: Path) -> list[str]:
    return [os.fspath(path.relative_to(folder)) for path in outputs(folder)]


# --- how far a file is -----------------------------------------------------------------------


async def test_how_far_each_file_is_is_told_with_its_name(folder: Folder) -> None:
    made = [folder.root / f"{seed}.jpg" for seed in range(3)]
    for seed, path in enumerate(made):
        path.write_bytes(picture(seed))
    at = Progress("coding", 0.5, 2)
    [_ async for _ in folder.watcher().plan()]
    assert sorted(folder.heard) == [(path, at) for path in made]
    folder.heard.clear()
    await folder.watcher().empty()
    assert sorted(folder.heard) == [(path, at) for path in made]


async def test_a_file_that_goes_while_it_is_in_work_is_none_of_the_sum(folder: Folder) -> None:
    gone, changed = (folder.root / name for name in ("gone.jpg", "changed.jpg"))
    for seed, path in enumerate((gone, changed)):
        path.write_bytes(picture(seed))

    def meanwhile(_: bytes) -> None:
        gone.unlink(missing_ok=True)
        changed.write_bytes(picture(7))

    folder.encoder.fail = meanwhile
    summary = await folder.watcher(jobs=2).empty()
    assert (summary.done, summary.failed) == (0, 0)
    assert [note.path for note in summary.notes] == [changed]
    assert summary.waiting == 1
    assert leftovers(folder.root) == []


# --- layouts and names ----------------------------------------------------------------------------


async def test_names_that_collide_never_overwrite(folder: Folder) -> None:
    foreign = folder.root / "b.sdz"
    foreign.write_bytes(b"somebody's own")
    for seed, name in enumerate(["a.jpg", "a.jpeg", "a.png", "b.jpg"]):
        (folder.root / name).write_bytes(picture(seed))
    summary = await folder.watcher(jobs=1).empty()
    assert summary.done == 4
    assert names(folder.root) == ["a.jpg.sdz", "a.png.sdz", "a.sdz", "b.jpg.sdz", "b.sdz"]
    assert foreign.read_bytes() == b"somebody's own"
    foreign.unlink()
    assert require_one_good_output_each(folder) == 4


async def test_names_that_collide_while_several_are_written(folder: Folder) -> None:
    sources = [f"a.{kind}" for kind in ("jpg", "jpeg", "png", "webp", "gif", "bmp", "JPG", "Jpg")]
    for seed, name in enumerate(sources):
        (folder.root / name).write_bytes(picture(seed))
    await folder.watcher(jobs=8).empty()
    assert require_one_good_output_each(folder) == 8


async def test_twins_whose_names_collide_have_an_output_each(folder: Folder) -> None:
    for name in ("a.jpg", "a.jpeg", "a.png"):
        (folder.root / name).write_bytes(picture(1))
    await folder.watcher(jobs=3).empty()
    assert require_one_good_output_each(folder) == 3
    assert len(folder.encoder.encoded) == 1


async def test_outputs_mirrored_under_another_folder(folder: Folder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sources = pictures(folder.root, 6)
    (folder.root / "deep" / "er").mkdir(parents=True)
    shutil.copy(sources[0], folder.root / "deep" / "er" / "x.jpg")
    await folder.watcher(out=out).empty()
    assert require_one_good_output_each(folder, out) == 7
    assert outputs(folder.root) == []
    assert "deep/er/x.sdz" in names(out)


async def test_an_output_folder_within_the_root_is_not_watched(folder: Folder) -> None:
    out = folder.root / "small"
    pictures(folder.root, 3)
    out.mkdir()
    (out / "not ours.jpg").write_bytes(picture(9))
    async with running(folder.watcher(out=out)) as one:
        await until(lambda: one.status().done == 3)
        (out / "nor this.jpg").write_bytes(picture(10))
        pictures(folder.root, 1, first=3)
        await until(lambda: one.status().done == 4)
    assert len(folder.states()) == 4


async def test_an_output_folder_that_goes_is_waited_for_and_not_made_anew(
    folder: Folder, tmp_path: Path
) -> None:
    out = tmp_path / "disk" / "out"
    pictures(folder.root, 2)
    async with running(folder.watcher(out=out)) as one:
        await until(lambda: one.status().done == 2)
        out.parent.rename(tmp_path / "away")
        await until(lambda: one.status().state is FolderState.MISSING_OUT)
        assert os.fspath(out) in one.status().reason
        pictures(folder.root, 2, first=2)
        await some_turns(one)
        assert not out.parent.exists()
        (tmp_path / "away").rename(out.parent)
        await until(lambda: one.status().done == 4)
    out.parent.rename(tmp_path / "away")
    with pytest.raises(FolderUnfit, match="is not there"):
        await folder.watcher(out=out).empty()


async def test_temporary_files_of_a_killed_watcher_are_swept(
    folder: Folder, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    token = part_token(folder.root)
    for place in (folder.root, folder.root / "a", out, out / "a" / "b"):
        place.mkdir(parents=True, exist_ok=True)
        (place / part_name(token)).write_bytes(b"half of it")
    await folder.watcher(out=out).empty()
    assert leftovers(folder.root) == leftovers(out) == []


# --- once -----------------------------------------------------------------------------------------


async def test_emptying_a_folder_tells_what_became_of_everything(folder: Folder) -> None:
    good = pictures(folder.root, 5)
    (folder.root / "text.jpg").write_bytes(b"this is no picture at all")
    (folder.root / "cut.png").write_bytes(picture(1, "PNG")[:-5])
    (folder.root / "empty.jpg").touch()
    (folder.root / "tiny.bmp").write_bytes(b"BM" + (40).to_bytes(4, "little") + bytes(34))
    before = hashes(folder.root)
    sizes = sum(path.stat().st_size for path in good)
    summary = await folder.watcher().empty()
    assert (summary.done, summary.refused, summary.failed) == (5, 1, 2)
    assert summary.waiting == 1
    assert summary.bytes_before == sizes
    assert summary.bytes_after == sum(path.stat().st_size for path in outputs(folder.root))
    assert summary.saved_bytes == summary.bytes_before - summary.bytes_after
    assert {(note.path.name, note.code) for note in summary.notes} == {
        ("text.jpg", "unreadable-image"),
        ("cut.png", "unfinished"),
        ("empty.jpg", "unfinished"),
        ("tiny.bmp", "not-smaller"),
    }
    assert all(note.reason for note in summary.notes)
    assert hashes(folder.root) == before
    # Again: nothing is done twice, and what failed is still said.
    again = await folder.watcher().empty()
    assert (again.done, again.refused, again.failed, again.waiting) == (0, 1, 2, 1)
    assert len(folder.encoder.encoded) == 5


async def test_emptying_an_empty_folder(folder: Folder) -> None:
    assert await folder.watcher().empty() == Summary()


async def test_emptying_what_is_not_there(folder: Folder) -> None:
    folder.root.rmdir()
    with pytest.raises(FolderUnfit, match="no such folder"):
        await folder.watcher().empty()


async def test_emptying_tries_what_has_failed_before(folder: Folder) -> None:
    (folder.root / "a.jpg").write_bytes(picture(1))

    def fail(_: bytes) -> None:
        raise SdzError("not today")

    folder.encoder.fail = fail
    assert (await folder.watcher().empty()).failed == 1
    folder.encoder.fail = lambda _: None
    assert (await folder.watcher().empty()).done == 1


async def test_animations_are_left_alone(folder: Folder) -> None:
    (folder.root / "a.gif").write_bytes(animation("GIF"))

    def read(data: bytes) -> None:
        open_picture(data, only=folder.encoder.asked[-1].only)

    folder.encoder.fail = read
    summary = await folder.watcher(originals="trash").empty()
    assert (summary.refused, summary.done) == (1, 0)
    assert summary.notes[0].code == "several-frames"
    assert (folder.root / "a.gif").exists()


@pytest.mark.parametrize(("originals", "only"), [("keep", "single"), ("trash", "whole")])
async def test_a_maker_is_told_what_may_not_be_left_out(
    folder: Folder, originals: str, only: str
) -> None:
    pictures(folder.root, 1)
    await folder.watcher(originals=originals).empty()
    assert [wish.only for wish in folder.encoder.asked] == [only]


# --- restarts -------------------------------------------------------------------------------------


async def test_a_restart_does_nothing_twice_and_misses_nothing(folder: Folder) -> None:
    pictures(folder.root, 5)
    async with running(folder.watcher()) as one:
        await at_rest(one)
    pictures(folder.root, 5, first=5)
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().done == 10)
        await at_rest(one)
    assert require_one_good_output_each(folder) == 10
    assert len(folder.encoder.encoded) == 10


@pytest.mark.parametrize("originals", ["keep", "trash"])
async def test_a_journal_that_is_lost_costs_work_but_no_second_outputs(
    folder: Folder, originals: str
) -> None:
    """As after a power cut that took its last lines."""
    pictures(folder.root, 5)
    await folder.watcher().empty()
    before = {path: path.lstat().st_ino for path in outputs(folder.root)}
    for path in folder.home.glob("journal.sqlite*"):
        path.unlink()
    summary = await folder.watcher(originals=originals).empty()
    assert summary.done == 5
    assert {path: path.lstat().st_ino for path in outputs(folder.root)} == before
    assert bool(hashes(folder.root)) is (originals == "keep")


async def test_an_output_that_its_owner_deleted_is_not_made_again(folder: Folder) -> None:
    pictures(folder.root, 2)
    await folder.watcher().empty()
    outputs(folder.root)[0].unlink()
    assert (await folder.watcher().empty()).done == 0
    assert len(outputs(folder.root)) == 1


# --- dry run --------------------------------------------------------------------------------------


async def test_a_plan_says_what_emptying_does_and_writes_nothing(folder: Folder) -> None:
    pictures(folder.root, 5)
    (folder.root / "done.jpg").write_bytes(picture(50))
    await folder.watcher().empty()
    shutil.rmtree(folder.root / "00")
    (folder.root / "done.sdz").unlink()
    pictures(folder.root, 4, first=10)
    (folder.root / "text.jpg").write_bytes(b"this is no picture at all")
    (folder.root / "cut.png").write_bytes(picture(1, "PNG")[:-5])
    (folder.root / "tiny.bmp").write_bytes(b"BM" + (40).to_bytes(4, "little") + bytes(34))
    before = {path: path.stat().st_mtime_ns for path in folder.root.rglob("*")}
    journal = (folder.home / "journal.sqlite").read_bytes()
    watcher = folder.watcher()
    planned = [file async for file in watcher.plan()]
    assert {path: path.stat().st_mtime_ns for path in folder.root.rglob("*")} == before
    assert (folder.home / "journal.sqlite").read_bytes() == journal
    actions = {file.path.name: file.action for file in planned}
    assert actions == {
        **{path.name: "convert" for path in folder.root.glob("00/*")},
        **{"text.jpg": "fail", "cut.png": "wait", "tiny.bmp": "refuse"},
    }
    saved = sum(file.saved_bytes for file in planned)
    summary = await watcher.empty()
    assert summary.saved_bytes == saved
    assert summary.done == 4
    assert sorted(file.output for file in planned if file.output) == outputs(folder.root)
    # What is known by then is said without being encoded.
    encoded = len(folder.encoder.encoded)
    again = [file async for file in folder.watcher().plan()]
    assert sorted(file.action for file in again) == ["fail", "refuse", "wait"]
    assert len(folder.encoder.encoded) == encoded


async def test_a_plan_says_what_it_will_try_and_what_is_in_work(folder: Folder) -> None:
    pictures(folder.root, 5)
    told: list[int] = []
    tried = [file async for file in plan(folder.watcher().work, 2, told.append)]
    assert told == [2]
    assert [file.action for file in tried].count("convert") == 2
    assert [event.path for event in folder.events if event.kind == "started"] == [
        file.path for file in tried if file.action == "convert"
    ]


async def test_a_plan_that_nobody_reads_to_its_end(folder: Folder) -> None:
    pictures(folder.root, 6)
    files = folder.watcher(jobs=3).plan()
    assert (await anext(files)).action == "convert"
    await files.aclose()
    await until(lambda: folder.encoder.at_once == 0)


# --- what is said ---------------------------------------------------------------------------------


async def test_events_tell_the_whole_story(folder: Folder) -> None:
    pictures(folder.root, 1)
    (folder.root / "text.jpg").write_bytes(b"this is no picture at all")
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().done and one.status().bad)
    assert [event.state for event in folder.events if event.kind == "folder"] == [
        *("starting", "watching", "stopped")
    ]
    assert "scan" in folder.kinds()
    (done,) = [event for event in folder.events if event.kind == "done"]
    assert done.path == folder.root / "00" / "photo 0.jpg"
    assert done.output == folder.root / "00" / "photo 0.sdz"
    assert done.bytes_before == done.path.stat().st_size
    assert done.bytes_after == done.output.stat().st_size
    (bad,) = [event for event in folder.events if event.kind == "bad"]
    assert (bad.path, bad.code) == (folder.root / "text.jpg", "unreadable-image")
    assert folder.kinds().count("started") == 2


async def test_status_from_another_process_and_after_the_end(folder: Folder) -> None:
    pictures(folder.root, 2)
    folder.encoder.go.clear()
    async with running(folder.watcher(jobs=1)) as one:
        await until(lambda: one.status().running)
        with Journal(folder.home / "journal.sqlite", read_only=True) as journal:
            other = folder.watcher(jobs=1)
            assert journal.roots.paths() == [folder.root]
            assert (other.status().running, other.status().waiting) == (1, 1)
            assert other.status().oldest_waiting_s > 0
        folder.encoder.go.set()
        await at_rest(one)
        status = one.status()
        assert (status.done, status.oldest_waiting_s) == (2, 0.0)
        before = sum(path.stat().st_size for path in hashes(folder.root))
        after = sum(path.stat().st_size for path in outputs(folder.root))
        assert status.saved_bytes == before - after
    assert one.status().state is FolderState.STOPPED


async def test_retry_from_another_process_is_noticed(folder: Folder) -> None:
    path = folder.root / "a.jpg"
    path.write_bytes(b"this is no picture at all")
    async with running(folder.watcher()) as one:
        await until(lambda: one.status().bad)
        with Journal(folder.home / "journal.sqlite") as journal:
            assert journal.due.retry(folder.root, [path], folder.clock()) == 1
        await until(lambda: folder.kinds().count("bad") == 2)


async def test_two_folders_share_a_journal(folder: Folder, tmp_path: Path) -> None:
    other = Folder(tmp_path / "other", folder.home)
    other.root.mkdir()
    pictures(folder.root, 3)
    pictures(other.root, 4)
    async with running(folder.watcher()) as one, running(other.watcher()) as two:
        await until(lambda: (one.status().done, two.status().done) == (3, 4))
        pictures(other.root, 1, first=7)
        await until(lambda: two.status().done == 5)
    assert require_one_good_output_each(folder) == 3
    assert require_one_good_output_each(other) == 5
    for journal in other.journals:
        journal.close()


# --- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"settle_s": -1.0}, BadOption, "settle: expected 0 to 3600"),
        ({"settle_s": float("nan")}, BadOption, "settle"),
        ({"rescan_s": 0.0}, BadOption, "rescan: expected 1 to"),
        ({"jobs": 0}, BadOption, "jobs: expected 1 to 64, found 0"),
        ({"min_saving": 1.0}, BadOption, "min saving: expected 0 to 0.999, found 1"),
        ({"originals": "burn"}, BadOption, "originals: expected keep or trash"),
        ({"wish": Wish(allow_larger=True)}, BadOption, "allow larger"),
        ({"wish": Wish(only="single")}, BadOption, "only"),
    ],
)
def test_options_that_cannot_be(
    tmp_path: Path, options: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        FolderOptions(tmp_path, **options)  # type: ignore[arg-type]


def test_folders_that_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for root, out, words in (
        (file, None, "not a folder"),
        (tmp_path, file, "not a folder"),
        (tmp_path, tmp_path, "the watched folder itself"),
        (Path("/"), None, "whole file system"),
    ):
        with pytest.raises(FolderUnfit, match=words):
            FolderOptions(root, out)
    FolderOptions(tmp_path / "not there yet")
    with pytest.raises(FolderUnfit, match="make it first"):
        FolderOptions(tmp_path / "not there yet").require_root()


def test_options_as_they_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    options = FolderOptions(Path("link"), Path("out"), originals=Originals("trash"))
    assert options.root == tmp_path.resolve() / "real"
    assert options.out == tmp_path.resolve() / "out"
    assert options.digest == replace(options, settle_s=9.0).digest
    assert options.digest != replace(options, originals=Originals.KEEP).digest
    assert options.digest != FolderOptions(tmp_path, wish=Wish("sd-mse")).digest
    assert options.digest != FolderOptions(tmp_path, wish=Wish(effort="high")).digest
    # That of a journal from before there was an effort: what was refused is not tried again.
    assert FolderOptions(tmp_path, wish=Wish(quality=40.0)).digest == "c888cc9d91a37051"


async def test_the_real_states_are_all_described(folder: Folder) -> None:
    """docs/watch.md has a line for each state of a file and of a folder."""
    text = (Path(__file__).parents[2] / "docs" / "watch.md").read_text("utf-8")
    for state in (*State, *FolderState):
        assert f"`{state}`" in text, state
    assert quick_sdz(b"") != quick_sdz(b"x")
    assert folder.states() == {}


async def test_a_watcher_that_ended_and_is_run_again_looks_again(folder: Folder) -> None:
    watcher = folder.watcher()
    for seed, name in enumerate(("a", "b")):  # as after a fault, in the daemon
        (folder.root / f"{name}.jpg").write_bytes(picture(seed))
        async with running(watcher):
            await until(lambda name=name: (folder.root / f"{name}.sdz").exists())
    assert require_one_good_output_each(folder) == 2


async def test_a_folder_that_cannot_be_read_is_told(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.root / "locked").mkdir()
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("sdz.watch.looking.scan.os.scandir", scandir)
    watcher = folder.watcher()
    await watcher.empty()
    assert folder.kinds().count("unreadable") == 1
    said = next(e.reason for e in folder.events if e.kind == "unreadable")
    assert "cannot be read" in said
    assert watcher.status().hindrance == said
