"""Putting the app together: its parts, its routes, and what begins and ends with it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from sdz.config import Settings
from sdz.making.engine import EngineMaker
from sdz.service.access import routes as access
from sdz.service.access.clients import CLIENTS, Clients
from sdz.service.access.guard import GUARD, Guard, admit
from sdz.service.access.pairing import PAIRING, Pairing
from sdz.service.access.sessions import SESSIONS, Sessions
from sdz.service.dashboard import routes as dashboard
from sdz.service.dashboard.comparer import COMPARER, Comparer
from sdz.service.engine import ENGINE, RESULTS, PictureEngine
from sdz.service.http.bodies import GATE, LIMITS, Gate
from sdz.service.http.events import EVENTS, EventLog
from sdz.service.http.perimeter import perimeter, seal
from sdz.service.http.routing import add_routes
from sdz.service.http.traffic import TRAFFIC, Traffic
from sdz.service.jobs import routes as jobs
from sdz.service.jobs.book import JOBS, JobBook
from sdz.service.models import routes as models
from sdz.service.models.pulls import PULLS, PullBook
from sdz.service.pictures import routes as pictures
from sdz.service.pictures.cache import CACHE, PictureCache
from sdz.service.system import routes as system
from sdz.service.system.idle import trim_when_idle
from sdz.service.system.life import LIFE, Life, refuse_when_draining
from sdz.service.watches import routes as watches
from sdz.service.watches.book import WATCHES, WatchBook
from sdz.watch.folder import usual_jobs
from sdz.watch.journal.journal import Journal, journal_path

ROUTES: Final = (
    *access.ROUTES,
    *pictures.ROUTES,
    *models.ROUTES,
    *jobs.ROUTES,
    *system.ROUTES,
    *watches.ROUTES,
    *dashboard.ROUTES,
)
"""All routes there are."""


@dataclass(frozen=True, slots=True)
class Folders:
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
    kept: Folders,
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
    limits = settings.service
    # Bodies are read, and limited, by ``bodies.py``.
    app = web.Application(
        middlewares=[perimeter, admit, refuse_when_draining], client_max_size=limits.body_bytes
    )
    app[LIMITS], app[GATE] = limits, Gate(limits.requests, limits.body_memory_bytes)
    app[TRAFFIC], app[EVENTS] = Traffic(), EventLog()
    app[LIFE] = Life(time.monotonic())
    app[CLIENTS] = clients or Clients(kept.clients)
    app[PAIRING] = pairing or Pairing(settings.pairing.valid_s, settings.pairing.tries)
    app[SESSIONS] = sessions or Sessions(limits.session_s)
    app[GUARD] = Guard(app[CLIENTS], app[PAIRING], app[SESSIONS])
    app[ENGINE], app[RESULTS] = engine, Counter()
    app[CACHE] = PictureCache(kept.cache, settings.cache.size_bytes)
    app[JOBS] = JobBook(app[EVENTS].publish)
    app[PULLS] = PullBook(app[JOBS])
    app[COMPARER] = Comparer(memory_limit=settings.engine.memory_limit_bytes)
    app[WATCHES] = WatchBook(
        kept.watches,
        settings.watch,
        EngineMaker(engine, settings.watch.jobs or usual_jobs()),
        app[EVENTS].publish,
        lambda: Journal(journal_path()),
    )
    add_routes(app, ROUTES)
    app.on_response_prepare.append(seal)
    app.on_shutdown.append(_drain)
    app.cleanup_ctx.append(_while_it_runs(folders))
    return app


async def _drain(app: web.Application) -> None:
    """Refuse what comes now, and end the streams that would never end by themselves."""
    app[LIFE].draining = True
    app[EVENTS].end()


def _while_it_runs(folders: Sequence[Path]) -> Callable[[web.Application], AsyncIterator[None]]:
    """What begins with the app, and ends with it the other way round."""

    async def run(app: web.Application) -> AsyncIterator[None]:
        publish = app[EVENTS].publish
        async with AsyncExitStack() as ends:
            app[CACHE].open()
            for part in (app[CACHE], app[JOBS], app[COMPARER]):
                ends.push_async_callback(part.close)
            ends.callback(app[ENGINE].subscribe(lambda event: publish("engine", asdict(event))))
            ends.callback(asyncio.create_task(trim_when_idle(app[TRAFFIC])).cancel)
            ends.callback(asyncio.create_task(app[JOBS].tend()).cancel)
            ends.push_async_callback(app[WATCHES].close)
            await app[WATCHES].open(folders)
            yield

    return run
