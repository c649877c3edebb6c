"""Those who must not get in: each is refused with a code of its own, and no engine moves."""

from __future__ import annotations

import asyncio

import pytest
from samples import sdz_file
from service_kit import SDZ, Daemon, MakeDaemon

EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"

REFUSED = [
    # what is wrong, headers that replace the right ones, method, status, code
    ("foreign host", {"Host": "evil.example:{port}"}, "POST", 403, "host-foreign"),
    ("foreign host on GET", {"Host": "evil.example:{port}"}, "GET", 403, "host-foreign"),
    ("host that only ends right", {"Host": "x127.0.0.1:{port}"}, "POST", 403, "host-foreign"),
    ("host with a dot behind", {"Host": "localhost.:{port}"}, "POST", 403, "host-foreign"),
    ("host in another notation", {"Host": "0x7f000001:{port}"}, "POST", 403, "host-foreign"),
    ("IPv6 host", {"Host": "[::1]:{port}"}, "POST", 403, "host-foreign"),
    ("host with a user", {"Host": "127.0.0.1:{port}@evil.example"}, "POST", 403, "host-wrong-port"),
    ("host with another port", {"Host": "127.0.0.1:1"}, "POST", 403, "host-wrong-port"),
    ("host without a port", {"Host": "127.0.0.1"}, "POST", 403, "host-wrong-port"),
    ("empty host", {"Host": ""}, "POST", 403, "host-missing"),
    ("web page", {"Origin": "https://evil.example"}, "POST", 403, "origin-foreign"),
    ("sandboxed page", {"Origin": "null"}, "POST", 403, "origin-foreign"),
    ("own page", {"Origin": "http://127.0.0.1:{port}"}, "POST", 403, "origin-foreign"),
    ("unpaired extension", {"Origin": EXTENSION}, "POST", 403, "origin-foreign"),
    ("cross-site", {"Sec-Fetch-Site": "cross-site"}, "POST", 403, "cross-site"),
    ("cross-site image", {"Sec-Fetch-Site": "cross-site"}, "GET", 403, "cross-site"),
    ("same-site", {"Sec-Fetch-Site": "same-site"}, "POST", 403, "cross-site"),
    ("unheard-of site", {"Sec-Fetch-Site": "elsewhere"}, "POST", 403, "cross-site"),
    ("no token", {"Authorization": ""}, "POST", 401, "token-missing"),
    ("no token on GET", {"Authorization": ""}, "GET", 401, "token-missing"),
    ("another scheme", {"Authorization": "Basic dTpw"}, "POST", 401, "token-missing"),
    ("wrong token", {"Authorization": "Bearer wrong"}, "POST", 401, "token-unknown"),
    ("revoked token", {"Authorization": "Bearer {revoked}"}, "POST", 401, "token-revoked"),
    ("preflight", {}, "OPTIONS", 403, "preflight-refused"),
    ("preflight of a page", {"Origin": "https://evil.example"}, "OPTIONS", 403,
     "preflight-refused"),
    ("plain text", {"Content-Type": "text/plain"}, "POST", 415, "wrong-content-type"),
    ("form", {"Content-Type": "multipart/form-data; boundary=x"}, "POST", 415,
     "wrong-content-type"),
    ("undeclared body", {"Content-Type": ""}, "POST", 415, "wrong-content-type"),
    ("compressed body", {"Content-Encoding": "gzip"}, "POST", 415, "wrong-content-type"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "method", "status", "code"),
    [row[1:] for row in REFUSED],
    ids=[row[0].replace(" ", "-") for row in REFUSED],
)
async def test_refused(
    daemon: Daemon, changed: dict[str, str], method: str, status: int, code: str
) -> None:
    gone = daemon.clients.admit("gone", None)
    daemon.clients.revoke("gone")
    words = {"port": daemon.port, "revoked": gone.token}
    headers = {**SDZ, **{name: value.format(**words) for name, value in changed.items()}}
    body = sdz_file() if method == "POST" else None
    answer = await daemon.ask(method, "/v1/decode", body, headers)
    assert (answer.status, answer.code) == (status, code)
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert daemon.engine.jobs == []


async def test_the_same_request_unchanged_is_let_in(daemon: Daemon) -> None:
    for host in ("127.0.0.1", "localhost"):
        headers = {**SDZ, "Host": f"{host}:{daemon.port}"}
        answer = await daemon.ask("POST", "/v1/decode", sdz_file(), headers)
        assert answer.status == 200
    assert len(daemon.engine.jobs) == 1  # the second came from the cache


