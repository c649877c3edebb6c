"""``sdz export``: a tree of ``.sdz`` files as pictures for other programs, with their dates."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from sdz import container

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]
LONG_AGO = 1_330_819_200


@pytest.fixture
def archive(tmp_path: Path, sdz_bytes: bytes) -> Path:
    """Two pictures, one in a folder of its own and with EXIF, and a text."""
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    file = container.unpack(sdz_bytes)
    packed = exif.tobytes().removeprefix(b"Exif\0\0")
    folder = tmp_path / "archive"
    (folder / "2012").mkdir(parents=True)
    (folder / "a.sdz").write_bytes(sdz_bytes)
    (folder / "2012" / "b.sdz").write_bytes(container.pack(replace(file, exif=packed)))
    (folder / "2012" / "notes.txt").write_text("no picture")
    os.utime(folder / "2012" / "b.sdz", (LONG_AGO, LONG_AGO))
    return folder


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("to", "suffix", "kind"), [("jpeg", "jpg", "JPEG"), ("avif", "avif", "AVIF")]
)
def test_the_tree_is_mirrored_with_dates_and_exif(
    sdz: Sdz, archive: Path, monkeypatch: pytest.MonkeyPatch, to: str, suffix: str, kind: str
) -> None:
    monkeypatch.chdir(archive.parent)
    assert sdz("export", archive, "--to", to) == 0
    out = archive.parent / f"archive-{to}"
    assert tree(out) == [f"2012/b.{suffix}", f"a.{suffix}"]
    made = out / "2012" / f"b.{suffix}"
    assert made.stat().st_mtime == LONG_AGO
    with Image.open(made) as image:
        assert (image.format, image.size) == (kind, (64, 48))
        assert image.getexif()[0x010F] == "Maker"


def test_a_second_run_does_what_is_new(sdz: Sdz, archive: Path, capsys: Capture) -> None:
    words = ("export", archive, "--to", "jpeg", "--out-dir", archive / "out")
    assert sdz(*words) == 0
    (archive / "c.sdz").write_bytes((archive / "a.sdz").read_bytes())
    capsys.readouterr()
    assert sdz(*words, "--json") == 0
    out, err = capsys.readouterr()
    rows = {Path(row["source"]).name: row for row in map(json.loads, out.splitlines())}
    assert {name: row.get("skipped") for name, row in rows.items()} == {
        "a.sdz": "done already",
        "b.sdz": "done already",
        "c.sdz": None,
    }
    assert "1 done, 2 skipped" in err
    assert tree(archive / "out") == ["2012/b.jpg", "a.jpg", "c.jpg"]


def test_what_is_damaged_is_named_and_the_others_done(
    sdz: Sdz, archive: Path, capsys: Capture
) -> None:
    (archive / "broken.sdz").write_bytes(b"\xff\xd8\xff\xe0 a picture of another kind")
    out = archive.parent / "out"
    assert sdz("export", archive, "--to", "png", "--out-dir", out) == 1
    assert "broken.sdz: not a .sdz file: it is a JPEG picture" in capsys.readouterr().err
    assert tree(out) == ["2012/b.png", "a.png"]


def test_what_is_no_folder_or_the_same(sdz: Sdz, archive: Path) -> None:
    assert sdz("export", archive / "a.sdz", "--to", "jpeg") == 2
    assert sdz("export", archive, "--to", "jpeg", "--out-dir", archive) == 2
    assert sdz("export", archive) == 2
