"""Putting the app together: its parts, its routes, and what begins and ends with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

from sdz.config import Settings
from sdz.service.access import routes as routes_clients
from sdz.service.access.clients import Clients
from sdz.service.access.guard import Guard
from sdz.service.access.pairing import Pairing
from sdz.service.access.sessions import Sessions
from sdz.service.dashboard import compare
from sdz.service.dashboard import routes as dashboard
from sdz.service.dashboard.comparer import Comparer
from sdz.service.http.bodies import Gate, wait_with_continue
from sdz.service.http.perimeter import perimeter, seal
from sdz.service.http.routing import Route
from sdz.service.models import routes as routes_models
from sdz.service.models.jobs import JobBook
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
    SESSIONS,
    SETTINGS,
    TALLY,
    WATCHES,
    Life,
    PictureEngine,
)
from sdz.service.pictures import routes as routes_pictures
from sdz.service.pictures.cache import PictureCache
from sdz.service.system import routes as routes_system
from sdz.service.system.events import EventLog
from sdz.service.system.memory import trim_when_idle
from sdz.service.system.metrics import Tally
from sdz.service.watches import routes as routes_watches
from sdz.service.watches.book import WatchBook
from sdz.watch.encoders import EngineEncoder
from sdz.watch.journal.journal import Journal, journal_path

if TYPE_CHECKING:
    from sdz.engine.status import Event

ROUTES: Final = (
    *routes_clients.ROUTES,
    *routes_pictures.ROUTES,
    *routes_models.ROUTES,
    *routes_system.ROUTES,
    *routes_watches.ROUTES,
    *dashboard.ROUTES,
    *compare.ROUTES,
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

    @property
    def watches(self) -> Path:
        """The file of the folders that are watched after a restart."""
        return self.state / "watches.json"


def create_app(
    settings: Settings,
    places: Places,
    engine: PictureEngine,
    *,
    clients: Clients | None = None,
    pairing: Pairing | None = None,
    sessions: Sessions | None = None,
    folders: Sequence[Path] = (),
) -> web.Application:
    """The app. The engine is begun and ended by whoever made it, not by the app.

    folders: to be watched as long as it runs, besides those that were asked for earlier.
    """
    service = settings.service
    # Bodies are read, and limited, by ``bodies.py``.
    app = web.Application(middlewares=[perimeter], client_max_size=service.body_bytes)
    clients = clients or Clients(places.clients)
    pairing = pairing or Pairing(settings.pairing.valid_s, settings.pairing.tries)
    app[SETTINGS] = settings
    app[ENGINE] = engine
    app[CLIENTS] = clients
    app[PAIRING] = pairing
    app[SESSIONS] = sessions or Sessions(service.session_s)
    app[GUARD] = Guard(clients, pairing, app[SESSIONS])
    app[CACHE] = PictureCache(places.cache, settings.cache.size_bytes)
    app[EVENTS] = EventLog()
    app[JOBS] = JobBook(app[EVENTS].publish)
    app[TALLY] = Tally()
    app[compare.COMPARER] = Comparer()
    app[GATE] = Gate(service.requests, service.body_memory_bytes)
    app[LIFE] = Life(time.monotonic())
    app[WATCHES] = _watch_book(app, places)
    for route in ROUTES:
        app.router.add_route(
            route.method, route.path, _handler(route), expect_handler=wait_with_continue
        )
    app.on_response_prepare.append(seal)
    app.on_shutdown.append(_drain)
    app.cleanup_ctx.extend((_cache, _jobs, _comparer, _engine_events, _idle_trim))
    app.cleanup_ctx.append(_watching(folders))
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


async def _comparer(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[compare.COMPARER].close()


async def _engine_events(app: web.Application) -> AsyncIterator[None]:
    """Pass on what the engine tells."""

    def tell(event: Event) -> None:
        app[EVENTS].publish("engine", asdict(event))

    unsubscribe = app[ENGINE].subscribe(tell)
    yield
    unsubscribe()


def _watch_book(app: web.Application, places: Places) -> WatchBook:
    settings = app[SETTINGS].watch
    encoder = EngineEncoder(app[ENGINE], settings.jobs)
    return WatchBook(
        places.watches, settings, encoder, app[EVENTS].publish, lambda: Journal(journal_path())
    )


def _watching(folders: Sequence[Path]) -> Callable[[web.Application], AsyncIterator[None]]:
    async def watch(app: web.Application) -> AsyncIterator[None]:
        await app[WATCHES].open(folders)
        yield
        await app[WATCHES].close()

    return watch


async def _idle_trim(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(trim_when_idle(app[TALLY]))
    yield
    task.cancel()