@pytest.mark.parametrize("site", ["none", "same-origin"])
async def test_what_extensions_send_is_let_in(daemon: Daemon, site: str) -> None:
    paired = daemon.clients.admit("extension", EXTENSION)
    headers = {
        **SDZ,
        "Sec-Fetch-Site": site,
        "Origin": EXTENSION,
        "Authorization": f"bearer {paired.token}",
    }
    assert (await daemon.ask("POST", "/v1/decode", sdz_file(), headers)).status == 200


async def test_a_token_is_good_for_its_own_origin_alone(daemon: Daemon) -> None:
    daemon.clients.admit("one", EXTENSION)
    other = daemon.clients.admit("other", "moz-extension://1234")
    headers = {"Origin": EXTENSION, "Authorization": f"Bearer {other.token}"}
    answer = await daemon.ask("GET", "/v1/status", headers=headers)
    assert (answer.status, answer.code) == (403, "origin-foreign")


async def test_clients_do_not_manage_clients(daemon: Daemon) -> None:
    paired = daemon.clients.admit("extension", None)
    headers = {"Authorization": f"Bearer {paired.token}", "Content-Type": "application/json"}
    for method, path in (
        ("POST", "/v1/pairing"),
        ("GET", "/v1/pairing"),
        ("GET", "/v1/clients"),
        ("DELETE", f"/v1/clients/{paired.client}"),
    ):
        answer = await daemon.ask(method, path, headers=headers)
        assert (answer.status, answer.code) == (403, "local-only")
    assert daemon.clients.active()


async def test_without_a_token_nothing_can_be_told_from_nothing(daemon: Daemon) -> None:
    here = await daemon.ask("GET", "/v1/status", headers={"Authorization": ""})
    nowhere = await daemon.ask("GET", "/v1/nowhere", headers={"Authorization": ""})
    assert (here.status, here.json) == (nowhere.status, nowhere.json)


async def test_two_hosts_or_none(daemon: Daemon) -> None:
    right = f"Host: 127.0.0.1:{daemon.port}\r\n"
    head = "GET /v1/status HTTP/1.1\r\n{}Connection: close\r\n\r\n"
    assert (await daemon.raw(head.format("").encode())).startswith(b"HTTP/1.0 400 ")
    old = head.format("").replace("HTTP/1.1", "HTTP/1.0")
    assert b"host-missing" in await daemon.raw(old.encode())
    two = await daemon.raw(head.format(right + "Host: evil.example\r\n").encode())
    assert two.startswith(b"HTTP/1.0 400 ")
    assert b"token-missing" in await daemon.raw(head.format(right).encode())


async def test_an_oversize_body_is_refused_before_it_is_sent(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon(body_bytes=1000)
    head = (
        f"POST /v1/decode HTTP/1.1\r\nHost: 127.0.0.1:{daemon.port}\r\n"
        f"Authorization: Bearer {daemon.local.token}\r\nContent-Type: application/x-sdz\r\n"
    )
    declared = await daemon.raw(f"{head}Content-Length: 1001\r\n\r\n".encode())
    assert declared.startswith(b"HTTP/1.1 413 ")
    assert b"body-too-large" in declared
    chunk = b"3e9\r\n" + bytes(1001) + b"\r\n"
    counted = await daemon.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk)
    assert b"body-too-large" in counted
    assert daemon.engine.jobs == []


@pytest.mark.parametrize("limits", [{"body_stall_s": 0.02}, {"body_timeout_s": 0.02}])
async def test_a_slow_body_is_given_up(make_daemon: MakeDaemon, limits: dict[str, float]) -> None:
    daemon = await make_daemon(**limits)
    sent = (
        f"POST /v1/decode HTTP/1.1\r\nHost: 127.0.0.1:{daemon.port}\r\n"
        f"Authorization: Bearer {daemon.local.token}\r\n"
        "Content-Type: application/x-sdz\r\nContent-Length: 100\r\n\r\nslow".encode()
    )
    while not (answer := await daemon.raw(sent)):
        pass  # on a busy machine the head itself came too late: that has no answer
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"body-too-slow" in answer
    assert daemon.engine.jobs == []


async def test_no_body_is_asked_for_before_its_sender_was_let_in(daemon: Daemon) -> None:
    head = (
        f"POST /v1/inspect HTTP/1.1\r\nHost: 127.0.0.1:{daemon.port}\r\nConnection: close\r\n"
        "Content-Type: application/x-sdz\r\nContent-Length: {}\r\nExpect: 100-continue\r\n"
    )
    stranger = await daemon.raw(f"{head.format(5)}\r\n".encode())
    assert stranger.startswith(b"HTTP/1.1 401 ")
    reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
    body = sdz_file()
    token = f"Authorization: Bearer {daemon.local.token}\r\n\r\n"
    writer.write((head.format(len(body)) + token).encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()
