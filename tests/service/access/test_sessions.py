"""Sessions of the dashboard: what a key, a cookie and a page key open, and what they do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import sdz_file
from service_kit import JSON, SDZ, Answer, Clock, Daemon

from sdz.errors import SessionEnded, SessionKeyTaken
from sdz.service.access import sessions as sessions_module
from sdz.service.access.sessions import KEYS_KEPT, SESSIONS_KEPT, Session, Sessions, cookies_of
from sdz.service.dashboard import routes, socket_user
from sdz.service.dashboard.socket_user import uid_of

NO_TOKEN = {"Authorization": ""}


# --- apart from HTTP ----------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(100.0, clock=clock)


def opened(sessions: Sessions) -> tuple[str, Session]:
    cookie = sessions.redeem(sessions.new_key())
    assert cookie is not None
    session = sessions.find([cookie])
    assert session is not None
    return cookie, session


def test_a_key_opens_once(sessions: Sessions) -> None:
    key = sessions.new_key()
    assert sessions.redeem(key) is not None
    assert sessions.redeem(key) is None
    assert sessions.redeem("") is None
    assert sessions.redeem("\udcff") is None


def test_a_key_is_good_for_a_minute(sessions: Sessions, clock: Clock) -> None:
    early, late = sessions.new_key(), sessions.new_key()
    clock.now += 59.9
    assert sessions.redeem(early) is not None
    clock.now += 0.1
    assert sessions.redeem(late) is None


def test_keys_that_wait_are_few(sessions: Sessions) -> None:
    keys = [sessions.new_key() for _ in range(KEYS_KEPT + 1)]
    assert sessions.redeem(keys[0]) is None
    assert sessions.redeem(keys[1]) is not None


def test_a_session_ends_by_time_and_by_word(sessions: Sessions, clock: Clock) -> None:
    first, _ = opened(sessions)
    second, session = opened(sessions)
    assert first != second
    sessions.end(session)
    assert sessions.find([second]) is None
    clock.now += 99.9
    assert sessions.find([first]) is not None
    clock.now += 0.1
    assert sessions.find([first]) is None


def test_sessions_are_few_and_the_oldest_goes(sessions: Sessions) -> None:
    cookies = [opened(sessions)[0] for _ in range(SESSIONS_KEPT + 1)]
    assert sessions.find(cookies[:1]) is None
    assert sessions.find(cookies[1:2]) is not None


def test_a_cookie_that_another_port_added_does_no_harm(sessions: Sessions) -> None:
    cookie, session = opened(sessions)
    assert sessions.find(["theirs", cookie]) is session
    assert sessions.find([*["theirs"] * 4, cookie]) is None  # not as many as anyone likes


def test_the_page_key_is_told_once(sessions: Sessions) -> None:
    _, session = opened(sessions)
    with pytest.raises(SessionEnded):
        sessions.check_page_key(session, "")
    key = sessions.tell_page_key(session)
    sessions.check_page_key(session, key)
    with pytest.raises(SessionEnded):
        sessions.check_page_key(session, key[:-1])
    with pytest.raises(SessionKeyTaken):
        sessions.tell_page_key(session)


def test_nothing_is_kept_as_it_was_told(sessions: Sessions) -> None:
    waiting = sessions.new_key()
    cookie, session = opened(sessions)
    page_key = sessions.tell_page_key(session)
    kept = repr((sessions._keys, sessions._sessions))
    assert not [secret for secret in (waiting, cookie, page_key) if secret in kept]


def test_a_session_without_end_is_one_that_browsers_keep() -> None:
    assert Sessions(float("inf")).lifetime_s == sessions_module.LONGEST_S


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("sdz-session-7390=abc", ["abc"]),
        ("a=b; sdz-session-7390=abc; sdz-session-7391=no", ["abc"]),
        ("sdz-session-7390=one; sdz-session-7390=two", ["one", "two"]),
        ("sdz-session-73900=abc; xsdz-session-7390=abc; sdz-session-7390=", []),
        ("", []),
        (";;=;", []),
    ],
)
def test_cookies_are_found_by_their_port(header: str, found: list[str]) -> None:
    assert cookies_of([header], 7390) == found


# --- over HTTP ------------------------------------------------------------------------------------


class Page:
    """A browser that was let in: it shows what browsers show."""

    def __init__(self, daemon: Daemon, cookie: str, key: str) -> None:
        self.daemon, self.cookie, self.key = daemon, cookie, key

    async def ask(
        self, method: str, path: str, data: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        own = {
            "Authorization": "",
            "Cookie": f"sdz-session-{self.daemon.port}={self.cookie}",
            "Sec-Fetch-Site": "same-origin",
            "Sdz-Page-Key": self.key,
            **(JSON if method == "POST" else {}),
        }
        if method != "GET":
            own["Origin"] = f"http://127.0.0.1:{self.daemon.port}"
        sent = {name: value for name, value in {**own, **(headers or {})}.items() if value}
        async with self.daemon.client.request(
            method, path, data=data, headers=sent, skip_auto_headers=("Content-Type", "Accept")
        ) as reply:
            return Answer(reply.status, await reply.read(), reply.headers)


async def address_of(daemon: Daemon) -> str:
    url: str = (await daemon.ask("POST", "/v1/open", b"", JSON)).json["url"]
    start = f"http://127.0.0.1:{daemon.port}"
    assert url.startswith(f"{start}/open?key=")
    return url.removeprefix(start)


async def open_page(daemon: Daemon) -> Page:
    path = await address_of(daemon)
    async with daemon.client.get(path, allow_redirects=False) as reply:
        cookie = reply.cookies[f"sdz-session-{daemon.port}"].value
    daemon.client.session.cookie_jar.clear()
    page = Page(daemon, cookie, "")
    page.key = (await page.ask("POST", "/v1/session", b"{}")).json["key"]
    return page


@pytest.fixture(autouse=True)
def no_jar(daemon: Daemon) -> Iterator[None]:
    """The test's client keeps no cookies: each request says what it shows."""
    yield
    daemon.client.session.cookie_jar.clear()


