"""A folder of pictures runs no code: whatever is started there imports nothing that lies in it.

The folder is full of files named like the modules of the standard library, of the packages that are
needed and of ours. Each leaves its name in a list when it is run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import drawn
import pytest
from live_daemon import free_port

from sdz.client import Client

Run = Callable[..., subprocess.CompletedProcess[str]]
NO_HUB = {"HF_ENDPOINT": "http://127.0.0.1:9"}  # nobody listens there
PACKAGE = Path(__file__).parents[1] / "daemon"


@pytest.fixture
def caught(tmp_path: Path) -> Path:
    """The list of traps that were run; not there as long as none was."""
    return tmp_path / "caught"


@pytest.fixture
def album(tmp_path: Path, caught: Path) -> Path:
    """A folder with a picture and a trap for each name that anything might import."""
    folder = tmp_path / "album"
    folder.mkdir()
    ours = {path.stem for path in PACKAGE.rglob("*.py")}
    trap = f"with open({str(caught)!r}, 'a') as caught: caught.write(__file__ + chr(10))\n"
    for name in {*sys.stdlib_module_names, *packages_distributions(), *ours, "sitecustomize"}:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(trap)
    (folder / "photo.png").write_bytes(drawn.as_file(drawn.scene(64, 96, 1)))
    return folder


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """``sdz`` as pip writes it: it looks for nothing in the working directory."""
    path = tmp_path / "bin" / "sdz"
    path.parent.mkdir()
    path.write_text("import sys\nfrom sdz.cli import main\nsys.exit(main())\n")
    return path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PACKAGE), "SDZ_HOME": str(tmp_path / "home")} | NO_HUB


@pytest.fixture
def run(album: Path, script: Path, environment: dict[str, str]) -> Run:
    """Runs ``sdz`` in the folder."""

    def run(*words: str, fine: bool = True) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(script), *words]
        done = subprocess.run(
            command, cwd=album, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not fine, done.stderr
        return done

    return run


@pytest.fixture
def client(
    tmp_path: Path, album: Path, script: Path, environment: dict[str, str]
) -> Iterator[Client]:
    """A client of a daemon that was started in the folder."""
    command = [sys.executable, str(script), "serve", "--port", str(free_port())]
    with subprocess.Popen(
        command, cwd=album, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as daemon:
        try:
            assert daemon.stdout is not None
            assert daemon.stdout.readline().startswith(b"http://")
            with Client.find(tmp_path / "home" / "service") as client:
                yield client
        finally:
            daemon.terminate()


def test_a_trap_is_run_where_python_is_let_in(album: Path, caught: Path) -> None:
    subprocess.run([sys.executable, "-c", "import queue"], cwd=album, check=False)
    assert str(album / "queue.py") in caught.read_text()


@pytest.mark.parametrize(
    "words",
    [
        ("encode", "photo.png", "--no-daemon"),
        ("watch", ".", "--once", "--no-daemon", "--settle", "1ms"),
        ("watch", ".", "--dry-run", "--no-daemon", "--settle", "1ms"),
        ("publish", ".", "../out", "--no-daemon"),
    ],
    ids=lambda words: " ".join(words[:1] + words[2:3]),
)
def test_commands(run: Run, caught: Path, words: tuple[str, ...]) -> None:
    run(*words)
    assert not caught.exists(), caught.read_text()


def test_the_doctor_and_whom_it_asks(run: Run, caught: Path) -> None:
    """It asks torch for cards in a process of its own."""
    run("doctor", fine=False)
    assert not caught.exists(), caught.read_text()


def test_commands_that_read(run: Run, caught: Path) -> None:
    run("encode", "photo.png", "--no-daemon", "-o", "photo.sdz")
    run("decode", "photo.sdz", "--no-daemon", "-o", "photo.webp")
    run("export", ".", "--no-daemon", "--to", "png", "--out-dir", "out")
    run("preview", "photo.sdz", "-o", "small.png")
    run("info", "photo.sdz")
    assert not caught.exists(), caught.read_text()


def test_a_batch(run: Run, caught: Path) -> None:
    pytest.importorskip("ray")
    run("batch", ".", "out", "--ray", "local")
    assert not caught.exists(), caught.read_text()


def test_the_daemon_and_its_children(client: Client, album: Path, caught: Path) -> None:
    picture = (album / "photo.png").read_bytes()
    data = client.encode(picture).data
    assert client.decode(data, "png")
    octets = {"Content-Type": "application/octet-stream"}
    client.ask("POST", "/v1/compare", {"format": "webp", "bytes": 2000}, picture, octets)
    job = client.ask("POST", "/v1/models/sd-mse/pull").json()["id"]
    while client.get(f"/v1/jobs/{job}")["state"] == "running":
        time.sleep(0.05)
    assert not caught.exists(), caught.read_text()
