"""``sdz publish``: what it says, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import drawn
import pytest

from sdz import decode
from sdz.container import unpack

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]
WORDS = ("--no-daemon", "--widths", "40,64")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    for seed, name in enumerate(("one.jpg", "two.jpg")):
        (folder / name).write_bytes(drawn.as_file(drawn.scene(48, 80, seed), "JPEG", quality=97))
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_what_it_says(sdz: Sdz, album: Path, capsys: Capture) -> None:
    out = album.parent / "out"
    assert sdz("publish", album, out, *WORDS) == 0
    said, err = capsys.readouterr()
    lines = said.splitlines()
    assert lines[0].startswith("one.jpg -> one.sdz  40, 64 wide; ")
    assert lines[1].startswith("two.jpg -> two.sdz  40, 64 wide; ")
    assert lines[2] == "index.html written"
    assert lines[3].split() == ["2", "pictures,", "bytes", "at", "40", "64"]
    sizes = [
        sum(path.stat().st_size for path in out.glob(f"*-40.{end}"))
        for end in ("sdz", "avif", "jpg")
    ]
    rows = {line[2:28].strip(): line[28:].split() for line in lines[4:]}
    assert rows["with the extension"][0] == f"{sizes[0]:,}"
    assert rows["with sdz.js, at first"][0] == f"{sizes[0] + 2_500_000:,}"
    assert rows["without: AVIF"][0] == f"{sizes[1]:,}"
    assert rows["older browsers: JPEG"][0] == f"{sizes[2]:,}"
    assert err.splitlines()[0] == "sdz: left alone, for sdz reads none: 1 other file"
    assert err.splitlines()[-1].startswith("sdz: 2 done; ")
    assert sdz("publish", album, out, *WORDS) == 0
    said, err = capsys.readouterr()
    assert said.splitlines() == lines[3:]
    assert err.splitlines()[-1].startswith("sdz: 0 done, 2 skipped in ")


def test_json(sdz: Sdz, album: Path, capsys: Capture) -> None:
    assert sdz("publish", album, album.parent / "out", *WORDS, "--json", "--jobs", "2") == 0
    one, two, end = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (one["source"], one["output"], one["widths"]) == ("one.jpg", "one", [40, 64])
    assert one["html"].startswith('<picture>\n  <source type="image/x-sdz" srcset="one-40.sdz 40w')
    assert two["fallbacks"].keys() == {"avif", "jpeg"}
    assert end["pages"] == ["index.html"]
    assert [row["width"] for row in end["visitors"]] == [40, 64]


def test_failures_are_named_and_the_others_done(sdz: Sdz, album: Path, capsys: Capture) -> None:
    (album / "bad.jpg").write_text("hello")
    out = album.parent / "out"
    out.mkdir()
    (out / "two.avif").write_text("mine")
    assert sdz("publish", album, out, *WORDS) == 1
    said, err = capsys.readouterr()
    assert said.splitlines()[0].startswith("one.jpg -> one.sdz")
    assert "sdz: bad.jpg: not a picture that can be read" in err
    assert "two.avif is there and is not what sdz publish wrote; move it away" in err
    assert (out / "two.avif").read_text() == "mine"
    page = (out / "index.html").read_text()
    assert ("one.jpg" in page, "two.jpg" in page) == (True, False)


def test_pages_of_a_site(sdz: Sdz, album: Path, capsys: Capture) -> None:
    html = '<head></head><body><img src="one.jpg" alt="One"><img src="gone.jpg"></body>'
    (album / "index.html").write_text(html)
    out = album.parent / "out"
    assert sdz("publish", album, out, *WORDS, "--script", "sdz.js", "--sizes", "50vw") == 0
    said, err = capsys.readouterr()
    assert "index.html: left as they are: 1 not in the folder" in err
    assert "index.html written" in said
    page = (out / "index.html").read_text()
    assert page.startswith('<head><script type="module" async src="sdz.js"></script><style>')
    assert page.count('sizes="50vw"') == 3
    assert sorted(path.name for path in out.iterdir() if path.name[0] == "t") == ["two.jpg"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--widths", "many"), "numbers such as 480,960,1600"),
        (("--widths", "8"), "16 to 16383"),
        (("--widths", ",".join(map(str, range(20, 29)))), "1 to 8 that rise"),
        (("--jobs", "0"), "at least 1"),
        (("--quality", "50", "--preset", "fine"), "not allowed with argument"),
    ],
)
def test_usage(sdz: Sdz, album: Path, capsys: Capture, words: tuple[str, ...], reason: str) -> None:
    assert sdz("publish", album, album.parent / "out", *words) == 2
    assert reason in capsys.readouterr().err
    assert not (album.parent / "out").exists()


def test_folders_that_cannot_be(sdz: Sdz, album: Path, capsys: Capture) -> None:
    assert sdz("publish", album, album / "web") == 1
    assert "name a folder outside of it" in capsys.readouterr().err
    assert sdz("publish", album.parent / "none", album.parent / "out") == 1
    assert "no such file or directory" in capsys.readouterr().err
    assert sorted(path.name for path in album.parent.iterdir()) == ["album"]


def test_kept_regions_are_published(sdz: Sdz, album: Path) -> None:
    """What latents alone do not reach is kept at every width."""
    out = album.parent / "out"
    assert sdz("publish", album, out, "--no-daemon", "--widths", "80", "--preset", "near") == 0
    for path in out.glob("*.sdz"):
        assert unpack(path.read_bytes()).kept is not None
        assert decode(path).size == (80, 48)
