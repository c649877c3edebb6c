"""Sessions of the dashboard: a one-time key becomes a cookie, and the page is given its own key.

    POST /v1/open        the user's token -> an address with a key, good once and for a minute
    GET /open?key=...    the key is spent -> a cookie, and on to /
    POST /v1/session     the cookie -> the page key, told to the first who asks and to nobody else

Browsers send the cookies of 127.0.0.1 to every port of it, also to another user's program that
the user visits there. So the cookie alone opens nothing but the empty page: each request of the
page shows the page key besides, which the page keeps where only its own origin, port and all,
can read it. Everything is in memory, as hashes, and ends with the daemon.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from sdz.errors import SessionEnded, SessionKeyTaken
from sdz.service.access.clients import digest_of

KEY_VALID_S: Final = 60.0
KEYS_KEPT: Final = 8
SESSIONS_KEPT: Final = 32
LONGEST_S: Final = 400 * 86400.0  # what browsers keep a cookie for at most
COOKIES_TRIED: Final = 4
"""Another port can add cookies of the same name; so many are looked at."""
PAGE_KEY_HEADER: Final = "Sdz-Page-Key"


@dataclass(slots=True)
class Session:
    """One opened dashboard. ``until``: on the clock; ``page_key``: its SHA-256 once it was told."""

    cookie: str
    until: float
    page_key: str | None = None


class Sessions:
    """The keys that wait and the sessions that are open. ``clock``: seconds that only grow."""

    def __init__(
        self,
        lifetime_s: float = 12 * 3600.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lifetime_s = min(lifetime_s, LONGEST_S)
        self._clock = clock
        self._keys: dict[str, float] = {}
        self._sessions: dict[str, Session] = {}

    def new_key(self) -> str:
        """A key for one opening. Of those that wait the oldest is void beyond ``KEYS_KEPT``."""
        key = secrets.token_urlsafe(32)
        self._keys[digest_of(key)] = self._clock() + KEY_VALID_S
        for void in list(self._keys)[:-KEYS_KEPT]:
            del self._keys[void]
        return key

    def redeem(self, key: str) -> str | None:
        """Spend a key: the value of the new session's cookie, or None if it is not good."""
        until = self._keys.pop(digest_of(key), None)
        if until is None or self._clock() >= until:
            return None
        self._forget_ended()
        cookie = secrets.token_urlsafe(32)
        digest = digest_of(cookie)
        self._sessions[digest] = Session(digest, self._clock() + self.lifetime_s)
        for ended in list(self._sessions)[:-SESSIONS_KEPT]:
            del self._sessions[ended]
        return cookie

    def find(self, cookies: Iterable[str]) -> Session | None:
        """The open session that one of these cookies names."""
        for cookie in list(cookies)[:COOKIES_TRIED]:
            session = self._sessions.get(digest_of(cookie))
            if session is not None and self._clock() < session.until:
                return session
        return None

    def tell_page_key(self, session: Session) -> str:
        """The page key, once. Raises SessionKeyTaken."""
        if session.page_key is not None:
            raise SessionKeyTaken
        key = secrets.token_urlsafe(32)
        session.page_key = digest_of(key)
        return key

    def check_page_key(self, session: Session, key: str) -> None:
        """Raise SessionEnded unless this is the session's page key."""
        if session.page_key is None or not hmac.compare_digest(session.page_key, digest_of(key)):
            raise SessionEnded

    def left_s(self, session: Session) -> float:
        """Seconds until the session ends by itself."""
        return max(0.0, session.until - self._clock())

    def end(self, session: Session) -> None:
        """End a session at once."""
        self._sessions.pop(session.cookie, None)

    def _forget_ended(self) -> None:
        now = self._clock()
        self._sessions = {name: row for name, row in self._sessions.items() if now < row.until}


SESSIONS: Final = web.AppKey("sessions", Sessions)


def cookie_name(port: int) -> str:
    """The name of the cookie of the daemon on ``port``: daemons beside it have others."""
    return f"sdz-session-{port}"


def cookies_of(headers: Iterable[str], port: int) -> list[str]:
    """The values of the daemon's own cookie in these Cookie headers."""
    name = cookie_name(port)
    pairs = (part.strip().partition("=") for header in headers for part in header.split(";"))
    return [value for key, _, value in pairs if key == name and value]
