"""Putting the app together: its parts, its routes, and what begins and ends with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

from sdz.config import Settings
from sdz.service import (
    routes_clients,
    routes_models,
    routes_pictures,
    routes_system,
)
from sdz.service.bodies import Gate, wait_with_continue
from sdz.service.cache import PictureCache
from sdz.service.clients import Clients
from sdz.service.events import EventLog
from sdz.service.guard import Guard
from sdz.service.jobs import JobBook
from sdz.service.memory import trim_when_idle
from sdz.service.metrics import Tally
from sdz.service.pairing import Pairing
from sdz.service.parts import (
    CACHE,
    CLIENTS,
    ENGINE,
    EVENTS,
    GATE,
    GUARD,
    JOBS,
    LIFE,
    PAIRING,
    SETTINGS,
    TALLY,
    Life,
    PictureEngine,
)
from sdz.service.perimeter import perimeter, seal
from sdz.service.routing import Route

if TYPE_CHECKING:
    from sdz.engine.status import Event

ROUTES: Final = (
    *routes_clients.ROUTES,
    *routes_pictures.ROUTES,
    *routes_models.ROUTES,
    *routes_system.ROUTES,
)
"""All routes there are."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the service keeps its files."""

    state: Path
    """who is let in; readable by the user alone"""
    cache: Path
    """decoded pictures; may be deleted at any time"""

    @property
    def clients(self) -> Path:
        """The file of the clients."""
        return self.state / "clients.json"


def create_app(
    settings: Settings,
    places: Places,
    engine: PictureEngine,
    *,
    clients: Clients | None = None,
    pairing: Pairing | None = None,
) -> web.Application:
    """The app. The engine is begun and ended by whoever made it, not by the app."""
    service = settings.service
    # Bodies are read, and limited, by ``bodies.py``.
    app = web.Application(middlewares=[perimeter], client_max_size=service.body_bytes)
    clients = clients or Clients(places.clients)
    pairing = pairing or Pairing(settings.pairing.valid_s, settings.pairing.tries)
    app[SETTINGS] = settings
    app[ENGINE] = engine
    app[CLIENTS] = clients
    app[PAIRING] = pairing
    app[GUARD] = Guard(clients, pairing)
    app[CACHE] = PictureCache(places.cache, settings.cache.size_bytes)
    app[EVENTS] = EventLog()
    app[JOBS] = JobBook(app[EVENTS].publish)
    app[TALLY] = Tally()
    app[GATE] = Gate(service.requests, service.body_memory_bytes)
    app[LIFE] = Life(time.monotonic())
    for route in ROUTES:
        app.router.add_route(
            route.method, route.path, _handler(route), expect_handler=wait_with_continue
        )
    app.on_response_prepare.append(seal)
    app.on_shutdown.append(_drain)
    app.cleanup_ctx.extend((_cache, _jobs, _engine_events, _idle_trim))
    return app


def _handler(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await route.answer(request)

    handle.access = route.access  # type: ignore[attr-defined]  # read by the perimeter
    return handle


async def _drain(app: web.Application) -> None:
    """Refuse what comes now, and end the streams that would never end by themselves."""
    app[LIFE].draining = True
    app[EVENTS].end()


async def _cache(app: web.Application) -> AsyncIterator[None]:
    app[CACHE].open()
    yield
    await app[CACHE].close()


async def _jobs(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[JOBS].close()


async def _engine_events(app: web.Application) -> AsyncIterator[None]:
    """Pass on what the engine tells."""

    def tell(event: Event) -> None:
        app[EVENTS].publish("engine", asdict(event))

    unsubscribe = app[ENGINE].subscribe(tell)
    yield
    unsubscribe()


async def _idle_trim(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(trim_when_idle(app[TALLY]))
    yield
    task.cancel()
