"""Who makes the files of ``sdz watch``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sdz.engine import Engine
from sdz.making.engine import EngineMaker
from sdz.making.first import DaemonFirst

if TYPE_CHECKING:
    from sdz.config import Settings
    from sdz.making.maker import WarmMaker


@asynccontextmanager
async def making(settings: Settings, at_once: int, *, no_daemon: bool) -> AsyncIterator[WarmMaker]:
    """The running daemon, or an engine that is started by the first picture."""
    from sdz.service.process.run import engine_config

    async with Engine(engine_config(settings)) as engine:
        own = EngineMaker(engine, at_once)
        if no_daemon:
            yield own
            return
        by_daemon = DaemonFirst(own)
        try:
            yield by_daemon
        finally:
            by_daemon.close()
