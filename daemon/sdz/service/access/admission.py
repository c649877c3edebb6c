"""Letting in: the guard asked about each request, and who it was remembered with it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from sdz.service.access.clients import KnownClient
from sdz.service.access.guard import GUARD
from sdz.service.http.perimeter import CALLER, Next
from sdz.service.http.routing import access_of, port_of

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
