"""SIGTERM ends the daemon soon, whatever it is at: what it is at would take minutes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import hub_server
import numpy as np
import pytest
from drawn import as_file, scene

import sdz as package
from sdz.client import Client
from sdz.errors import SdzError
from sdz.models.known import KNOWN

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds children in /proc")

PACKAGE = Path(package.__file__).parents[1]
PATIENCE_S = 60.0
"""Far more than a stop takes, far less than what is under way would."""

ANY_TYPE = "application/octet-stream"
SDZ_TYPE = "application/x-sdz"
PULLED = "sd14"  # its weights are not pinned


@dataclass
class Running:
    """A daemon; ``asks`` wait for what it was asked for, of which ``answered`` came as asked."""

    process: subprocess.Popen[str]
    asks: list[threading.Thread] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def ask(self, path: str, body: bytes, kind: str = ANY_TYPE, **query: object) -> None:
        """Ask for something, and do not wait for it."""

        def wait() -> None:
            with suppress(SdzError), Client.find() as client:
                client.ask("POST", path, query, body, {"Content-Type": kind}, patience=20)
                self.answered.append(path)

        self.asks.append(threading.Thread(target=wait))
        self.asks[-1].start()

    def stop(self) -> None:
        """Tell it to end, and see that it does: in order, with its children, soon."""
        family = children_of(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=PATIENCE_S)
        assert self.process.returncode == 128 + signal.SIGTERM, log
        assert "Traceback" not in log, log
        entries = [json.loads(line) for line in log.splitlines()]
        assert [entry for entry in entries if entry["level"] == "error"] == []
        assert "stopping" in [entry["event"] for entry in entries]
        until(lambda: not any(is_alive(pid) for pid in family))
        for thread in self.asks:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def children_of(pid: int) -> set[int]:
    """All processes below one."""
    found = set[int]()
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            found |= {child} | children_of(child)
    return found


def compares(pid: int) -> bool:
    """Whether a process is the comparer, and at its work: it has had a third of a second for it."""
    with suppress(OSError):
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        worked_s = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
        return worked_s > 0.3 and "compare_worker" in Path(f"/proc/{pid}/cmdline").read_text()
    return False


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def busy() -> bool:
    """Whether the engine is at a job."""
    with Client.find() as client:
        return any(client.status()["engine"]["running"].values())


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[hub_server.HubServer]:
    """A hub that stalls in the middle of the weights."""
    files = {"vae/config.json": b"{}", "vae/diffusion_pytorch_model.safetensors": bytes(1 << 20)}
    monkeypatch.setattr(hub_server, "REVISION", KNOWN[PULLED].revision)
    with hub_server.HubServer(KNOWN[PULLED].repo, files) as server:
        server.cuts.append(1000)
        server.hold.clear()
        yield server


@pytest.fixture
def daemon(hub: hub_server.HubServer) -> Iterator[Running]:
    """``sdz serve`` that gives answers next to no time when it is stopped."""
    more = {"HF_ENDPOINT": hub.endpoint, "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "*"}
    process = subprocess.Popen(
        (
            *(sys.executable, "-u", "-m", "sdz", "serve", "--port", "0"),
            *("--set", "service.shutdown_timeout=100ms", "--set", "watch.settle=1ms"),
        ),
        env={**os.environ, "PYTHONPATH": str(PACKAGE), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Running(process)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://")
        yield running
    finally:
        process.kill()
        process.communicate()
        for thread in running.asks:
            thread.join()


@pytest.fixture(scope="module")
def large() -> bytes:
    """A picture that is searched for minutes at high effort."""
    return as_file(np.tile(scene(512, 512), (7, 9, 1)), compress_level=1)


@pytest.fixture(scope="module")
def coded() -> bytes:
    """A file whose picture takes long enough that not all who ask for it can have it at once."""
    picture = as_file(np.tile(scene(512, 512), (4, 4, 1)), compress_level=1)
    return package.encode(picture)


def test_while_it_encodes(daemon: Running, large: bytes) -> None:
    for _ in range(3):
        daemon.ask("/v1/encode", large, effort="high")
    until(busy)
    daemon.stop()
    assert daemon.answered == []


@pytest.mark.parametrize("preview", [None, 1], ids=["whole", "preview"])
def test_while_it_decodes(daemon: Running, coded: bytes, preview: int | None) -> None:
    for side in range(1500, 1530):  # each another picture
        daemon.ask("/v1/decode", coded, SDZ_TYPE, max_side=side, preview=preview)
    until(busy)
    daemon.stop()
    assert len(daemon.answered) < len(daemon.asks)


def test_while_it_compares(daemon: Running, large: bytes) -> None:
    for limit in (100_000, 200_000):
        daemon.ask("/v1/compare", large, format="avif", bytes=limit)
    until(lambda: any(map(compares, children_of(daemon.process.pid))))
    daemon.stop()
    assert daemon.answered == []


def test_while_it_pulls(daemon: Running, hub: hub_server.HubServer) -> None:
    with Client.find() as client:
        job = client.ask("POST", f"/v1/models/{PULLED}/pull").json()["id"]
        until(lambda: client.get(f"/v1/jobs/{job}")["done"])
        assert client.get(f"/v1/jobs/{job}")["state"] == "running"
    assert children_of(daemon.process.pid)
    daemon.stop()
    assert not hub.hold.is_set()  # the hub has still not said the rest


def test_while_it_watches(daemon: Running, large: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(large)
    with Client.find() as client:
        client.watch(str(folder), effort="high")
    until(busy)
    daemon.stop()
    assert [path.name for path in folder.iterdir()] == ["a.png"]
