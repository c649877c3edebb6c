"""What comes back for what is hardly HTTP, and what of it is logged."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from fake_engine import FakeEngine

from sdz.config import Settings
from sdz.service.access.clients import CLIENTS
from sdz.service.app import ROUTES, Folders, create_app
from sdz.service.http.traffic import TRAFFIC
from sdz.service.process.listen import listening
from sdz.service.process.logs import set_up_logs
from sdz.service.process.ports import bind

TOKEN = "Rk9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5"
HOST = "Host: 127.0.0.1"
BEARER = f"Authorization: Bearer {TOKEN}"

POSTS = [route.path.replace("{id}", "0" * 16) for route in ROUTES if route.method == "POST"]
MALFORMED = {
    "no header": f"GET / HTTP/1.1\r\n{HOST}\r\n{BEARER}\r\nno colon\r\n\r\n",
    "bad name": f"GET / HTTP/1.1\r\n{HOST}\r\nX Y Bearer {TOKEN}: 1\r\n\r\n",
    "bad value": f"GET / HTTP/1.1\r\n{HOST}\r\nAuthorization: Bearer {TOKEN}\0\r\n\r\n",
    "folded": f"GET / HTTP/1.1\r\n{HOST}\r\n{BEARER}\r\n {TOKEN}\r\n\r\n",
    "bad version": f"GET /?{TOKEN} HTTP/9.Bearer {TOKEN}\r\n\r\n",
    "bad method": f"G@T / Bearer {TOKEN} HTTP/1.1\r\n\r\n",
    "two lengths": f"POST / HTTP/1.1\r\n{HOST}\r\n{BEARER}\r\nContent-Length: {TOKEN}\r\n\r\n",
    "long line": f"GET /{TOKEN * 300} HTTP/1.1\r\n{HOST}\r\n\r\n",
    "not http": f"\x16\x03\x01{TOKEN}\r\n\r\n",
    "bad chunk": (
        f"POST /v1/pair HTTP/1.1\r\n{HOST}:%d\r\nContent-Type: application/json\r\n"
        f"Transfer-Encoding: chunked\r\n\r\nBearer {TOKEN}\r\n"
    ),
}


class Listening:
    def __init__(self, port: int, app: web.Application, log: io.StringIO) -> None:
        self.port, self.app, self.log = port, app, log

    async def raw(self, request: bytes) -> bytes:
        """All that comes back, until the connection is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        try:
            return await reader.read()
        finally:
            writer.close()


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., object]:
    @asynccontextmanager
    async def serve(**service: object) -> AsyncIterator[Listening]:
        log = io.StringIO()
        root = logging.getLogger()
        before = list(root.handlers), root.level
        set_up_logs("debug", "json", log)
        settings = Settings()
        settings = replace(settings, service=replace(settings.service, **service))  # type: ignore[arg-type]
        kept = Folders(tmp_path / "state", tmp_path / "cache")
        app = create_app(settings, kept, FakeEngine())
        sock = bind(0, 1, lambda _: None)
        try:
            async with listening(app, sock):
                yield Listening(sock.getsockname()[1], app, log)
        finally:
            root.handlers[:], root.level = before

    return serve


