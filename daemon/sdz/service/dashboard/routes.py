"""Routes of the dashboard: a one-time address, the session, the page's files, other formats."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from sdz import errors
from sdz.media import MEDIA_TYPES
from sdz.service.access.sessions import KEY_VALID_S, SESSIONS, Session, cookie_name, cookies_of
from sdz.service.dashboard.comparer import COMPARER
from sdz.service.dashboard.pages import (
    CLOSED_HEADERS,
    DASHBOARD_HEADERS,
    closed_page,
    dashboard_page,
    static_file,
)
from sdz.service.dashboard.shapes import (
    CompareQuery,
    OpenAddress,
    OpenQuery,
    PageKey,
    SessionClosed,
)
from sdz.service.dashboard.socket_user import is_foreign
from sdz.service.http.bodies import LIMITS
from sdz.service.http.routing import Access, Call, Gives, Routes, Takes
from sdz.service.pictures import inspect as pictures

MAX_PIXELS: Final = 24_000_000
"""Of a picture to compare: above that a dozen encodes take minutes."""

ROUTES: Final = Routes()


@ROUTES.add(
    "GET",
    "/",
    "The dashboard, or how to open it",
    Gives(about="the page", media=("text/html",)),
    access=Access.OPEN,
)
async def front_page(call: Call) -> web.Response:
    """The dashboard where its session is open; else a page that says how to open it."""
    if _session(call) is not None:
        return _html(dashboard_page(), DASHBOARD_HEADERS)
    return _html(closed_page(call.port), CLOSED_HEADERS)


@ROUTES.add(
    "POST",
    "/v1/open",
    "A one-time address of the dashboard",
    Gives(OpenAddress, "the address"),
    access=Access.TOKEN,
)
async def new_address(call: Call) -> OpenAddress:
    """Make an address that opens the dashboard once."""
    port, key = call.port, call.app[SESSIONS].new_key()
    return OpenAddress(f"http://127.0.0.1:{port}/open?key={key}", KEY_VALID_S)


@ROUTES.add(
    "GET",
    "/open",
    "Open the dashboard by a one-time address",
    Gives(about="the session's cookie is set; the dashboard is at /", status=303),
    Gives(about="the key was used, is too old, or never was", status=410, media=("text/html",)),
    access=Access.OPEN,
    query=OpenQuery,
)
async def open_dashboard(call: Call) -> web.Response:
    """Spend a key, set the session's cookie, and go on to the dashboard."""
    request, sessions = call.request, call.app[SESSIONS]
    port = call.port
    # What a browser fetches on a guess must not spend the key that a click is about to need.
    guess = "prefetch" in request.headers.get("Sec-Purpose", "")
    cookie = None if guess or is_foreign(request) else sessions.redeem(call.query.key)
    if cookie is None:
        return _html(closed_page(port, spent=True), CLOSED_HEADERS, status=410)
    headers = {"Location": "/", "Referrer-Policy": "no-referrer"}
    response = web.Response(status=303, headers=headers)
    response.set_cookie(
        cookie_name(port),
        cookie,
        max_age=int(sessions.lifetime_s),
        path="/",
        httponly=True,
        samesite="Strict",
    )
    return response


@ROUTES.add(
    "POST",
    "/v1/session",
    "Tell the dashboard's page its key",
    Gives(PageKey, "the page key"),
    access=Access.PAGE,
)
async def begin_session(call: Call) -> PageKey:
    """Tell the page its key, once."""
    session = _session(call)
    sessions = call.app[SESSIONS]
    if session is None or is_foreign(call.request):
        raise errors.SessionEnded
    return PageKey(sessions.tell_page_key(session), round(sessions.left_s(session), 1))


@ROUTES.add(
    "DELETE",
    "/v1/session",
    "Close the dashboard's session",
    Gives(SessionClosed, "there is no session now"),
    access=Access.LOCAL,
)
async def end_session(call: Call) -> web.Response:
    """End the session of the cookie that is shown, if there is one."""
    session = _session(call)
    if session is not None:
        call.app[SESSIONS].end(session)
    response = web.json_response({"closed": session is not None})
    response.del_cookie(cookie_name(call.port), path="/", httponly=True, samesite="Strict")
    return response


@ROUTES.add(
    "GET",
    "/dashboard/{name}",
    "The dashboard's own files",
    Gives(about="a file of the page", media=("text/javascript", "text/css", "image/svg+xml")),
    access=Access.PAGE,
    refuses=(errors.NoSuchRoute,),
)
async def dashboard_file(call: Call) -> web.Response:
    """A module, a style sheet or a picture of the page."""
    body, kind = static_file(call.path_word("name"))
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=DASHBOARD_HEADERS)


@ROUTES.add(
    "POST",
    "/v1/compare",
    "The same picture as JPEG, WebP or AVIF at a number of bytes",
    Gives(
        about="the file of the lowest quality that has so many bytes, or the next more",
        media=("image/jpeg", "image/webp", "image/avif"),
        headers=(
            ("Sdz-Quality", "the setting that was found"),
            ("Sdz-Fits", "0: even the lowest quality takes more bytes, and this is it"),
            ("Sdz-Score", "SSIMULACRA2, measured as that of a .sdz file"),
            ("Sdz-Worst-Region", "SSIMULACRA2 of its worst region"),
            ("Sdz-Seconds", "how long writing this one took"),
        ),
    ),
    access=Access.LOCAL,
    query=CompareQuery,
    takes=Takes(("image/*", "application/octet-stream")),
    refuses=(errors.ImageError, errors.PeerFailed, errors.TookTooLong),
    heavy=True,
)
async def compare(call: Call) -> web.Response:
    """A file of another format of so many bytes or the next more, and what was measured of it."""
    limit = min(call.app[LIMITS].pixels, MAX_PIXELS)
    await pictures.check_image(call.data, limit)
    kind, size = call.query.format, call.query.bytes
    async with call.in_time():
        row, data = await call.app[COMPARER].ask(call.data, kind, size, limit)
    headers = {
        "Cache-Control": "no-store",
        "Sdz-Quality": str(row["quality"]),
        "Sdz-Fits": str(int(row["fits"])),
        "Sdz-Score": f"{row['score']:.2f}",
        "Sdz-Worst-Region": f"{row['worst']:.2f}",
        "Sdz-Seconds": f"{row['seconds']:.3f}",
    }
    return web.Response(body=data, content_type=MEDIA_TYPES[kind], headers=headers)


def _html(text: str, headers: dict[str, str], status: int = 200) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


def _session(call: Call) -> Session | None:
    cookies = cookies_of(call.request.headers.getall("Cookie", ()), call.port)
    return call.app[SESSIONS].find(cookies)
