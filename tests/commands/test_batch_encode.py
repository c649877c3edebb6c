"""``sdz encode`` on many files: folders, several at a time, going on where it was ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import drawn
import pytest

import sdz as package
from sdz import container
from sdz.container import Box, unpack

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def draw(path: Path, seed: int = 0, height: int = 48, width: int = 64) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = {".jpg": "JPEG"}.get(path.suffix.lower(), "PNG")
    path.write_bytes(drawn.as_file(drawn.scene(height, width, seed), kind))
    return path


def tree(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def version(path: Path) -> tuple[int, int]:
    """What changes when a file is written anew; the time of access does when it is read."""
    return path.stat().st_ino, path.stat().st_mtime_ns


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Pictures in folders, and what is none."""
    folder = tmp_path / "album"
    names = ("a.png", "summer/b.JPG", "summer/deep/c.png", ".hidden/d.png", "summer/.e.png")
    for seed, name in enumerate(names):
        draw(folder / name, seed)
    (folder / "notes.txt").write_text("no picture")
    (folder / "bad.png").write_text("no picture either")
    (folder / "around").symlink_to(folder)
    return folder


class TestFolders:
    def test_the_tree_is_mirrored(
        self, sdz: Sdz, album: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        assert sdz("encode", "-r", album, "--out-dir", tmp_path / "out") == 1
        assert tree(tmp_path / "out") == ["a.sdz", "summer/b.sdz", "summer/deep/c.sdz"]
        others, *lines, summary = capsys.readouterr().err.splitlines()
        assert others == "sdz: left alone, for sdz reads none: 1 other file"
        assert len(lines) == 1
        assert lines[0].startswith(f"sdz: {album}/bad.png: not a picture")
        assert summary.startswith("sdz: 3 done, 1 failed; ")

    def test_beside_the_sources(self, sdz: Sdz, album: Path) -> None:
        assert sdz("encode", "-r", album / "summer") == 0
        assert [name for name in tree(album) if name.endswith(".sdz")] == [
            "summer/b.sdz",
            "summer/deep/c.sdz",
        ]

    def test_a_folder_is_not_walked_unasked(self, sdz: Sdz, album: Path, capsys: Capture) -> None:
        assert sdz("encode", album) == 1
        assert "it is a folder; name the pictures in it, or use --recursive" in (
            capsys.readouterr().err
        )

    def test_one_output_for_a_folder_is_usage(self, sdz: Sdz, album: Path, capsys: Capture) -> None:
        assert sdz("encode", "-r", album, "-o", "x.sdz") == 2
        assert "use --out-dir for several" in capsys.readouterr().err

    def test_pictures_with_one_stem(self, sdz: Sdz, album: Path, tmp_path: Path) -> None:
        draw(album / "summer" / "b.png", 9)
        words = ("encode", "-r", album / "summer", "--out-dir", tmp_path / "out")
        assert sdz(*words, "--jobs", 3) == 0
        assert tree(tmp_path / "out") == ["b.png.sdz", "b.sdz", "deep/c.sdz"]
        before = {path: version(path) for path in (tmp_path / "out").iterdir()}
        assert sdz(*words, "--resume") == 0
        assert {path: version(path) for path in (tmp_path / "out").iterdir()} == before

    def test_what_looks_like_an_ending_and_is_none(
        self, sdz: Sdz, tmp_path: Path, capsys: Capture
    ) -> None:
        names = ("IMG.2024", "scan.1", "scan.2")
        for seed, name in enumerate(names):
            draw(tmp_path / name, seed)
        assert sdz("encode", *(tmp_path / name for name in names)) == 0
        assert tree(tmp_path) == sorted([*names, *(f"{name}.sdz" for name in names)])
        assert sdz("decode", tmp_path / "scan.1.sdz", "--json") == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["output"] == str(
            tmp_path / "scan.1.png"
        )


@pytest.mark.parametrize("jobs", ["2", "5"])
def test_several_at_a_time_write_what_one_writes(
    sdz: Sdz, tmp_path: Path, jobs: str, capsys: Capture
) -> None:
    sources = [draw(tmp_path / f"{n}.png", n) for n in range(6)]
    assert sdz("encode", *sources, "--out-dir", tmp_path / "one") == 0
    assert sdz("encode", *sources, "--out-dir", tmp_path / "some", "--jobs", jobs, "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()[6:]]
    assert [row["source"] for row in rows] == [str(source) for source in sources]
    for n in range(6):
        one, other = (tmp_path / side / f"{n}.sdz" for side in ("one", "some"))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_wrong_numbers_of_jobs_are_usage(sdz: Sdz, photo: Path, jobs: str) -> None:
    assert sdz("encode", photo, "--jobs", jobs) == 2


class TestResume:
    @pytest.fixture
    def done(self, sdz: Sdz, photo: Path, capsys: Capture) -> Path:
        assert sdz("encode", photo, "--quality", 40) == 0
        capsys.readouterr()
        return photo.with_suffix(".sdz")

    def again(self, sdz: Sdz, photo: Path, *words: object) -> int:
        return sdz("encode", photo, "--resume", *(words or ("--quality", 40)))

    def test_what_is_done_is_not_done_again(
        self, sdz: Sdz, photo: Path, done: Path, capsys: Capture
    ) -> None:
        before = version(done)
        assert self.again(sdz, photo, "--quality", 40, "--json") == 0
        row = json.loads(capsys.readouterr().out)
        assert row == {"source": str(photo), "output": str(done), "skipped": "done already"}
        assert version(done) == before

    @pytest.mark.usefixtures("done")
    def test_the_others_are_done(self, sdz: Sdz, photo: Path, capsys: Capture) -> None:
        other = draw(photo.with_name("other.png"), 3)
        assert sdz("encode", photo, other, "--resume", "--quality", 40) == 0
        out, err = capsys.readouterr()
        assert out.startswith(f"{other} -> ")
        assert err.startswith("sdz: 1 done, 1 skipped; ")
        assert other.with_suffix(".sdz").exists()

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (("--quality", 41), "it was made at another quality"),
            (("--target-bytes", 80), "it has "),
            (("--min-score", 99), "its score is lower"),
            (("--model", "taesd"), "it was made with lite-1"),
        ],
    )
    def test_other_wishes(
        self,
        sdz: Sdz,
        photo: Path,
        done: Path,
        capsys: Capture,
        words: tuple[object, ...],
        reason: str,
    ) -> None:
        before = done.read_bytes()
        assert sdz("encode", photo, "--resume", *words) == 1
        err = capsys.readouterr().err
        assert f"it exists, but {reason}" in err
        assert "use --force to make it again" in err
        assert done.read_bytes() == before

    @pytest.mark.parametrize("words", [("--target-bytes", 100_000), ("--min-score", -100)])
    def test_wishes_that_it_meets(
        self, sdz: Sdz, photo: Path, done: Path, words: tuple[object, ...]
    ) -> None:
        before = version(done)
        assert sdz("encode", photo, "--resume", *words) == 0
        assert version(done) == before

    @pytest.mark.parametrize(
        ("score", "preset", "is_done"),
        [
            (50.9, "standard", True),
            (48.1, "standard", True),
            (45.0, "standard", False),
            (66.0, "standard", False),  # that is fine's
            (29.0, "standard", False),
            (57.4, "standard", True),  # nobody's: leapt over
            (57.4, "small", True),
            (57.4, "fine", False),
        ],
    )
    def test_looks(
        self, sdz: Sdz, photo: Path, done: Path, capsys: Capture,
        score: float, preset: str, is_done: bool,
    ) -> None:  # fmt: skip
        file = container.unpack(done.read_bytes())
        assert file.header.report is not None
        report = replace(file.header.report, score=score)
        done.write_bytes(container.pack(replace(file, header=replace(file.header, report=report))))
        assert sdz("encode", photo, "--resume", "--preset", preset) == (0 if is_done else 1)
        assert ("it was made for another look" in capsys.readouterr().err) is not is_done

    def test_a_source_that_changed(
        self, sdz: Sdz, photo: Path, done: Path, capsys: Capture
    ) -> None:
        before = done.read_bytes()
        draw(photo, 7)
        os.utime(photo, (time.time() + 5, time.time() + 5))
        assert self.again(sdz, photo) == 1
        assert "it is older than its source" in capsys.readouterr().err
        assert done.read_bytes() == before
        assert self.again(sdz, photo, "--quality", 40, "--force") == 0
        assert done.read_bytes() != before

    def test_a_damaged_output(self, sdz: Sdz, photo: Path, done: Path, capsys: Capture) -> None:
        whole = done.read_bytes()
        done.write_bytes(whole[:-5])
        assert self.again(sdz, photo) == 1
        assert "it is not whole (cut short" in capsys.readouterr().err
        assert self.again(sdz, photo, "--quality", 40, "--force") == 0
        assert done.read_bytes() == whole

    def test_a_source_that_is_gone(self, sdz: Sdz, photo: Path, done: Path) -> None:
        photo.unlink()
        assert self.again(sdz, photo) == 1
        assert done.exists()

    def test_kept_metadata_is_not_taken_for_none(
        self, sdz: Sdz, tmp_path: Path, capsys: Capture
    ) -> None:
        from PIL import Image

        exif = Image.Exif()
        exif[0x010F] = "Maker"
        source = tmp_path / "a.jpg"
        source.write_bytes(drawn.as_file(drawn.scene(48, 64), "JPEG", quality=95, exif=exif))
        assert sdz("encode", source, "--keep-metadata") == 0
        assert sdz("encode", source, "--resume") == 1
        assert "it keeps metadata" in capsys.readouterr().err
        assert sdz("encode", source, "--resume", "--keep-metadata") == 0

    def test_an_output_does_not_stand_for_another_picture_of_its_stem(
        self, sdz: Sdz, photo: Path, done: Path
    ) -> None:
        other = draw(photo.with_suffix(".jpg"), 5)
        os.utime(other, (1000, 1000))
        before = version(done)
        for _ in range(2):
            assert sdz("encode", other, photo, "--resume", "--quality", 40) == 0
        assert version(done) == before
        assert photo.with_name("photo.jpg.sdz").stat().st_mtime == 1000

    def test_a_source_that_is_dated_in_the_future(self, sdz: Sdz, photo: Path) -> None:
        ahead = time.time() + 8 * 3600
        os.utime(photo, (ahead, ahead))
        assert sdz("encode", photo, "--quality", 40) == 0
        before = version(photo.with_suffix(".sdz"))
        assert self.again(sdz, photo) == 0
        assert version(photo.with_suffix(".sdz")) == before

    def test_a_source_that_was_replaced_by_an_older_one(
        self, sdz: Sdz, photo: Path, done: Path, capsys: Capture
    ) -> None:
        before = done.read_bytes()
        draw(photo, 7)
        os.utime(photo, (1000, 1000))
        assert self.again(sdz, photo) == 1
        assert "it exists, but its source came after it; use --force" in capsys.readouterr().err
        assert done.read_bytes() == before

    def test_an_output_without_its_sources_time(self, sdz: Sdz, photo: Path, done: Path) -> None:
        os.utime(done)  # as copied, or written where times cannot be set
        assert self.again(sdz, photo) == 0


