"""The service in a thread of its own, for clients that wait for their answers."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

from aiohttp import web
from fake_engine import FakeEngine

from sdz.config import Settings
from sdz.discovery import Discovery, announce
from sdz.service.access.clients import Clients
from sdz.service.app import Folders, create_app
from sdz.service.process.ports import bind


class Served:
    """The service in a thread, for a client that waits."""

    def __init__(self, folder: Path) -> None:
        self.ready = threading.Event()
        self.folder = folder
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Served:
        self._thread.start()
        assert self.ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End it, once or again."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        clients = Clients(self.folder / "clients.json")
        self.local = clients.admit_local()
        self.engine = FakeEngine()
        kept = Folders(self.folder, self.folder / "cache")
        app = create_app(Settings(), kept, self.engine, clients=clients)
        runner = web.AppRunner(app, access_log=None, auto_decompress=False)
        await runner.setup()
        sock = bind(0, 1, list[int]().append)
        self.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        await web.SockSite(runner, sock).start()
        announce(self.folder, Discovery(self.url, os.getpid(), "test"), self.local)
        self.ready.set()
        await self._stop.wait()
        await runner.cleanup()
