"""Answering on a socket, from the app's start to its end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from sdz.service.http.bodies import LIMITS
from sdz.service.http.connection import Connection
from sdz.service.http.traffic import TRAFFIC


@asynccontextmanager
async def listening(app: web.Application, sock: socket.socket) -> AsyncIterator[None]:
    """Answer on a socket. At the end, answers under way have their time to be finished."""
    limits, traffic = app[LIMITS], app[TRAFFIC]
    runner = web.AppRunner(
        app,
        handle_signals=False,
        handler_cancellation=True,  # nobody waits for the picture of a page that was left
        shutdown_timeout=limits.shutdown_s,
    )
    await runner.setup()
    server = runner.server
    assert server is not None
    loop = asyncio.get_running_loop()

    def connection() -> Connection:
        return Connection(
            server,
            traffic,
            limits.body_stall_s,
            loop=loop,
            auto_decompress=False,
            keepalive_timeout=75.0,
            lingering_time=1.0,
        )

    try:
        listener = await loop.create_server(connection, sock=sock, backlog=1024)
        try:
            yield
        finally:
            listener.close()
    finally:
        await runner.cleanup()
