"""Chromium with the extension and nobody at its wheel: what drives a browser slows it, too.

Tabs are opened by an address alone. Only who wants a picture of one, or pairs the extension, is
connected to it, and then to that tab alone.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

import extension_tree

PATIENCE_S = 60.0


class BareChromium:
    """A headless Chromium with a profile of its own."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self._folder, self._size = folder, size

    def __enter__(self) -> BareChromium:
        chromium = shutil.which("chromium") or shutil.which("google-chrome-for-testing")
        assert chromium, "Chromium is missing: scripts/setup --browsers"
        tree = extension_tree.write("chromium", self._folder / "extension")
        profile = self._folder / "profile"
        words = [
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            f"--disable-extensions-except={tree}",
            f"--load-extension={tree}",
            "--disable-features=DisableLoadExtensionCommandLineSwitch",
            "--force-color-profile=srgb",
            "--host-resolver-rules=MAP *.example 127.0.0.1",
            "--no-first-run",
            f"--window-size={self._size[0]},{self._size[1]}",
            *(["--no-sandbox"] if os.getuid() == 0 else []),
        ]
        self._process = subprocess.Popen([chromium, *words], stderr=subprocess.DEVNULL)
        told = profile / "DevToolsActivePort"
        self._wait(told.exists)
        self._port = int(told.read_text().splitlines()[0])
        workers = lambda: [one for one in self._targets() if one["type"] == "service_worker"]  # noqa: E731
        self._wait(workers)
        self.origin = workers()[0]["url"].removesuffix("/background/main.js")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(30)

    def pair(self, daemon: Any) -> None:
        """Pair with the daemon."""
        tab = self.open(f"{self.origin}/icons/icon.svg")
        message = {"kind": "pair", "code": daemon.code(), "port": daemon.port}
        ask = {
            "expression": f"chrome.runtime.sendMessage({json.dumps(message)})",
            "awaitPromise": True,
            "returnByValue": True,
        }
        # Before its page is there, a tab has nobody whom it could ask.
        while "value" not in (result := self._say(tab, "Runtime.evaluate", ask)["result"]):
            time.sleep(0.05)
        assert result["value"]["ok"], result
        self.close(tab)

    def open(self, url: str) -> str:
        """A tab there, by its id."""
        return str(self._http("PUT", f"new?{url}")["id"])

    def close(self, tab: str) -> None:
        """Close a tab."""
        self._http("GET", f"close/{tab}")

    def screenshot(self, tab: str) -> bytes:
        """What it shows, as PNG."""
        return base64.b64decode(self._say(tab, "Page.captureScreenshot", {})["data"])

    def _say(self, tab: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        async def go() -> dict[str, Any]:
            url = f"ws://127.0.0.1:{self._port}/devtools/page/{tab}"
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(url, max_msg_size=0) as socket,
            ):
                await socket.send_json({"id": 1, "method": method, "params": params})
                while (answer := await socket.receive_json()).get("id") != 1:
                    pass
                return dict(answer["result"])

        return asyncio.run(go())

    def _targets(self) -> list[dict[str, Any]]:
        return list(self._http("GET", "list"))

    def _http(self, method: str, path: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/json/{path}", method=method
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
            text = reply.read().decode()
        return json.loads(text) if text.startswith(("{", "[")) else text

    def _wait(self, look: Any) -> None:
        end = time.monotonic() + PATIENCE_S
        while not look():
            assert time.monotonic() < end, "Chromium did not start"
            time.sleep(0.05)
