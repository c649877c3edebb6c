"""The service on a port of its own, with an engine that only notes what it is asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fake_engine import FakeEngine
from pytest_aiohttp import AiohttpClient, AiohttpServer
from service_kit import Clock, Daemon, MakeDaemon

from sdz.config import Settings
from sdz.service.access.clients import Clients
from sdz.service.access.pairing import Pairing
from sdz.service.app import Folders, create_app


@pytest.fixture
def make_daemon(
    tmp_path: Path, aiohttp_server: AiohttpServer, aiohttp_client: AiohttpClient
) -> MakeDaemon:
    """Makes services; keyword arguments are settings of their part ``service``."""

    async def make(**service: Any) -> Daemon:
        settings = Settings()
        settings = replace(settings, service=replace(settings.service, **service))
        kept = Folders(tmp_path / "state", tmp_path / "cache")
        clients, clock, engine = Clients(kept.clients), Clock(), FakeEngine()
        pairing = Pairing(120.0, 5, clock=clock)
        app = create_app(settings, kept, engine, clients=clients, pairing=pairing)
        server = await aiohttp_server(app, auto_decompress=False, lingering_time=0.05)
        client: Any = await aiohttp_client(server)
        local = clients.admit_local()
        return Daemon(client, engine, clients, pairing, clock, local, kept, app)

    return make


@pytest_asyncio.fixture
async def daemon(make_daemon: MakeDaemon) -> Daemon:
    """The service with its usual settings."""
    return await make_daemon()