async def test_an_address_becomes_a_cookie(daemon: Daemon) -> None:
    path = await address_of(daemon)
    async with daemon.client.get(path, allow_redirects=False) as reply:
        assert (reply.status, reply.headers["Location"]) == (303, "/")
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"
        cookie = reply.cookies[f"sdz-session-{daemon.port}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert cookie["domain"] == ""
    assert int(cookie["max-age"]) == 12 * 3600
    async with daemon.client.get(path, allow_redirects=False) as again:
        assert again.status == 410
        assert "Set-Cookie" not in again.headers
        assert b"was used before" in await again.read()


async def test_a_key_is_spent_by_no_guess(daemon: Daemon) -> None:
    path = await address_of(daemon)
    guess = await daemon.ask("GET", path, headers={"Sec-Purpose": "prefetch;prerender"})
    assert guess.status == 410
    async with daemon.client.get(path, allow_redirects=False) as reply:
        assert reply.status == 303


async def test_a_key_is_spent_by_no_other_user(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await address_of(daemon)
    with monkeypatch.context() as patch:
        patch.setattr(routes, "is_foreign", lambda _: True)
        async with daemon.client.get(path, allow_redirects=False) as reply:
            assert reply.status == 410
    async with daemon.client.get(path, allow_redirects=False) as reply:
        assert reply.status == 303


async def test_a_session_does_what_the_command_line_does(daemon: Daemon) -> None:
    page = await open_page(daemon)
    assert (await page.ask("GET", "/v1/status")).status == 200
    assert (await page.ask("GET", "/v1/clients")).status == 200
    assert (await page.ask("POST", "/v1/pairing", b"{}")).status == 200
    assert (await page.ask("POST", "/v1/decode", sdz_file(), SDZ)).status == 200
    daemon.clients.admit("Firefox", None)
    assert (await page.ask("DELETE", "/v1/clients/Firefox")).status == 200
    assert daemon.clients.active() == []


REFUSED = [
    # what is wrong, headers that replace the right ones, method, status, code
    ("no Sec-Fetch-Site", {"Sec-Fetch-Site": ""}, "GET", 403, "cross-site"),
    ("typed address", {"Sec-Fetch-Site": "none"}, "GET", 403, "cross-site"),
    ("another port", {"Sec-Fetch-Site": "same-site"}, "GET", 403, "cross-site"),
    ("another port POST", {"Sec-Fetch-Site": "same-site"}, "POST", 403, "cross-site"),
    ("another site", {"Sec-Fetch-Site": "cross-site"}, "POST", 403, "cross-site"),
    ("rebound name", {"Host": "evil.example:{port}"}, "GET", 403, "host-foreign"),
    ("rebound name POST", {"Host": "evil.example:{port}", "Origin": "http://evil.example:{port}"},
     "POST", 403, "host-foreign"),
    ("no Origin", {"Origin": ""}, "POST", 403, "origin-foreign"),
    ("null Origin", {"Origin": "null"}, "POST", 403, "origin-foreign"),
    ("Origin of another port", {"Origin": "http://127.0.0.1:1"}, "POST", 403, "origin-foreign"),
    ("Origin of the other name", {"Origin": "http://localhost:{port}"}, "POST", 403,
     "origin-foreign"),
    ("https Origin", {"Origin": "https://127.0.0.1:{port}"}, "GET", 403, "origin-foreign"),
    ("stolen cookie", {"Sdz-Page-Key": ""}, "GET", 401, "session-ended"),
    ("stolen cookie POST", {"Sdz-Page-Key": ""}, "POST", 401, "session-ended"),
    ("wrong page key", {"Sdz-Page-Key": "wrong"}, "GET", 401, "session-ended"),
    ("wrong cookie", {"Cookie": "sdz-session-{port}=wrong"}, "GET", 401, "session-ended"),
    ("cookie of another port", {"Cookie": "sdz-session-1={cookie}"}, "GET", 401, "session-ended"),
    ("no cookie", {"Cookie": ""}, "GET", 401, "session-ended"),
    ("preflight", {}, "OPTIONS", 403, "preflight-refused"),
    ("form", {"Content-Type": "application/x-www-form-urlencoded"}, "POST", 415,
     "wrong-content-type"),
    ("own Origin with a token", {"Authorization": "Bearer {token}"}, "POST", 403,
     "origin-foreign"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "method", "status", "code"),
    [row[1:] for row in REFUSED],
    ids=[row[0].replace(" ", "-") for row in REFUSED],
)
async def test_refused(
    daemon: Daemon, changed: dict[str, str], method: str, status: int, code: str
) -> None:
    page = await open_page(daemon)
    words = {"port": daemon.port, "cookie": page.cookie, "token": daemon.local.token}
    headers = {name: value.format(**words) for name, value in changed.items()}
    path = "/v1/pairing"  # a GET that tells and a POST that changes something
    answer = await page.ask(method, path, b"{}" if method == "POST" else None, headers)
    assert (answer.status, answer.code) == (status, code)
    assert not daemon.pairing.is_open
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_the_same_request_unchanged_is_let_in(daemon: Daemon) -> None:
    page = await open_page(daemon)
    assert (await page.ask("POST", "/v1/pairing", b"{}")).status == 200
    assert daemon.pairing.is_open


async def test_a_stolen_cookie_opens_the_empty_page_and_no_more(daemon: Daemon) -> None:
    page = await open_page(daemon)
    page.key = ""
    assert b"<title>sdz</title>" in (await page.ask("GET", "/")).data
    taken = await page.ask("POST", "/v1/session", b"{}")
    assert (taken.status, taken.code) == (403, "session-key-taken")
    for path in ("/v1/status", "/v1/clients", "/v1/events", "/metrics", "/openapi.json"):
        assert (await page.ask("GET", path)).code == "session-ended"
    assert (await page.ask("DELETE", "/v1/session")).code == "session-ended"


async def test_a_session_makes_no_sessions(daemon: Daemon) -> None:
    page = await open_page(daemon)
    answer = await page.ask("POST", "/v1/open", b"{}")
    assert (answer.status, answer.code) == (403, "local-only")
    paired = daemon.clients.admit("extension", None)
    own = {"Authorization": f"Bearer {paired.token}", **JSON}
    for path in ("/v1/open", "/v1/session"):
        assert (await daemon.ask("POST", path, b"", own)).code == "local-only"
    assert (await daemon.ask("GET", "/dashboard/main.js", headers=own)).code == "local-only"
    # The token of the user's own programs is no session.
    assert (await daemon.ask("POST", "/v1/session", b"", JSON)).code == "session-ended"


async def test_a_closed_session_is_closed(daemon: Daemon) -> None:
    page = await open_page(daemon)
    closed = await page.ask("DELETE", "/v1/session")
    assert closed.json == {"closed": True}
    assert "Max-Age=0" in closed.headers["Set-Cookie"]
    assert (await page.ask("GET", "/v1/status")).code == "session-ended"
    assert b"sdz dashboard" in (await page.ask("GET", "/")).data


async def test_without_a_session_the_page_tells_nothing(daemon: Daemon) -> None:
    for cookie in ("", f"sdz-session-{daemon.port}=wrong"):
        headers = {**NO_TOKEN, **({"Cookie": cookie} if cookie else {})}
        answer = await daemon.ask("GET", "/", headers=headers)
        assert answer.status == 200
        assert b"sdz dashboard" in answer.data
        assert b"<script" not in answer.data
        assert b"main.js" not in answer.data
    here = await daemon.ask("GET", "/dashboard/main.js", headers=NO_TOKEN)
    nowhere = await daemon.ask("GET", "/dashboard/nowhere.js", headers=NO_TOKEN)
    assert (here.status, here.json) == (nowhere.status, nowhere.json)
    assert here.code == "token-missing"


# --- whose connection it is -----------------------------------------------------------------------

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1CDE 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0
   1: 0100007F:1CDE 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0
   2: 0100007F:9C40 0100007F:1CDE 01 00000000:00000000 00:00000000 00000000  1001        0 3 1 0
"""


def test_a_connection_has_a_user(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(TABLE)
    assert uid_of(0x9C40, 7390, tmp_path) == 1001
    assert uid_of(0x9C41, 7390, tmp_path) is None
    assert uid_of(0x9C40, 7390, tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    ("uid", "foreign"), [(1001, True), (1000, False), (0, False), (None, False)]
)
async def test_another_user_is_foreign(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, uid: int | None, foreign: bool
) -> None:
    monkeypatch.setattr(socket_user.sys, "platform", "linux")
    monkeypatch.setattr(socket_user.os, "getuid", lambda: 1000)
    asked: list[tuple[int, int]] = []

    def found(from_port: int, to_port: int) -> int | None:
        asked.append((from_port, to_port))
        return uid

    monkeypatch.setattr(socket_user, "uid_of", found)
    path = await address_of(daemon)
    async with daemon.client.get(path, allow_redirects=False) as reply:
        assert reply.status == (410 if foreign else 303)
    assert asked[0][1] == daemon.port
