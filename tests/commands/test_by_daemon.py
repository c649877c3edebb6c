"""``sdz encode`` and ``sdz decode`` beside a running daemon: it works, they load no torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import drawn
import pytest
from PIL import Image

import sdz as package
from sdz import container

SOURCES = Path(package.__file__).parents[1]
CALL = """
import sys
from sdz.cli import main
code = main(sys.argv[1:])
print("sdz.network" in sys.modules, file=sys.stderr)
sys.exit(code)
"""


def call(*words: object) -> tuple[int, list[dict[str, object]], bool]:
    """(exit code, JSON rows, whether the network was loaded) of the command line in a process."""
    done = subprocess.run(
        [sys.executable, "-c", CALL, *map(str, words), "--json"],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, rows, done.stderr.splitlines()[-1] == "True"


@pytest.fixture
def daemon() -> Iterator[None]:
    """``sdz serve`` in the store of this test, answering."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sdz", "serve", "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(SOURCES), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()  # the address, once it answers
    yield
    process.terminate()
    process.communicate(timeout=120)


@pytest.mark.usefixtures("daemon")
def test_the_daemon_does_the_work_and_the_result_is_the_same(photo: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here.sdz", tmp_path / "there.sdz"
    code, rows, network = call("encode", photo, "-o", there, "--quality", "40")
    assert (code, network) == (0, False)
    assert call("encode", photo, "-o", here, "--quality", "40", "--no-daemon")[::2] == (0, True)
    assert there.read_bytes() == here.read_bytes()
    report = container.read_header(there.read_bytes()).report
    assert report is not None
    assert rows[0]["ssimulacra2"] == report.score
    assert rows[0]["bytes"] == there.stat().st_size

    pictures = []
    for name, words in (("a.png", []), ("b.png", ["--no-daemon"])):
        code, _, network = call("decode", there, "-o", tmp_path / name, *words)
        assert (code, network) == (0, bool(words))
        pictures.append(Image.open(tmp_path / name).tobytes())
    assert pictures[0] == pictures[1]


@pytest.mark.usefixtures("daemon")
def test_several_at_a_time_have_connections_of_their_own(photo: Path, tmp_path: Path) -> None:
    sources = [photo]
    for seed in range(1, 6):
        sources.append(tmp_path / f"{seed}.png")
        sources[-1].write_bytes(drawn.as_file(drawn.scene(48, 64, seed)))
    code, rows, network = call("encode", *sources, "--out-dir", tmp_path / "out", "--jobs", "3")
    assert (code, network) == (0, False)
    assert [row["source"] for row in rows] == [str(source) for source in sources]
    for source in sources:
        written = (tmp_path / "out" / source.name).with_suffix(".sdz").read_bytes()
        assert written == package.encode(source)


@pytest.mark.usefixtures("daemon")
def test_failures_are_named_as_without_a_daemon(photo: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    code, rows, network = call("encode", text, photo, "--out-dir", tmp_path / "out")
    assert (code, network) == (1, False)
    assert rows[0]["error"] == "unreadable-image"
    assert (tmp_path / "out" / "photo.sdz").exists()
    small = tmp_path / "small.sdz"
    code, rows, _ = call("encode", photo, "-o", small, "--target-bytes", "60")
    assert (code, rows[0]["error"]) == (1, "target-too-small")
    assert not small.exists()
