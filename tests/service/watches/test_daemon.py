"""Watched folders with a real daemon, a real engine and real kills: as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import drawn
import pytest

import sdz as package
from sdz.client import Client

SOURCES = Path(package.__file__).parents[1]
PATIENCE_S = 120.0
SOON = ("--set", "watch.settle=200ms")
Start = Callable[..., "subprocess.Popen[str]"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCES), "PYTHONUNBUFFERED": "1"}


def sdz(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sdz", *map(str, words)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts ``sdz`` with these words; at the end it is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*words: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "sdz", *map(str, words)],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def serve(start: Start, *words: object) -> subprocess.Popen[str]:
    """A daemon that answers."""
    process = start("serve", "--port", "0", *SOON, *words)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    return process


def put(folder: Path, name: str, seed: int) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(drawn.as_file(drawn.scene(48, 64, seed)))
    return path


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def only_pictures(folder: Path) -> bool:
    return {path.suffix for path in folder.iterdir()} <= {".png", ".sdz"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_watch_until_a_signal(start: Start, tmp_path: Path, number: int, code: int) -> None:
    folder = tmp_path / "pictures"
    there = put(folder, "there.png", 1)
    process = start("watch", folder, "--settle", "200ms")
    until(there.with_suffix(".sdz").exists)
    copied = put(folder, "copied.png", 2)
    until(copied.with_suffix(".sdz").exists)
    put(folder, "last.png", 3)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code
    watching, *_, done_so_far, stopped = err.splitlines()  # between: what took long
    assert (watching, stopped) == (f"sdz: watching {folder}; Ctrl-C ends it", "sdz: stopped")
    assert done_so_far == f"sdz: {len(out.splitlines())} done, 0 left alone until here"
    assert out.startswith(f"{there} -> {there.with_suffix('.sdz')}  ")
    assert only_pictures(folder)  # no temporary file
    assert package.info(copied.with_suffix(".sdz"))["report"] is not None

    done = sdz("watch", folder, "--once", "--settle", "1ms")
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "last.sdz").exists()


def test_a_daemon_that_is_killed(start: Start, tmp_path: Path) -> None:
    named, asked = tmp_path / "named", tmp_path / "asked"
    first, second = put(named, "a.png", 1), put(asked, "b.png", 2)
    daemon = serve(start, "--watch", named)
    until(first.with_suffix(".sdz").exists)

    handed = sdz("serve", "--watch", asked)  # to the daemon that is running
    assert handed.returncode == 0
    until(second.with_suffix(".sdz").exists)
    refused = sdz("watch", asked)
    assert refused.returncode == 1
    assert f"watched already by the daemon (process {daemon.pid})" in refused.stderr
    rows = [json.loads(line) for line in sdz("watch", "status", "--json").stdout.splitlines()]
    assert [(row["root"], row["by"], row["pid"]) for row in rows] == [
        (str(asked), "the daemon", daemon.pid),
        (str(named), "the daemon", daemon.pid),
    ]
    until(lambda: sdz("status").stdout.count(" 0 waiting, 0 running, 1 done; ") == 2)

    daemon.kill()
    daemon.communicate()
    made = second.with_suffix(".sdz").stat().st_mtime_ns, second.with_suffix(".sdz").stat().st_ino
    stopped = sdz("watch", "status")
    assert stopped.stdout.count("stopped: nobody watches it") == 2
    third = put(asked, "c.png", 3)
    fourth = put(named, "d.png", 4)

    serve(start)
    until(third.with_suffix(".sdz").exists)
    found = second.with_suffix(".sdz").stat().st_mtime_ns, second.with_suffix(".sdz").stat().st_ino
    assert found == made  # not done again
    with Client.find() as client:
        [row] = client.watches()
        assert (row["root"], row["kept"]) == (str(asked), True)
        client.unwatch(row["id"])
    assert not fourth.with_suffix(".sdz").exists()  # that folder was for the first daemon alone
    assert only_pictures(asked)
    assert sdz("watch", named, "--once", "--settle", "1ms").returncode == 0
    assert fourth.with_suffix(".sdz").exists()


def test_the_daemon_encodes_for_the_command_line(start: Start, tmp_path: Path) -> None:
    serve(start)
    folder = tmp_path / "pictures"
    put(folder, "a.png", 1)
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    done = sdz("watch", folder, "--once", "--settle", "1ms", "--json")
    assert done.returncode == 1
    assert "bad.png" in done.stderr
    states = {
        Path(row["source"]).name: row
        for row in map(json.loads, done.stdout.splitlines())
        if "source" in row
    }
    assert states["a.png"]["state"] == "done"
    with Client.find() as client:
        assert sum(client.status()["engine"]["rungs"].values()) == 1


def test_a_folder_that_cannot_be_watched_does_not_start_a_daemon(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", Path("/")):
        done = sdz("serve", "--port", "0", "--watch", folder)
        assert done.returncode == 1
        assert f"sdz: {folder} cannot be watched" in done.stderr
