"""What tests of the service speak through: a running service, its answers, a clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient
from fake_engine import FakeEngine

from sdz.discovery import Credentials
from sdz.service.access.clients import Clients
from sdz.service.access.pairing import Pairing
from sdz.service.app import Folders

JSON = {"Content-Type": "application/json"}
SDZ = {"Content-Type": "application/x-sdz"}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Daemon:
    """The service under test and those who speak to it."""

    client: TestClient[Any, Any]
    engine: FakeEngine
    clients: Clients
    pairing: Pairing
    clock: Clock
    local: Credentials
    kept: Folders
    app: web.Application = field(repr=False)

    @property
    def port(self) -> int:
        assert self.client.port is not None
        return self.client.port

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.local.token}"}

    async def ask(
        self, method: str, path: str, data: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """A request of the user's own command line."""
        sent = {**self.bearer, **(headers or {})}
        async with self.client.request(
            method, path, data=data, headers=sent, skip_auto_headers=("Content-Type", "Accept")
        ) as reply:
            return Answer(reply.status, await reply.read(), reply.headers)

    async def raw(self, request: bytes) -> bytes:
        """All that comes back for these very bytes, until the connection is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        await writer.drain()
        try:
            return await reader.read()
        finally:
            writer.close()


@dataclass
class Answer:
    status: int
    data: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def code(self) -> str:
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.data
        code: str = self.json["code"]
        return code


MakeDaemon = Callable[..., Awaitable[Daemon]]
