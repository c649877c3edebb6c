"""Routes on the daemon itself: status, events, figures, the API's description."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import asdict
from typing import Final

from aiohttp import web

from sdz.engine.status import EngineStatus
from sdz.service.access.clients import CLIENTS
from sdz.service.access.guard import CLIENT
from sdz.service.access.pairing import PAIRING
from sdz.service.engine import ENGINE, RESULTS
from sdz.service.http.bodies import LIMITS
from sdz.service.http.events import EVENTS
from sdz.service.http.routing import ALL_ROUTES, JSON_TYPE, Call, Gives, Routes
from sdz.service.http.traffic import TRAFFIC
from sdz.service.pictures.cache import CACHE
from sdz.service.system.life import LIFE
from sdz.service.system.shapes import CacheReport, EngineReport, ResidentModel, Status
from sdz.service.watches.book import WATCHES
from sdz.version import __version__

EVENT_STREAM: Final = "text/event-stream"
PROMETHEUS: Final = "text/plain"

ROUTES: Final = Routes()


@ROUTES.add(
    "GET",
    "/v1/status",
    "Version, device, models in memory, queue, cache",
    Gives(Status, "the daemon as it stands"),
)
async def status(call: Call) -> Status:
    """The daemon as it stands."""
    app = call.app
    cache = app[CACHE]
    return Status(
        version=__version__,
        pid=os.getpid(),
        url=f"http://127.0.0.1:{call.port}",
        uptime_s=round(time.monotonic() - app[LIFE].started, 3),
        requests=app[TRAFFIC].under_way,
        draining=app[LIFE].draining,
        pairing_open=app[PAIRING].is_open,
        clients=len(app[CLIENTS].active()),
        engine=_engine_report(app[ENGINE].status()),
        cache=CacheReport(cache.bytes, cache.limit, len(cache)),
    )


def _engine_report(engine: EngineStatus) -> EngineReport:
    return EngineReport(
        state=engine.state,
        device=engine.device,
        resident_bytes=sum(process.resident_bytes for process in engine.processes),
        models=[ResidentModel(**asdict(model)) for model in engine.models],
        queued=engine.queued,
        running=engine.running,
        rungs=engine.counters.rungs,
    )


@ROUTES.add(
    "GET",
    "/v1/events",
    "Server-Sent Events; ids replay by Last-Event-ID",
    Gives(about="events job, engine, client, watch and gap", media=(EVENT_STREAM,)),
)
async def events(call: Call) -> web.StreamResponse:
    """What happens, as it happens; ``Last-Event-ID`` asks for what was missed."""
    request, app = call.request, call.app
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type = EVENT_STREAM
    heartbeat_s = app[LIMITS].heartbeat_s
    with app[EVENTS].listen(request.headers.get("Last-Event-ID")) as reader:
        await response.prepare(request)
        await response.write(b": hello\n\n")  # so that the client sees at once that it is on
        while True:
            try:
                async with asyncio.timeout(heartbeat_s):
                    event = await reader.next()
            except TimeoutError:
                await response.write(b": beat\n\n")
                continue
            if event is None:
                return response
            if event.kind == "watch" and not request[CLIENT].is_local:
                continue  # names of the user's files are no business of an extension
            await response.write(event.encode())


@ROUTES.add(
    "GET", "/metrics", "Figures for Prometheus", Gives(about="figures", media=(PROMETHEUS,))
)
async def metrics(call: Call) -> web.Response:
    """All figures, for Prometheus."""
    from sdz.service.system.metrics import Figures, render

    app = call.app
    watches = await app[WATCHES].rows()
    figures = Figures(app[TRAFFIC], app[ENGINE].status(), app[RESULTS], app[CACHE], watches)
    body, kind = render(figures)
    return web.Response(body=body, headers={"Content-Type": kind})


@ROUTES.add(
    "GET", "/openapi.json", "This description", Gives(about="OpenAPI 3.1", media=(JSON_TYPE,))
)
async def openapi(call: Call) -> web.Response:
    """This API, described."""
    from sdz.service.http.openapi import document_text

    return web.Response(body=document_text(call.app[ALL_ROUTES]).encode(), content_type=JSON_TYPE)