@pytest.mark.parametrize("request_text", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_no_http_is_refused_as_all_is_and_not_logged(
    serving: Callable[..., object], request_text: str
) -> None:
    async with serving() as served:  # type: ignore[attr-defined]
        sent = request_text.replace("%d", str(served.port)).encode()
        answer = await served.raw(sent)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split(b" ")[1] in (b"400", b"401", b"403")
        assert b"\r\nServer: sdz\r\n" in head
        assert b"\r\nCross-Origin-Resource-Policy: same-origin\r\n" in head
        assert b"\r\nSdz-Request: " in head
        assert b"aiohttp" not in answer
        assert TOKEN.encode() not in answer
        assert json.loads(body)["code"]
        said = served.log.getvalue()
        assert TOKEN not in said
        assert all(json.loads(line)["level"] == "debug" for line in said.splitlines()) or (
            head.split(b" ")[1] != b"400"
        )
        assert sum(served.app[TRAFFIC].refusals.values()) == 1


async def test_a_fault_of_the_app_itself_is_a_number(
    serving: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that comes when the answer is made already; its words may quote what was sent."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError(f"Authorization: Bearer {TOKEN}")

    monkeypatch.setattr("sdz.service.http.perimeter._log", broken)
    async with serving() as served:  # type: ignore[attr-defined]
        answer = await served.raw(f"GET / HTTP/1.1\r\n{HOST}\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b'"code": "service-error"' in answer
        said = served.log.getvalue()
        assert "ZeroDivisionError: Authorization: Bearer [left out]" in said
        assert TOKEN not in said


async def test_half_of_a_head_has_its_time(serving: Callable[..., object]) -> None:
    """Also where a byte comes now and then, and on a connection that was used before."""
    async with serving(body_stall_s=0.05) as served:  # type: ignore[attr-defined]
        head = f"GET / HTTP/1.1\r\n{HOST}:{served.port}\r\n"
        assert await served.raw(head.encode()) == b""
        reader, writer = await used_connection(served.port, f"{head}\r\n".encode())
        too_slow = served.app[TRAFFIC].refusals["head-too-slow"]
        assert too_slow
        closed = asyncio.ensure_future(reader.read())
        writer.write(f"{head}X: ".encode())
        while not closed.done():
            writer.write(b"a")
            await asyncio.wait([closed], timeout=0.01)
        writer.close()
        assert served.app[TRAFFIC].refusals["head-too-slow"] == too_slow + 1


async def used_connection(
    port: int, request: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """One that had an answer. On a busy machine a whole head comes too late as well: once more."""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            return reader, writer
        writer.close()


BODIES = {
    "half a pair": r'{"root": "\ud800"}',
    "half a pair for outputs": r'{"root": "HERE", "out": "HERE/\ud800"}',
    "half a pair as a key": r'{"\ud800": 1}',
    "half a pair as a model": r'{"root": "HERE", "model": "\ud800"}',
    "half a pair as a word": r'{"root": "HERE", "preset": "\ud800"}',
    "a NUL for outputs": r'{"root": "HERE", "out": "HERE/\u0000"}',
    "a huge number": '{"root": "HERE", "settle_s": 1%s}' % ("0" * 400),
    "a huge quality": '{"root": "HERE", "quality": 1%s}' % ("0" * 400),
    "a huger number": '{"root": "HERE", "jobs": 1%s}' % ("0" * 5000),
    "deep": "[" * 60000,
    "a path to try again": r'{"paths": ["\ud800", "a\u0000"]}',
    "a model to fetch": r'{"model": "\ud800"}',
    "bytes": '{"root": "\udcff"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_no_json_is_a_fault(
    serving: Callable[..., object], body: str, tmp_path: Path
) -> None:
    (tmp_path / "root").mkdir()
    data = body.replace("HERE", str(tmp_path / "root")).encode(errors="surrogateescape")
    async with serving() as served:  # type: ignore[attr-defined]
        token = served.app[CLIENTS].admit_local().token
        paths = [path for path in POSTS if path.startswith("/v1")]
        assert len(paths) > 5
        for path in paths:
            head = (
                f"POST {path} HTTP/1.1\r\n{HOST}:{served.port}\r\nConnection: close\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(data)}\r\n\r\n"
            )
            answer = await served.raw(head.encode() + data)
            assert answer.split(b" ")[1].startswith(b"4"), (path, answer)
        assert token not in served.log.getvalue()


async def test_headers_of_any_bytes_are_no_fault(serving: Callable[..., object]) -> None:
    async with serving() as served:  # type: ignore[attr-defined]
        token = served.app[CLIENTS].admit_local().token
        for name in ("Content-Type", "Content-Encoding", "Accept", "Origin", "If-None-Match"):
            answer = await served.raw(
                f"POST /v1/decode HTTP/1.1\r\n{HOST}:{served.port}\r\nConnection: close\r\n"
                f"Authorization: Bearer {token}\r\n".encode()
                + name.encode()
                + b": \xff\xfe\r\nContent-Length: 2\r\n\r\n{}"
            )
            assert answer.split(b" ")[1].startswith(b"4"), name
