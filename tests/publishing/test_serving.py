"""Middlewares: the .sdz beside a picture for who accepts it, by real servers and by ASGI alone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from sdz.publishing.serving import SdzMiddleware, accepts_sdz, beside, sdz_middleware

OURS = {"Accept": "image/x-sdz,image/avif,image/*,*/*;q=0.8"}
USUAL = {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "a b").mkdir(parents=True)
    files = {"photo.jpg": b"jpeg", "photo.sdz": b"the sdz", "photo.avif": b"avif"}
    files |= {"other.jpg": b"other", "a b/ü.jpg": b"jpeg", "a b/ü.sdz": b"deep sdz"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (tmp_path / "secret.sdz").write_bytes(b"secret")
    return folder


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("image/x-sdz", True),
        ("IMAGE/X-SDZ ; q=0.5 , */*", True),
        ("image/avif, application/x-sdz;q=1", True),
        ("image/x-sdz;q=0", False),
        ("image/x-sdz; q = 0.000", False),
        ("image/*, */*", False),
        ("image/x-sdz-other", False),
        ("", False),
    ],
)
def test_who_accepts(accept: str, wanted: bool) -> None:
    assert accepts_sdz(accept) is wanted


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/photo.jpg", "photo.sdz"),
        ("/photo.JPG", "photo.sdz"),
        ("/photo.avif", "photo.sdz"),
        ("/a b/ü.jpg", "a b/ü.sdz"),
        ("/other.jpg", None),
        ("/photo", None),
        ("/photo.gif", None),
        ("/../secret.jpg", None),
        ("//../secret.jpg", None),
        ("/link.jpg", None),
        ("/nul\0.jpg", None),
        (f"/{'x' * 300}.jpg", None),
    ],
)
def test_what_is_beside(root: Path, path: str, found: str | None) -> None:
    (root / "link.sdz").symlink_to(root.parent / "secret.sdz")
    assert beside(root, "/", path) == (root / found if found else None)
    assert beside(root, "/static/", path) is None
    under = beside(root, "/static/", f"/static{path}")
    assert under == (root / found if found else None)


@pytest.fixture
async def client(root: Path) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application(middlewares=[sdz_middleware(root, "/pictures")])
    app.router.add_static("/pictures", root)
    async with TestClient(TestServer(app)) as made:
        yield made


class TestAiohttp:
    async def test_who_accepts_it_gets_it(self, client: TestClient[Any, Any]) -> None:
        for path in ("photo.jpg", "photo.avif", "a%20b/%C3%BC.jpg"):
            answer = await client.get(f"/pictures/{path}", headers=OURS)
            assert answer.headers["Content-Type"] == "image/x-sdz"
            assert answer.headers["Vary"] == "Accept"
            assert (await answer.read()).endswith(b"sdz")

    async def test_others_get_what_they_asked_for(self, client: TestClient[Any, Any]) -> None:
        for path, kind, vary in (
            ("photo.jpg", "image/jpeg", "Accept"),
            ("photo.avif", "image/avif", "Accept"),
            ("photo.sdz", "image/x-sdz", None),
            ("other.jpg", "image/jpeg", None),
        ):
            answer = await client.get(f"/pictures/{path}", headers=USUAL)
            assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
            assert answer.headers.get("Vary") == vary
        assert (await client.get("/pictures/none.jpg", headers=OURS)).status == 404

    async def test_ranges_dates_and_heads(self, client: TestClient[Any, Any]) -> None:
        path = "/pictures/photo.jpg"
        part = await client.get(path, headers={**OURS, "Range": "bytes=4-6"})
        assert (part.status, await part.read()) == (206, b"sdz")
        assert part.headers["Content-Range"] == "bytes 4-6/7"
        head = await client.head(path, headers=OURS)
        assert (head.headers["Content-Length"], await head.read()) == ("7", b"")
        again = {**OURS, "If-None-Match": head.headers["ETag"]}
        assert (await client.get(path, headers=again)).status == 304
        assert (await client.post(path, headers=OURS)).status == 405

    async def test_no_way_out_of_the_folder(self, client: TestClient[Any, Any]) -> None:
        async with ClientSession() as session:
            for path in ("/pictures/..%2fsecret.jpg", "/pictures/%2e%2e/secret.jpg"):
                address = str(client.make_url("/")).rstrip("/") + path
                async with session.get(address, headers=OURS) as answer:
                    assert b"secret" not in await answer.read()


async def served(scope: Any, _receive: Any, send: Any) -> None:
    """As a server of files does: what was asked of it, as a body."""
    assert scope["raw_path"] is not None
    range_ = dict(scope["headers"]).get(b"range", b"")
    status = 206 if range_ else 200
    headers = [(b"content-type", b"application/octet-stream"), (b"etag", b'"x"')]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": scope["path"].encode() + range_})


async def asked(
    root: Path, path: str, headers: dict[str, str], method: str = "GET"
) -> tuple[int, dict[bytes, bytes], str]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    fields = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": b"?", "headers": fields}
    before = dict(scope)
    await SdzMiddleware(served, root)(scope, None, send)  # type: ignore[arg-type]
    assert scope == before
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"].decode()


class TestAsgi:
    async def test_the_server_is_asked_for_the_sdz(self, root: Path) -> None:
        status, headers, body = await asked(root, "/a b/ü.jpg", {**OURS, "Range": "bytes=0-1"})
        assert (status, body) == (206, "/a b/ü.sdzbytes=0-1")
        assert headers == {
            b"content-type": b"image/x-sdz",
            b"etag": b'"x"',
            b"vary": b"Accept",
        }

    async def test_or_for_what_it_was(self, root: Path) -> None:
        _, headers, body = await asked(root, "/photo.avif", USUAL)
        assert body == "/photo.avif"
        assert headers[b"content-type"] == b"image/avif"
        assert headers[b"vary"] == b"Accept"
        for path, given, method in (
            ("/other.jpg", OURS, "GET"),
            ("/photo.jpg", OURS, "POST"),
            ("/../secret.jpg", OURS, "GET"),
        ):
            _, headers, body = await asked(root, path, given, method)
            assert (body, b"vary" in headers) == (path, False)

    async def test_what_is_no_request_passes(self, root: Path) -> None:
        scopes: list[Any] = []

        async def app(scope: Any, *_: Any) -> None:
            scopes.append(scope)

        scope = {"type": "lifespan"}
        await SdzMiddleware(app, os.fspath(root))(scope, None, None)  # type: ignore[arg-type]
        assert scopes == [scope]
