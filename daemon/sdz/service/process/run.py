"""``sdz serve``: the daemon from its lock to its last answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from sdz.config import EngineSettings, Settings
from sdz.discovery import Discovery, announce
from sdz.engine import Engine, EngineConfig
from sdz.home import cache_folder
from sdz.service.access.clients import Clients
from sdz.service.app import Folders, create_app
from sdz.service.process.instance import Instance
from sdz.service.process.listen import listening
from sdz.service.process.logs import set_up_logs
from sdz.service.process.notify import feed_watchdog, notify
from sdz.service.process.ports import ADDRESS, bind, owner_of
from sdz.service.process.stopping import Deadline
from sdz.service.system.idle import few_arenas
from sdz.version import __version__

LOG: Final = logging.getLogger("sdz.daemon")


def run_daemon(
    settings: Settings,
    instance: Instance,
    ready: Callable[[str], object],
    folders: Sequence[Path] = (),
) -> int:
    """Serve until a signal says stop; its number. The instance's lock must be held; it is released.

    ``ready`` is told the address once the daemon answers there. ``folders`` are watched as long.
    """
    few_arenas()
    set_up_logs(settings.service.log_level, settings.service.log_format)
    deadline = Deadline(settings.service.shutdown_s)
    try:
        return asyncio.run(_serve(settings, instance, ready, folders, deadline))
    finally:
        instance.release()
        deadline.met()


async def _serve(
    settings: Settings,
    instance: Instance,
    ready: Callable[[str], object],
    folders: Sequence[Path],
    deadline: Deadline,
) -> int:
    service = settings.service
    kept = Folders(instance.folder, pictures_folder(settings))
    clients = Clients(kept.clients)
    async with AsyncExitStack() as ends:
        sock = ends.enter_context(bind(service.port, service.port_tries, _say_taken))
        port: int = sock.getsockname()[1]
        engine = await ends.enter_async_context(Engine(engine_config(settings)))
        ends.push_async_callback(lambda: engine.stop(deadline.engine_s()))
        app = create_app(settings, kept, engine, clients=clients, folders=folders)
        async with listening(app, sock):
            here = Discovery(f"http://{ADDRESS}:{port}", os.getpid(), __version__)
            announce(instance.folder, here, clients.admit_local())
            stop = _first_signal()
            watchdog = asyncio.create_task(feed_watchdog())
            notify("READY=1")
            ready(here.url)
            LOG.info("ready", extra={"fields": {"url": here.url, "pid": here.pid}})
            number = await stop
            deadline.begin(number)
            LOG.info("stopping", extra={"fields": {"url": here.url}})
            notify("STOPPING=1")
            watchdog.cancel()
    return number


def engine_config(settings: Settings) -> EngineConfig:
    """The engine's settings. Its way to say forever is a negative time."""
    engine: EngineSettings = settings.engine
    return EngineConfig(
        device=engine.device,
        keep_alive_s=-1.0 if math.isinf(engine.keep_alive_s) else engine.keep_alive_s,
        queue_limit=engine.queue_limit,
        memory_budget_bytes=engine.memory_budget_bytes,
        memory_limit_bytes=engine.memory_limit_bytes,
        allow_cpu_fallback=engine.allow_cpu_fallback,
        max_pixels=settings.service.pixels,
    )


def pictures_folder(settings: Settings) -> Path:
    """Where decoded pictures are kept: as set, or in the user's cache folder."""
    if settings.cache.folder:
        return Path(settings.cache.folder).expanduser()
    return cache_folder("pictures")


def _say_taken(port: int) -> None:
    fields = {"port": port, "by": owner_of(port)}
    LOG.warning("port is taken, trying the next", extra={"fields": fields})


def _first_signal() -> asyncio.Future[int]:
    """The number of the first signal to stop; the second ends the process at once."""
    loop = asyncio.get_running_loop()
    first: asyncio.Future[int] = loop.create_future()

    def on_signal(number: int) -> None:
        if first.done():
            os._exit(128 + number)
        first.set_result(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda got, _: loop.call_soon_threadsafe(on_signal, got))
        else:
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, on_signal, number)
    return first
