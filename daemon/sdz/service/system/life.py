"""How long the daemon runs already, and that it takes nothing more when it is to end."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from sdz.errors import Draining
from sdz.service.http.perimeter import Next


class Life:
    """Whether the daemon is shutting down, and since when it runs (time.monotonic)."""

    def __init__(self, started: float) -> None:
        self.started = started
        self.draining = False


LIFE: Final = web.AppKey("life", Life)


@web.middleware
async def refuse_when_draining(request: web.Request, handler: Next) -> web.StreamResponse:
    """Raise Draining for whoever was let in, but too late."""
    if request.app[LIFE].draining:
        raise Draining
    return await handler(request)
