"""The daemon from another program: found, proven, asked; and what it does not fall for."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from samples import png_header, sdz_file
from served import Served

from sdz.client import Client, reach
from sdz.discovery import Credentials, Discovery, announce
from sdz.errors import DaemonNotRunning, DaemonRefused, DaemonUnproven

PACKAGE = Path(__file__).parents[1] / "daemon"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as running:
        yield running


def test_pictures_there_and_back(served: Served) -> None:
    with Client.find(served.folder) as client:
        assert client.decode(sdz_file(), "webp", max_side=7) == b"webp 7 " + sdz_file()
        reply = client.encode(png_header(8, 8), quality=30, keep_metadata=True, preset=None)
        assert reply.data == sdz_file()
        assert reply.headers["sdz-score"] == "80.50"
        assert client.inspect(sdz_file())["width"] == 32
        assert client.status()["url"] == served.url


def test_high_effort_is_waited_for_ten_times_as_long(served: Served) -> None:
    with Client.find(served.folder) as client:
        for effort, waits_s in (("normal", 600), ("high", 12000), ("normal", 600)):
            assert client.encode(png_header(8, 8), effort=effort).data == sdz_file()
            assert client._connection is not None
            assert client._connection.sock.gettimeout() == waits_s
    assert [job.wish.effort for job in served.engine.jobs] == ["normal", "high", "normal"]


def test_a_daemon_of_before_there_was_an_effort(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Client.find(served.folder) as client:
        sent: list[object] = []
        monkeypatch.setattr(client, "ask", lambda *words: sent.append(words[2]))
        client.encode(b"picture", quality=30, effort="normal")
        client.encode(b"picture", effort="high")
        assert sent == [{"quality": 30}, {"effort": "high"}]


def test_clients_are_managed(served: Served) -> None:
    with Client.find(served.folder) as client:
        offer = client.open_pairing()
        assert client.pairing_state()["state"] == "open"
        body = json.dumps({"code": offer["code"], "name": "a/b ü"}).encode()
        client.ask("POST", "/v1/pair", body=body)
        assert [row["name"] for row in client.clients()] == ["a/b ü"]
        assert client.revoke("a/b ü")["name"] == "a/b ü"
        assert client.clients() == []


def test_a_refusal_has_its_code(served: Served) -> None:
    with Client.find(served.folder) as client:
        with pytest.raises(DaemonRefused) as caught:
            client.decode(b"no picture")
        assert caught.value.code == "not-sdz"
        assert "89 53 44" in str(caught.value)
        assert client.inspect(sdz_file())["height"] == 16  # the connection is still good


def test_a_connection_that_was_closed_is_opened_again(served: Served) -> None:
    with Client.find(served.folder) as client:
        client.status()
        client.close()
        assert client.status()["version"]


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(DaemonNotRunning):
        Client.find(tmp_path)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # bound, but nobody listens: refused
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        announce(tmp_path, Discovery(url, 1, "1"), Credentials("local", "token", "00"))
        with pytest.raises(DaemonNotRunning, match="nothing answers"):
            Client.find(tmp_path)


def test_commands_can_do_without(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    reach.cache_clear()
    assert reach() is None  # this test's own home has no daemon
    reach.cache_clear()
    monkeypatch.setattr("sdz.client.service_folder", lambda: served.folder)
    client = reach()
    assert client is not None
    assert reach() is client
    assert client.inspect(sdz_file())["width"] == 32
    client.close()
    reach.cache_clear()


class Squatter:
    """A program on the daemon's port. It notes all it is sent and answers as it was told."""

    def __init__(self, answer: bytes) -> None:
        self.heard: list[str] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(f"{self.path} {self.headers}")
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self) -> Squatter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"<html>", b'{"proof": "00"}', b'{"proof": null}', b'{"proof": "\xc3\xbc"}'],
)
def test_a_squatter_learns_nothing(tmp_path: Path, answer: bytes) -> None:
    local = Credentials("local", "the-token", "ab" * 32)
    with Squatter(answer) as squatter:
        announce(tmp_path, Discovery(squatter.url, 1, "1"), local)
        with pytest.raises(DaemonUnproven):
            Client.find(tmp_path)
    assert squatter.heard
    assert not any("the-token" in heard or "abab" in heard for heard in squatter.heard)


def test_a_challenge_that_is_passed_on_proves_nothing(served: Served, tmp_path: Path) -> None:
    """A squatter on the usual port has the daemon on the next one answer for it."""

    class Relay(Squatter):
        def __init__(self) -> None:
            super().__init__(b"")
            heard, url = self.heard, served.url
            port = int(url.rpartition(":")[2])

            class Handler(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    import http.client

                    heard.append(f"{self.path} {self.headers}")
                    onward = http.client.HTTPConnection("127.0.0.1", port)
                    onward.request("GET", self.path)
                    data = onward.getresponse().read()
                    onward.close()
                    heard.append(data.decode())
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

                def log_message(self, *_: object) -> None:
                    """Say nothing."""

            self.server.RequestHandlerClass = Handler

    with Relay() as relay:
        misled = tmp_path / "misled"
        announce(misled, Discovery(relay.url, 1, "1"), served.local)
        with pytest.raises(DaemonUnproven):
            Client.find(misled)
    assert "proof" in relay.heard[1]  # the daemon did answer, but for its own port
    assert not any(served.local.token in heard for heard in relay.heard)


def test_the_client_brings_in_nothing_heavy() -> None:
    program = (
        "import sys, sdz.client; "
        "print(*{name.partition('.')[0] for name in sys.modules} & "
        "{'aiohttp', 'torch', 'numpy', 'PIL', 'asyncio'})"
    )
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_the_proof_is_what_is_written_of_it(served: Served) -> None:
    """As another program would check it, from docs/api.md alone."""
    import hmac
    import urllib.request

    nonce = "n" * 20
    with urllib.request.urlopen(f"{served.url}/v1/hello?client=local&nonce={nonce}") as reply:
        proof = json.loads(reply.read())["proof"]
    port = served.url.rpartition(":")[2]
    message = f"sdz-hello:{port}:{nonce}".encode()
    key = bytes.fromhex(served.local.key)
    assert proof == hmac.new(key, message, hashlib.sha256).hexdigest()