def test_a_source_that_changes_at_work_gives_no_output(
    sdz: Sdz, photo: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdz.commands import encode

    def read_and_change(source: str) -> bytes:
        data = Path(source).read_bytes()
        Path(source).write_bytes(data + b"more")
        return data

    monkeypatch.setattr(encode, "read_source", read_and_change)
    assert sdz("encode", photo) == 1
    assert "it changed while it was being encoded" in capsys.readouterr().err
    assert not photo.with_suffix(".sdz").exists()


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_end_in_the_middle_leaves_whole_files_and_goes_on(
    sdz: Sdz, tmp_path: Path, jobs: str, how: signal.Signals
) -> None:
    sources = [draw(tmp_path / f"{n:02}.png", n, 160, 160) for n in range(24)]
    out = tmp_path / "out"
    words = [*map(str, sources), "--out-dir", str(out), "--jobs", jobs]
    process = subprocess.Popen(
        [sys.executable, "-m", "sdz", "encode", *words],
        env={**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()  # one is done
    process.send_signal(how)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 128 + how
    assert "done" in said
    assert "sdz: stopped" in said
    found = tree(out)
    assert 1 <= len(found) < 24
    assert all(name.endswith(".sdz") for name in found)  # and no part of one
    for name in found:
        package.info(out / name)
    before = {name: version(out / name) for name in found}
    assert sdz("encode", *words, "--resume") == 0
    assert len(tree(out)) == 24
    assert {name: version(out / name) for name in found} == before


def test_regions_are_kept_in_each_file_and_found_again(
    sdz: Sdz, album: Path, tmp_path: Path
) -> None:
    words = ("encode", "-r", album / "summer", "--out-dir", tmp_path / "out", "--quality", "20")
    assert sdz(*words, "--keep", "8,8,24,16") == 0
    for path in (tmp_path / "out").rglob("*.sdz"):
        kept = unpack(path.read_bytes()).kept
        assert kept is not None
        assert [region.box for region in kept.regions] == [Box(8, 8, 24, 16)]
        assert package.decode(path).size == (64, 48)
    before = {path: version(path) for path in (tmp_path / "out").rglob("*.sdz")}
    assert len(before) == 2
    assert sdz(*words, "--keep", "8,8,24,16", "--resume") == 0
    assert {path: version(path) for path in before} == before
