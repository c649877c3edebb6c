"""``sdz watch``: what it does to a folder once, what it says of it, and what it refuses."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from quick_pictures import picture
from watch_kit import QuickEncoder, hashes, leftovers, outputs, quick_sdz

from sdz.commands import waiting
from sdz.commands.watch import folders
from sdz.errors import BadOption, EngineCrashed, ScoreNotReached
from sdz.making.maker import Made
from sdz.progress import Progress, hand_on
from sdz.watch.claim import COMMAND, Claim
from sdz.watch.journal.journal import journal_path
from sdz.wish import Wish

Sdz = Callable[..., int]
QUICK = ("--settle", "1ms")
HARD, BROKEN = picture(100), picture(101)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> QuickEncoder:
    """Encodes without an engine; one picture cannot reach its score, one crashes it."""

    class Quick(QuickEncoder):
        async def warm(self, model: str) -> None:
            assert model == "lite-1"

    def fail(data: bytes) -> None:
        if data == HARD:
            raise ScoreNotReached(90, 55.5, "lite-1")
        if data == BROKEN:
            raise EngineCrashed(2, "killed")

    quick = Quick(fail=fail)

    @asynccontextmanager
    async def making(*_: object, **__: object) -> AsyncIterator[QuickEncoder]:
        yield quick

    monkeypatch.setattr(folders, "making", making)
    return quick


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with three pictures, one of them in a folder of its own, and a text."""
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    for number, name in enumerate(("a.jpg", "b.jpg", "sub/c.jpg")):
        (folder / name).write_bytes(picture(number))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    import send2trash.plat_other as plat  # it has read the environment when it was loaded

    monkeypatch.setattr(plat, "HOMETRASH", str(tmp_path / "data" / "Trash"), raising=False)
    monkeypatch.setattr(
        plat, "HOMETRASH_B", os.fsencode(tmp_path / "data" / "Trash"), raising=False
    )
    return tmp_path / "data" / "Trash"


