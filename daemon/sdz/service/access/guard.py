"""Who is let in: the checks that every request passes before anything of it is read.

In this order, each with an error of its own:

1. Host is 127.0.0.1 or localhost with the daemon's own port, on every method: a name that was
   rebound to 127.0.0.1 still names its own host, and its GETs carry no Origin.
2. OPTIONS is refused: there is nobody to negotiate with.
3. Sec-Fetch-Site, which pages cannot set, is ``none`` or ``same-origin`` or missing (Chromium's
   extensions send the first, Firefox's the second, programs nothing).
4. Origin, where there is one, is that of a paired client. While pairing is open, and on its
   route alone, that of any browser extension; of a web page never.
5. A bearer token, also for GET, and the Origin is that of this very client.

The dashboard has its session instead of a token (see ``sessions.py``), and more is asked of it,
since a browser adds the cookie by itself: Sec-Fetch-Site must be there and say ``same-origin``,
Origin must be the daemon's own on all methods but GET, and everything but the page's own files
needs the page key besides the cookie.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from sdz.errors import (
    CrossSite,
    HostForeign,
    HostMissing,
    HostWrongPort,
    LocalOnly,
    OriginForeign,
    PairingClosed,
    PreflightRefused,
    SessionEnded,
    TokenMissing,
)
from sdz.service.access.clients import LOCAL, Clients, KnownClient
from sdz.service.access.pairing import Pairing
from sdz.service.access.sessions import PAGE_KEY_HEADER, Sessions, cookies_of
from sdz.service.http.perimeter import CALLER, Next
from sdz.service.http.routing import Access, access_of, port_of

Headers = CIMultiDictProxy[str] | CIMultiDict[str]

HOSTS: Final = ("127.0.0.1", "localhost")
EXTENSION_SCHEMES: Final = ("chrome-extension://", "moz-extension://", "safari-web-extension://")
_SITES: Final = frozenset({"none", "same-origin"})

DASHBOARD: Final = KnownClient(LOCAL, "dashboard", None, "", "", "")
"""Stands for the user's own dashboard."""


class Guard:
    """Checks headers. It reads no body and touches nothing else."""

    def __init__(self, clients: Clients, pairing: Pairing, sessions: Sessions) -> None:
        self._clients, self._pairing, self._sessions = clients, pairing, sessions

    def admit(self, method: str, headers: Headers, port: int, access: Access) -> KnownClient | None:
        """The client that sent this, None on an open route. Raises GuardError, PairingClosed."""
        check_host(headers, port)
        if method == "OPTIONS":
            raise PreflightRefused
        check_site(headers)
        if not access.is_anybodys and "Authorization" not in headers:
            cookies = cookies_of(headers.getall("Cookie", ()), port)
            if cookies:
                return self._admit_page(method, headers, access, cookies)
            if PAGE_KEY_HEADER in headers:  # the browser has dropped the cookie of an old session
                raise SessionEnded
        origin = _single(headers, "Origin", OriginForeign)
        self._check_origin(origin, access)
        if access.is_anybodys:
            return None
        client = self._clients.authenticate(bearer_token(headers))
        if origin is not None and origin != client.origin:
            raise OriginForeign
        if access is not Access.CLIENT and not client.is_local:
            raise LocalOnly
        return client

    def _admit_page(
        self, method: str, headers: Headers, access: Access, cookies: list[str]
    ) -> KnownClient:
        """The dashboard, by its session. Raises GuardError."""
        if headers.getall("Sec-Fetch-Site", ()) != ["same-origin"]:
            raise CrossSite("none")
        origin = _single(headers, "Origin", OriginForeign)
        if origin != f"http://{headers['Host']}" and not (origin is None and method == "GET"):
            raise OriginForeign
        session = self._sessions.find(cookies)
        if session is None:
            raise SessionEnded
        if access is Access.TOKEN:
            raise LocalOnly
        if access is not Access.PAGE:
            self._sessions.check_page_key(session, headers.get(PAGE_KEY_HEADER, ""))
        return DASHBOARD

    def _check_origin(self, origin: str | None, access: Access) -> None:
        if origin is None or self._clients.knows_origin(origin):
            return
        if access is Access.PAIRING and origin.startswith(EXTENSION_SCHEMES):
            if self._pairing.is_open:
                return
            raise PairingClosed
        raise OriginForeign


GUARD: Final = web.AppKey("guard", Guard)
CLIENT: Final = web.RequestKey("client", KnownClient)


@web.middleware
async def admit(request: web.Request, handler: Next) -> web.StreamResponse:
    """Go on with what may use the route that it asks for. Raises GuardError, PairingClosed."""
    client = request.app[GUARD].admit(
        request.method, request.headers, port_of(request), access_of(request)
    )
    if client is not None:
        request[CLIENT], request[CALLER] = client, client.name
    return await handler(request)


def check_host(headers: Headers, port: int) -> None:
    """Raise unless the one Host header is this daemon's address, in its exact spelling."""
    host = _single(headers, "Host", HostMissing)
    if not host:
        raise HostMissing
    name, _, given = host.partition(":")
    if name not in HOSTS:
        raise HostForeign
    if given != str(port):
        raise HostWrongPort(port)


def check_site(headers: Headers) -> None:
    """Raise if a browser says that a page of another origin is behind the request."""
    for site in headers.getall("Sec-Fetch-Site", ()):
        if site not in _SITES:
            raise CrossSite(site[:20])


def bearer_token(headers: Headers) -> str:
    """The token of the Authorization header. Raises TokenMissing."""
    value = _single(headers, "Authorization", TokenMissing) or ""
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    return token.strip()


def _single(
    headers: Headers, name: str, error: type[HostMissing | OriginForeign | TokenMissing]
) -> str | None:
    """The value of a header that may be there once."""
    values = headers.getall(name, ())
    if len(values) > 1:
        raise error
    return values[0] if values else None
