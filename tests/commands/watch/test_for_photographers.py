"""What a photographer is told: estimates, reports, pauses, what is left behind, what goes."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from quick_pictures import picture
from watch_kit import QuickEncoder

from sdz.commands.status import pace_words
from sdz.commands.watch import agreeing, folders
from sdz.commands.watch.report import sentence
from sdz.grades import grade
from sdz.making.maker import Made
from sdz.units import size_in_words
from sdz.watch.folder import FolderOptions
from sdz.watch.journal.rows import State
from sdz.watch.pausing import is_paused
from sdz.watch.telling.savings import Saving, as_csv, worst_of
from sdz.watch.writing import trash
from sdz.wish import Wish

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]
QUICK = ("--settle", "1ms")
NOTE = "not kept: the place"


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> QuickEncoder:
    """Encodes without an engine, and leaves the place behind."""

    class Quick(QuickEncoder):
        async def warm(self, model: str) -> None:
            assert model == "lite-1"

        async def make(self, data: bytes, wish: Wish) -> Made:
            made = await super().make(data, wish)
            return Made(made.data, (NOTE, "turned upright as its EXIF says"))

    quick = Quick()

    @asynccontextmanager
    async def making(*_: object, **__: object) -> AsyncIterator[QuickEncoder]:
        yield quick

    monkeypatch.setattr(folders, "making", making)
    return quick


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "holiday"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.jpg").write_bytes(picture(number))
    (folder / "DSC_1.NEF").write_bytes(b"raw")
    (folder / "clip.mp4").write_bytes(b"film")
    return folder


# --- estimates ------------------------------------------------------------------------------------


def test_a_dry_run_encodes_a_sample_and_says_that_it_is_one(
    sdz: Sdz, root: Path, encoder: QuickEncoder, capsys: Capture
) -> None:
    there = sorted(root.iterdir())
    assert sdz("watch", root, "--dry-run", "--sample", 2, *QUICK) == 0
    assert len(encoder.encoded) == 2
    assert sorted(root.iterdir()) == there
    last = capsys.readouterr().out.splitlines()[-1]
    whole = sum(path.stat().st_size for path in root.glob("*.jpg"))
    assert last.startswith("nothing was written; an estimate from 2 of 5 pictures: some ")
    assert f"of {size_in_words(whole)} saved" in last
    assert "--sample 0 tries all; not kept: the place of 2 pictures" in last
    assert last.endswith("not read: 1 RAW file, 1 film")


def test_all_are_tried_where_that_is_asked_or_they_are_few(
    sdz: Sdz, root: Path, encoder: QuickEncoder, capsys: Capture
) -> None:
    assert sdz("watch", root, "--dry-run", "--sample", 0, *QUICK) == 0
    assert sdz("watch", root, "--dry-run", *QUICK) == 0
    assert len(encoder.encoded) == 10
    assert capsys.readouterr().out.count("nothing was written; if it were done: 5 done") == 2


def test_an_estimate_for_programs(sdz: Sdz, root: Path, capsys: Capture) -> None:
    assert sdz("watch", root, "--dry-run", "--sample", 2, "--json", *QUICK) == 0
    row = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (row["estimate"], row["tried"], row["pictures"]) == (True, 2, 5)
    assert 0 < row["saved"] < row["bytes"]


# --- what was left behind -------------------------------------------------------------------------


def test_the_sum_says_what_was_not_kept_and_not_read(sdz: Sdz, root: Path, capsys: Capture) -> None:
    assert sdz("watch", root, "--once", *QUICK) == 0
    out = capsys.readouterr().out.splitlines()
    assert "score 80.0 (high)" in out[0]
    assert out[-1].endswith("; not kept: the place of 5 pictures; not read: 1 RAW file, 1 film")


def test_names_are_those_seen_from_here(
    sdz: Sdz, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(root)
    assert sdz("watch", ".", "--once", *QUICK) == 0
    assert "0.jpg -> 0.sdz  " in capsys.readouterr().out


def test_metadata_is_kept_unless_it_is_not_wanted(
    sdz: Sdz, root: Path, encoder: QuickEncoder
) -> None:
    assert sdz("watch", root, "--once", *QUICK) == 0
    assert {(wish.keep_metadata, wish.keep_location) for wish in encoder.asked} == {(True, False)}
    encoder.asked.clear()
    (root / "new.jpg").write_bytes(picture(9))
    assert sdz("watch", root, "--once", "--no-keep-metadata", *QUICK) == 0
    assert [wish.keep_metadata for wish in encoder.asked] == [False]


def test_what_is_in_work_is_named_with_its_stage() -> None:
    row = {"percent": 50.0, "per_minute": 0, "left_s": None, "in_work": ["a.jpg", "b.jpg"]}
    assert pace_words(row) == "50 %, in work: a.jpg, b.jpg"
    row["stages"] = {"b.jpg": "coding, attempt 2, about 24 s left"}
    assert pace_words(row).endswith("a.jpg, b.jpg (coding, attempt 2, about 24 s left)")


# --- reports --------------------------------------------------------------------------------------


def test_a_report_as_a_page_and_as_a_table(
    sdz: Sdz, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (root / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    (root / os.fsdecode(b"x \xff.jpg")).write_bytes(b"\xff\xd8 no picture")
    sdz("watch", root, "--once", *QUICK)
    here = root.parent / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    capsys.readouterr()
    assert sdz("watch", "report", root) == 0
    out = capsys.readouterr().out
    assert "wrote sdz-report-holiday.html" in out
    assert out.splitlines()[2].startswith("5 done, 0 left alone, 2 waiting, 0 failed; ")
    assert out.splitlines()[3:] == [
        "  2 waiting: not written to its end. It is waited for, as it may still be copied; if not, "
        "copy it once more.",
        "  1 not read: RAW file. Develop it to JPEG or TIFF where it is to become small; sdz reads "
        "no RAW files.",
        "  1 not read: film. Leave it: sdz is for pictures.",
    ]
    page = (here / "sdz-report-holiday.html").read_text(encoding="utf-8")
    assert "not read: 1 RAW file, 1 film. Of " in page
    assert "<td>2 waiting<td>not written to its end<td>It is waited for" in page
    assert page.count("waiting: not written to its end: ") == 2  # in the table of all
    assert page.count("<td>80.0 (high)") == 10
    assert "<script" not in page
    text = (here / "sdz-report-holiday.csv").read_text(encoding="utf-8")
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["picture"] for row in table if row["state"] == "done"] == [
        f"{number}.jpg" for number in range(5)
    ]
    assert [(row["picture"], row["state"], row["reason"][:23]) for row in table[5:]] == [
        ("broken.jpg", "settling", "not written to its end:"),
        ("x \\udcff.jpg", "settling", "not written to its end:"),
        ("DSC_1.NEF", "not-read", "RAW file"),
        ("clip.mp4", "not-read", "film"),
    ]
    assert {row["score_in_words"] for row in table if row["state"] == "done"} == {"High"}


def test_thumbnails_of_real_pictures_are_in_the_page(
    sdz: Sdz, root: Path, sdz_bytes: bytes, encoder: QuickEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def make(*_: object) -> Made:
        return Made(sdz_bytes)

    for path in root.glob("*.jpg"):
        path.write_bytes(path.read_bytes() + bytes(len(sdz_bytes)))
    monkeypatch.setattr(encoder, "make", make)
    assert sdz("watch", root, "--once", *QUICK) == 0
    out = root.parent / "report.html"
    assert sdz("watch", "report", root, "-o", out) == 0
    assert out.read_text(encoding="utf-8").count("data:image/jpeg;base64,") == 5


def test_names_in_a_report_are_text() -> None:
    from sdz.commands.watch import report

    one = Saving(Path("<b>&.jpg"), State.BAD, 9, reason="<i>")
    text = report.page(report.Found(Path("/x<y"), [one]), 0.0)
    assert "&lt;b&gt;&amp;.jpg" in text
    assert "<i>" not in text
    assert "failed: &lt;i&gt;" in text


def test_what_went_to_the_trash_stays_in_the_report(
    sdz: Sdz, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(root.parent / "data"))
    monkeypatch.setattr(trash, "put", Path.unlink)
    for _ in range(2):  # the second look finds the originals gone
        assert sdz("watch", root, "--once", "--originals", "trash", *QUICK) == 0
    out = root.parent / "r.csv"
    capsys.readouterr()
    assert sdz("watch", "report", root, "-o", out) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("5 done, 0 left alone, 0 failed; ")
    assert out.read_text(encoding="utf-8").count(",done,") == 5


def test_names_in_a_table_are_no_formulas() -> None:
    made = [Saving(Path(name), State.WAITING, 9) for name in ("=1+1.jpg", "a\n,=b.jpg", "-x.jpg")]
    rows = list(csv.reader(io.StringIO(as_csv(made, [(Path("@sum.nef"), 3, "RAW file")]))))
    assert [row[0] for row in rows[1:]] == ["./=1+1.jpg", "a\n,=b.jpg", "./-x.jpg", "./@sum.nef"]


def test_what_cannot_be_reported(sdz: Sdz, root: Path, capsys: Capture) -> None:
    assert sdz("watch", "report", root) == 1
    assert "no folder is or was watched" in capsys.readouterr().err
    sdz("watch", root, "--once", *QUICK)
    assert sdz("watch", "report", root.parent) == 1
    assert sdz("watch", "report", root, "-o", "x.pdf") == 2
    capsys.readouterr()
    place = root / "gone" / "x.csv"
    assert sdz("watch", "report", root, "-o", place) == 1
    said = f"cannot write {place}: no such file or directory; -o names another place"
    assert said in capsys.readouterr().err


def test_the_worst_come_first_and_what_has_no_score_not_at_all() -> None:
    made = [
        Saving(Path(name), State.DONE, 9, 5, Path("x.sdz"), score, score)
        for name, score in (("a", 50.0), ("b", None), ("c", 20.0), ("d", 70.0))
    ]
    assert [one.picture.name for one in worst_of(made, 2)] == ["c", "a"]
    rows = list(csv.reader(io.StringIO(as_csv(made))))
    assert [row[6] for row in rows[1:]] == ["Good", "", "Low", grade(70).name]
    assert sentence(made) == (
        "4 done, 0 left alone, 0 failed; 36 bytes became 20 bytes, 16 bytes saved (44.4%)"
    )


# --- pauses ---------------------------------------------------------------------------------------


def test_a_pause_holds_and_ends(sdz: Sdz, root: Path, capsys: Capture) -> None:
    sdz("watch", root, "--once", *QUICK)
    capsys.readouterr()
    for command, said, then in (
        ("pause", "waits from now on", True),
        ("pause", "waits already", True),
        ("resume", "goes on", False),
        ("resume", "did not wait", False),
    ):
        assert sdz("watch", command, root) == 0
        assert capsys.readouterr().out == f"{root} {said}\n"
        assert is_paused(root) is then
    assert sdz("watch", "pause", root.parent) == 1
    assert "it is in no folder" in capsys.readouterr().err


# --- the trash ------------------------------------------------------------------------------------


def options(root: Path, **wishes: bool) -> FolderOptions:
    return FolderOptions(root, wish=Wish(**wishes), originals="trash")  # type: ignore[arg-type]


def test_the_trash_is_asked_about_once(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    answers = iter(["n\n", "y\n"])
    asked = SimpleNamespace(isatty=lambda: True, readline=lambda: next(answers))
    monkeypatch.setattr(sys, "stdin", asked)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert agreeing.agreed(FolderOptions(root))
    assert not agreeing.agreed(options(root))
    assert agreeing.agreed(options(root, keep_metadata=True))
    assert agreeing.agreed(options(root))  # no third answer is asked for
    said = " ".join(capsys.readouterr().err.split())
    assert "EXIF and XMP are in the trash then, too" in said
    assert "EXIF and XMP are kept, the place is not" in said


def test_where_nobody_can_answer_it_is_said_and_done(root: Path, capsys: Capture) -> None:
    assert agreeing.agreed(options(root, keep_metadata=True, keep_location=True))
    assert agreeing.agreed(options(root))
    assert capsys.readouterr().err.count("sdz watch undo brings pictures back") == 1
