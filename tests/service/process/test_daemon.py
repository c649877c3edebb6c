"""``sdz serve`` and the commands around it, as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples import sdz_file

from sdz.client import Client
from sdz.discovery import discover, local_credentials
from sdz.errors import DaemonNotRunning
from sdz.home import service_folder
from sdz.service.process.ports import bind

PACKAGE = Path(__file__).parents[3] / "daemon"
Serve = Callable[..., "subprocess.Popen[str]"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONUNBUFFERED": "1"}


def sdz(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sdz", *words],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts daemons; at the end they are killed. ``SDZ_HOME`` is the test's own."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "sdz", "serve", *(words or ("--port", "0"))],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """What it prints once it answers."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def stop(process: subprocess.Popen[str]) -> tuple[int, str]:
    """(exit code, log) after being told to end."""
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=120)
    return process.returncode, log


def test_from_start_to_end(serve: Serve) -> None:
    process = serve()
    url = address(process)
    with Client.find() as client:
        status = client.status()
        assert (status["url"], status["pid"]) == (url, process.pid)
        assert status["engine"]["state"] == "stopped"
        assert client.inspect(sdz_file())["width"] == 32

    second = sdz("serve")
    assert (second.returncode, second.stdout.strip()) == (0, url)
    assert f"process {process.pid}" in second.stderr
    shown = sdz("status")
    assert shown.returncode == 0
    assert url in shown.stdout

    code, log = stop(process)
    assert code == 143
    entries = [json.loads(line) for line in log.splitlines()]
    assert [entry["event"] for entry in entries] == ["ready", "stopping"]
    folder = service_folder()
    assert (discover(folder), local_credentials(folder)) == (None, None)
    gone = sdz("status", "--json")
    assert gone.returncode == 1
    assert json.loads(gone.stdout)["error"] == "daemon-not-running"


def test_two_starts_at_once_make_one_daemon(serve: Serve) -> None:
    first, second = serve(), serve()
    url = address(first)
    assert url.startswith("http://127.0.0.1:")
    assert address(second) == url


def test_after_a_kill_it_starts_as_ever(serve: Serve) -> None:
    killed = serve()
    address(killed)
    killed.kill()
    killed.wait()
    with pytest.raises(DaemonNotRunning):
        Client.find()
    again = serve()
    url = address(again)
    with Client.find() as client:
        assert client.url == url


def test_a_port_that_is_taken(serve: Serve) -> None:
    with bind(0, 1, list[int]().append) as taken:
        port = taken.getsockname()[1]
        process = serve("--port", str(port))
        url = address(process)
        assert int(url.rpartition(":")[2]) > port
        discovery = discover(service_folder())
        assert discovery is not None
        assert discovery.url == url
        _, log = stop(process)
    entry = json.loads(log.splitlines()[0])
    assert (entry["level"], entry["port"]) == ("warning", port)
    if sys.platform == "linux":
        assert f"process {os.getpid()}" in entry["by"]


def test_clients_with_and_without_a_daemon(serve: Serve) -> None:
    process = serve()
    address(process)
    offer = json.loads(sdz("pair", "--no-wait", "--json").stdout)
    with Client.find() as client:
        for name in ("one", "two"):
            body = json.dumps({"code": offer["code"], "name": name}).encode()
            client.ask("POST", "/v1/pair", body=body)
            offer = client.open_pairing()
    assert [line.split()[0] for line in sdz("clients").stdout.splitlines()] == ["one", "two"]
    assert sdz("revoke", "one").stdout == "revoked: one\n"
    stop(process)
    listed = sdz("clients", "--json").stdout
    assert json.loads(listed)["name"] == "two"
    assert sdz("revoke", "two", "three").returncode == 1
    assert "nobody" in sdz("clients").stdout


def test_settings_that_are_wrong_do_not_start(models_home: Path) -> None:
    (models_home / "config.toml").write_text("[engine]\nkeepalive = '5m'\n")
    refused = sdz("serve")
    assert refused.returncode == 1
    assert "did you mean engine.keep_alive" in refused.stderr
    (models_home / "config.toml").unlink()
    assert "300" in sdz("serve", "--set", "engine.keep_alive=300").stderr
    assert sdz("serve", "--set", "port").returncode == 2
    shown = sdz("config", "show", "--origin", "--set", "service.port=1").stdout
    assert "port = 1 " in shown
    assert "the command line" in shown


def test_a_unit_is_shown_before_it_is_written() -> None:
    shown = sdz("service", "install", "--dry-run")
    assert shown.returncode == 0
    assert "serve" in shown.stdout


def test_the_daemon_starts_without_anything_heavy() -> None:
    program = (
        "import sys, sdz.service.process.run; "
        "print(*{name.partition('.')[0] for name in sys.modules} & "
        "{'torch', 'numpy', 'PIL', 'prometheus_client', 'huggingface_hub', 'safetensors'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def test_a_cache_in_a_folder_of_pictures_is_refused(tmp_path: Path) -> None:
    photo = tmp_path / "mine" / "photo.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"mine")
    said = sdz("serve", "--port", "0", "--set", f"cache.folder={photo.parent}")
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "cache.folder: expected an empty folder" in said.stderr
    assert [path.name for path in photo.parent.iterdir()] == ["photo.jpg"]
