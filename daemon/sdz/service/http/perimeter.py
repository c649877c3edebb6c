"""What every request passes on its way in and every answer on its way out."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from sdz.errors import InternalError, MethodRefused, NoSuchRoute, RequestError, SdzError
from sdz.service.http.problems import answer_of
from sdz.service.http.traffic import TRAFFIC

LOG: Final = logging.getLogger("sdz.service")
SLOW_S: Final = 1.0

CALLER: Final = web.RequestKey("caller", str)
"""The name of who asks, once that is known: for the log."""

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ALWAYS: Final = {
    "Server": "sdz",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@web.middleware
async def perimeter(request: web.Request, handler: Next) -> web.StreamResponse:
    """Have it answered, errors too; count; log."""
    request_id = secrets.token_hex(6)
    traffic = request.app[TRAFFIC]
    began = time.perf_counter()
    traffic.under_way += 1
    status = 499  # the client went away
    code = None
    try:
        try:
            response = await handler(request)
        except (SdzError, web.HTTPException) as error:
            response, code = _refuse(error)
        except (asyncio.CancelledError, ConnectionResetError):
            raise
        except Exception:
            LOG.exception("fault", extra={"fields": {"request": request_id}})
            response, code = answer_of(InternalError(request_id)), InternalError.code
        response.headers["Sdz-Request"] = request_id
        status = response.status
        return response
    finally:
        seconds = time.perf_counter() - began
        traffic.under_way -= 1
        route = _route_of(request)
        traffic.answered(request.method, route, status, seconds)
        if code is not None:
            traffic.refusals[code] += 1
        _log(request, request_id, route, status, code, seconds)


def _refuse(error: SdzError | web.HTTPException) -> tuple[web.Response, str]:
    """The answer and its code. The error must not be kept by a variable of ``perimeter``: its
    traceback holds that frame, and the ring would hold the request's body until it is found."""
    refusal = _as_refusal(error)
    return answer_of(refusal), refusal.code


def _as_refusal(error: SdzError | web.HTTPException) -> SdzError:
    """aiohttp's own refusals as ours."""
    if isinstance(error, SdzError):
        return error
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodRefused(tuple(sorted(error.allowed_methods)))
    if isinstance(error, web.HTTPNotFound):
        return NoSuchRoute()
    if isinstance(error, web.HTTPClientError):  # a path that is none, for one
        return RequestError("this request cannot be understood")
    raise error


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


def _log(
    request: web.Request,
    request_id: str,
    route: str,
    status: int,
    code: str | None,
    seconds: float,
) -> None:
    """Only what is out of the ordinary is said at level info: a browser asks all day long."""
    level = logging.INFO if code is not None or seconds >= SLOW_S else logging.DEBUG
    if not LOG.isEnabledFor(level):
        return
    fields = {
        "request": request_id,
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "client": request.get(CALLER),
        "code": code,
    }
    LOG.log(level, "answered", extra={"fields": fields})


async def seal(request: web.Request, response: web.StreamResponse) -> None:  # noqa: ARG001
    """Have every answer stamped."""
    stamp(response)


def stamp(response: web.StreamResponse) -> None:
    """Headers that every answer has. There is none that would let a web page read it."""
    for name, value in _ALWAYS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