@pytest.mark.parametrize("how", ["--once", "--dry-run"])
def test_what_is_in_work_is_said_with_its_stage(
    sdz: Sdz, root: Path, encoder: QuickEncoder, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    said, make = io.StringIO(), encoder.make
    monkeypatch.setattr(sys, "stderr", said)
    monkeypatch.setattr(waiting, "EVERY_S", 0.001)
    monkeypatch.setattr(waiting, "LINE_EVERY_S", 0.0)

    async def until_it_is_said(data: bytes, wish: Wish) -> Made:
        hand_on(Progress("coding and measuring", 0.5, 2, 3, 4))
        async with asyncio.timeout(60):
            while "coding and measuring, attempt 2, part 3 of 4, 0 s" not in said.getvalue():
                await asyncio.sleep(0.01)
        return await make(data, wish)

    monkeypatch.setattr(encoder, "make", until_it_is_said)
    assert sdz("watch", root, how, *QUICK) == 0
    assert "sdz: a.jpg: " in said.getvalue()


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.usefixtures("encoder")
class TestOnce:
    def test_every_picture_and_nothing_else(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = hashes(root)
        assert sdz("watch", root, "--once", *QUICK) == 0
        assert hashes(root) == before
        assert outputs(root) == [root / "a.sdz", root / "b.sdz", root / "sub" / "c.sdz"]
        assert (root / "a.sdz").read_bytes() == quick_sdz((root / "a.jpg").read_bytes())
        assert leftovers(root) == []
        out, err = capsys.readouterr()
        assert err == ""  # no bar in a pipe
        lines = out.splitlines()
        assert len(lines) == 4
        assert any(line.startswith(f"{root}/a.jpg -> {root}/a.sdz") for line in lines)
        assert lines[-1].startswith("3 done, 0 left alone, 0 failed; ")

        assert sdz("watch", root, "--once", *QUICK) == 0
        assert capsys.readouterr().out == (
            "0 done (3 before), 0 left alone, 0 failed; not read: 1 other file\n"
        )

    def test_failures_are_named_and_the_others_done(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (root / "broken.jpg").write_bytes(BROKEN)
        (root / "cut.jpg").write_bytes(picture(5)[:-40])
        (root / "hard.jpg").write_bytes(HARD)
        assert sdz("watch", root, "--once", *QUICK) == 1
        out, err = capsys.readouterr()
        assert len(outputs(root)) == 3
        named = sorted(err.splitlines())
        assert len(named) == 2
        assert named[0].startswith(f"sdz: {root}/broken.jpg: the engine's process ended")
        assert named[1].startswith(f"sdz: {root}/cut.jpg: not written to its end")
        assert f"{root}/hard.jpg: left alone: a score of 90 cannot be reached" in out
        *_, total, more = out.splitlines()
        assert total.startswith("3 done, 1 left alone, 1 waiting, 1 failed")
        assert more == f"what is not done, and what to do about it: sdz watch report {root}"

    def test_the_effort_reaches_the_encoder(
        self, sdz: Sdz, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[Wish] = []

        async def make(_: object, data: bytes, wish: Wish) -> Made:
            asked.append(wish)
            return Made(quick_sdz(data))

        monkeypatch.setattr(QuickEncoder, "make", make)
        assert sdz("watch", root, "--once", "--effort", "high", *QUICK) == 0
        assert asked == [Wish(effort="high", only="single", keep_metadata=True)] * 3
        assert sdz("watch", root, "--once", "--effort", "max", *QUICK) == 2

    def test_a_wish_that_no_picture_can_meet_leaves_them_alone(
        self, sdz: Sdz, root: Path, encoder: QuickEncoder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail(_: bytes) -> None:
            raise BadOption("effort", "normal with taesd", "high")

        encoder.fail = fail
        assert sdz("watch", root, "--once", "--effort", "high", *QUICK) == 0
        out = capsys.readouterr().out
        assert f"{root}/a.jpg: left alone: effort: expected normal with taesd" in out
        assert "0 done, 3 left alone, 0 failed" in out
        encoder.fail = lambda _: None
        assert sdz("watch", root, "--once", *QUICK) == 0  # tried again, as the wishes are others
        assert "3 done" in capsys.readouterr().out

    def test_empty_files_are_named_by_their_folder(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for number in range(3):
            (root / f"empty{number}.jpg").touch()
        assert sdz("watch", root, "--once", *QUICK) == 1
        err = capsys.readouterr().err
        assert f"sdz: {root}: 3 empty files\n" in err
        assert "None" not in err

    def test_what_is_left_alone_is_no_failure(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (root / "hard.jpg").write_bytes(HARD)
        assert sdz("watch", root, "--once", *QUICK, "--json") == 0
        out, err = capsys.readouterr()
        found = {row["source"]: row for row in rows(out) if "source" in row}
        assert found[f"{root}/hard.jpg"]["state"] == "refused"
        assert found[f"{root}/hard.jpg"]["error"] == "score-not-reached"
        done = found[f"{root}/a.jpg"]
        assert (done["output"], done["bytes"]) == (
            f"{root}/a.sdz",
            (root / "a.sdz").stat().st_size,
        )
        assert done["source_bytes"] == (root / "a.jpg").stat().st_size
        assert err == ""

    @pytest.mark.parametrize("how", ["--once", "--dry-run"])
    def test_what_is_not_read_is_counted_by_its_kind(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str], how: str
    ) -> None:
        for name in ("a.CR3", "sub/b.cr3", "sub/b.mov"):
            (root / name).write_bytes(b"")
        assert sdz("watch", root, how, *QUICK) == 0
        said = capsys.readouterr().out.splitlines()[-1]
        assert said.endswith("; not read: 2 RAW files, 1 film, 1 other file")
        assert sdz("watch", root, how, *QUICK, "--json") == 0
        summary = rows(capsys.readouterr().out)[-1]
        assert (summary["state"], summary["failed"]) == ("summary", 0)
        assert summary["left_alone"] == {"RAW file": 2, "film": 1, "other file": 1}
        if how == "--once":
            assert sdz("watch", "status") == 0
            assert "\n  not read: 2 RAW files, 1 film, 1 other file\n" in capsys.readouterr().out
            assert sdz("watch", "status", "--json") == 0
            [row] = rows(capsys.readouterr().out)
            assert row["left_alone"] == {"RAW file": 2, "film": 1, "other file": 1}

    def test_several_folders_and_a_mirror(self, sdz: Sdz, root: Path, tmp_path: Path) -> None:
        other, out = tmp_path / "other", tmp_path / "out"
        other.mkdir()
        (other / "d.jpg").write_bytes(picture(7))
        (other / "sub").mkdir()
        (other / "sub" / "e.jpg").write_bytes(picture(9))
        assert sdz("watch", other, root, "--once", "--out-dir", out, *QUICK) == 0
        names = [str(path.relative_to(out)) for path in outputs(out)]
        assert names == ["a.sdz", "b.sdz", "d.sdz", "sub/c.sdz", "sub/e.sdz"]
        assert outputs(root) == outputs(other) == []

    def test_a_bar_only_on_a_terminal(
        self, sdz: Sdz, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        assert sdz("watch", root, "--once", *QUICK) == 0
        assert "picture" in terminal.getvalue()

    def test_a_notification_where_it_is_wanted(
        self, sdz: Sdz, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = tmp_path / "told"
        program = tmp_path / "notify-send"
        program.write_text(f'#!/bin/sh\necho "$4" >> "{told}"\nexit 1\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        assert sdz("watch", root, "--once", *QUICK) == 0
        assert not told.exists()
        (root / "d.jpg").write_bytes(picture(8))
        assert sdz("watch", root, "--once", *QUICK, "--set", "watch.notify=true") == 0
        assert told.read_text().startswith("1 picture in pictures: ")


@pytest.mark.usefixtures("encoder")
class TestDryRun:
    def test_nothing_is_written(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (root / "hard.jpg").write_bytes(HARD)
        there = sorted(root.rglob("*"))
        assert sdz("watch", root, "--dry-run", *QUICK) == 0
        out = capsys.readouterr().out.splitlines()
        assert sorted(root.rglob("*")) == there
        before = sum((root / name).stat().st_size for name in ("a.jpg", "b.jpg", "sub/c.jpg"))
        after = 3 * len(quick_sdz(b""))
        assert out[-1].startswith(
            "nothing was written; if it were done: 3 done, 1 left alone, 0 failed; "
            f"{before - after:,} of {before:,} "
        )
        assert sdz("watch", "status") == 0
        assert "no folder is or was watched" in capsys.readouterr().err

    def test_it_says_what_would_fail(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (root / "cut.jpg").write_bytes(picture(5)[:-40])
        assert sdz("watch", root, "--dry-run", "--json", *QUICK) == 1
        out, err = capsys.readouterr()
        assert "cut.jpg: not written to its end" in err
        assert sorted(row["state"] for row in rows(out)) == [
            *("done", "done", "done"),
            *("summary", "waiting"),
        ]

    def test_it_may_be_asked_while_the_folder_is_watched(self, sdz: Sdz, root: Path) -> None:
        claim = Claim(root)
        claim.acquire(COMMAND)
        try:
            assert sdz("watch", root, "--dry-run", *QUICK) == 0
        finally:
            claim.release()


@pytest.mark.usefixtures("encoder")
class TestAfterwards:
    def test_status(self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert sdz("watch", "status") == 0
        assert "no folder is or was watched" in capsys.readouterr().err
        assert sdz("watch", "status", root) == 1
        (root / "hard.jpg").write_bytes(HARD)
        (root / "broken.jpg").write_bytes(BROKEN)
        sdz("watch", root, "--once", *QUICK)
        capsys.readouterr()

        assert sdz("watch", "status") == 0
        out = capsys.readouterr().out
        assert out.startswith(f"{root}  stopped: nobody watches it\n")
        assert "0 running, 3 done, 1 left alone, 1 failed" in out
        assert "failed: broken.jpg: the engine's process ended" in out
        assert "hard.jpg" not in out  # left alone, and that is all right; asked for it is said
        assert sdz("watch", "status", root / "sub") == 0
        assert "left alone: hard.jpg" in capsys.readouterr().out

        (root / "cut.jpg").write_bytes(picture(5)[:-40])
        sdz("watch", root, "--once", *QUICK)
        capsys.readouterr()
        assert sdz("watch", "status") == 0
        assert "waiting: cut.jpg: not written to its end" in (out := capsys.readouterr().out)
        assert "1 waiting" in out
        assert " %" not in out  # nothing is left to be done: it is waited for
        assert "it may still be written, and is waited for" in out.replace("\n     ", "")
        (root / "cut.jpg").unlink()
        sdz("watch", root, "--once", *QUICK)
        for number in range(7):
            (root / f"cut {number}.jpg").write_bytes(picture(5)[:-40])
        sdz("watch", root, "--once", *QUICK)
        capsys.readouterr()
        assert sdz("watch", "status") == 0
        out = capsys.readouterr().out
        assert out.count("waiting: cut ") == 4  # beside one that failed
        assert f"  and 3 more; see: sdz watch status {root}" in out
        assert sdz("watch", "status", root) == 0
        assert capsys.readouterr().out.count("waiting: cut ") == 7
        for number in range(7):
            (root / f"cut {number}.jpg").unlink()
        sdz("watch", root, "--once", *QUICK)
        capsys.readouterr()

        claim = Claim(root)
        claim.acquire(COMMAND)
        assert sdz("watch", "status", "--json") == 0
        [row] = rows(capsys.readouterr().out)
        claim.release()
        assert (row["root"], row["by"], row["pid"]) == (str(root), "sdz watch", os.getpid())
        assert (row["done"], row["refused"], row["failed"]) == (3, 1, 1)
        assert {note["path"]: note["code"] for note in row["notes"]} == {
            "broken.jpg": "engine-crashed",
            "hard.jpg": "score-not-reached",
        }
        assert sdz("watch", "status", root.parent) == 1
        assert "is in no folder" in capsys.readouterr().err
        root.rename(root.parent / "elsewhere")
        assert sdz("watch", "status") == 0
        assert capsys.readouterr().out == ""  # gone, and nothing can come of it
        assert sdz("watch", "status", root) == 0
        assert "3 done" in capsys.readouterr().out

    def test_what_a_killed_watcher_had_in_work_waits(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sdz("watch", root, "--once", *QUICK)
        with closing(sqlite3.connect(journal_path())) as journal, journal:
            journal.execute("UPDATE files SET state = 'running' WHERE id = 1")
        capsys.readouterr()
        assert sdz("watch", "status") == 0
        assert "  1 waiting (oldest " in (out := capsys.readouterr().out)
        assert "0 running, 2 done" in out
        assert "in work" not in out

    def test_retry(
        self,
        sdz: Sdz,
        root: Path,
        encoder: QuickEncoder,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert sdz("watch", "retry") == 0
        (root / "hard.jpg").write_bytes(HARD)
        (root / "sub" / "broken.jpg").write_bytes(BROKEN)
        assert sdz("watch", root, "--once", *QUICK) == 1
        capsys.readouterr()
        assert sdz("watch", "retry", root / "sub") == 0
        assert capsys.readouterr().out == "1 file is tried again\n"
        assert sdz("watch", "retry", root / "a.jpg", root / "hard.jpg", "/nowhere") == 1
        out, err = capsys.readouterr()
        assert out == "1 file is tried again\n"
        assert [line.rpartition(": ")[2] for line in err.splitlines()] == [
            "nothing there failed or was left alone",
            "it is in no folder that is or was watched",
        ]
        encoder.fail = QuickEncoder().fail
        assert sdz("watch", root, "--once", *QUICK) == 0
        assert len(outputs(root)) == 5
        assert sdz("watch", "retry", "--json") == 0
        assert capsys.readouterr().out.splitlines()[-1] == '{"files": 0}'

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no such book")
    def test_undo(
        self,
        sdz: Sdz,
        root: Path,
        trash: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert sdz("watch", "undo") == 1
        before = hashes(root)
        assert sdz("watch", root, "--once", "--originals", "trash", *QUICK) == 0
        assert hashes(root) == {}
        assert len(list((trash / "files").iterdir())) == 3
        capsys.readouterr()

        assert sdz("watch", "undo") == 0
        assert len(hashes(root)) == 1
        assert " is back; " in capsys.readouterr().out
        assert sdz("watch", "undo", root.parent) == 1
        gone = next(name for name in ("sub/c.jpg", "a.jpg", "b.jpg") if not (root / name).exists())
        assert sdz("watch", "undo", root / gone) == 0
        assert (root / gone).exists()
        assert len(hashes(root)) == 2
        assert sdz("watch", "undo", root / gone) == 1
        capsys.readouterr()
        assert sdz("watch", "undo", root, "--count", 9, "--json") == 0
        assert [row["restored"] for row in rows(capsys.readouterr().out)] == [True]
        assert hashes(root) == before
        assert outputs(root) == []
        assert sdz("watch", root, "--once", *QUICK) == 0  # and they stay
        assert outputs(root) == []
        assert sdz("watch", "undo", "--count", 0) == 2


@pytest.mark.usefixtures("encoder")
class TestRefusals:
    def test_a_folder_that_is_called_status(
        self, sdz: Sdz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "status").mkdir()
        (tmp_path / "status" / "a.jpg").write_bytes(picture(1))
        monkeypatch.chdir(tmp_path)
        assert sdz("watch", "./status", "--once", *QUICK) == 0
        assert (tmp_path / "status" / "a.sdz").exists()
        assert sdz("watch", "--once", "status", *QUICK) == 0

    def test_one_alone_watches_a_folder(
        self, sdz: Sdz, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        claim = Claim(root / "sub")
        claim.acquire("the daemon")
        try:
            assert sdz("watch", root, "--once", *QUICK) == 1
        finally:
            claim.release()
        err = capsys.readouterr().err
        assert "is watched already by the daemon (process" in err
        assert "sdz watch status" in err
        assert outputs(root) == []
        assert sdz("watch", root, root / "sub", "--once", *QUICK) == 1
        assert sdz("watch", root, "--once", *QUICK) == 0  # nothing was left locked

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ((), 2),
            (("--once", "--dry-run"), 2),
            (("--originals", "delete"), 2),
            (("--settle", "5"), 2),
            (("--jobs", "0"), 2),
            (("--jobs", "many"), 2),
            (("--quality", "500"), 2),
            (("--preset", "fine", "--quality", "20"), 2),
            (("--model", "nope"), 2),
            (("--model", "taesd", "--effort", "high"), 2),
            (("--set", "watch.jbos=3"), 1),
            (("--set", "watch.originals=delete"), 1),
            (("--out-dir", "FILE"), 1),
        ],
    )
    def test_usage(self, sdz: Sdz, root: Path, words: tuple[str, ...], code: int) -> None:
        words = tuple(str(root / "notes.txt") if word == "FILE" else word for word in words)
        folders = (root,) if words else ()
        once = () if "--once" in words else ("--once",)
        assert sdz("watch", *folders, *once, *words) == code
        assert outputs(root) == []

    def test_folders_that_cannot_be_watched(
        self, sdz: Sdz, root: Path, models_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for folder in (root / "none", root / "a.jpg", models_home, Path("/")):
            assert sdz("watch", folder, "--once", *QUICK) == 1
            assert f"sdz: {folder} cannot be watched: " in capsys.readouterr().err


@pytest.mark.usefixtures("encoder")
def test_ctrl_c_ends_it(
    sdz: Sdz, root: Path, encoder: QuickEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    async def make(*_: Any) -> Made:
        asyncio.get_running_loop().call_soon(interrupt)
        await asyncio.sleep(3600)
        raise AssertionError

    encoder.make = make  # type: ignore[method-assign]
    assert sdz("watch", root, *QUICK) == 130
    assert "sdz: 0 done, 0 left alone until here\n" in capsys.readouterr().err
    assert outputs(root) == []
    assert leftovers(root) == []
    claim = Claim(root)
    claim.acquire(COMMAND)
    claim.release()
