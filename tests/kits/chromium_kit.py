"""Chromium with the extension in it: headless, a profile of its own, Playwright at the wheel."""

from __future__ import annotations

import io
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from live_daemon import Daemon
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright

import extension_tree

ROOT = Path(__file__).parents[2]

PATIENCE_S = float(os.environ.get("SDZ_TEST_PATIENCE", "60"))
T = TypeVar("T")
Pixels = NDArray[np.int16]
CLOSE_WELCOME = """async () => {
  const url = chrome.runtime.getURL("welcome/welcome.html");
  const [tab] = (await chrome.tabs.query({})).filter((one) => one.url === url);
  if (tab) await chrome.tabs.remove(tab.id);
  return Boolean(tab);
}"""
HOSTS = "MAP *.example 127.0.0.1, MAP *.local 127.0.0.1"


class Chromium:
    """A persistent context with the unpacked extension, or ``plain``, without. ``public_port``:
    counts as the internet."""

    def __init__(
        self, folder: Path, public_port: int | None = None, *, plain: bool = False
    ) -> None:
        self._folder, self._public_port, self._plain = folder, public_port, plain

    def __enter__(self) -> Chromium:
        chromium = shutil.which("chromium") or shutil.which("google-chrome-for-testing")
        assert chromium, (
            "Chromium is missing: scripts/setup --browsers (Debian: apt install chromium)"
        )
        words = [
            "--headless=new",
            "--force-color-profile=srgb",
            f"--host-resolver-rules={HOSTS}",
        ]
        if not self._plain:
            tree = extension_tree.write("chromium", self._folder / "extension")
            words += [f"--disable-extensions-except={tree}", f"--load-extension={tree}"]
            words.append("--disable-features=DisableLoadExtensionCommandLineSwitch")
        if os.getuid() == 0:
            words.append("--no-sandbox")
        if self._public_port is not None:
            words.append(f"--ip-address-space-overrides=127.0.0.1:{self._public_port}=public")
        self._playwright = sync_playwright().start()
        self.context: BrowserContext = self._playwright.chromium.launch_persistent_context(
            str(self._folder / "profile"),
            executable_path=chromium,
            headless=False,  # Playwright's headless shell loads no extensions: the first word
            args=words,
            viewport={"width": 900, "height": 700},
        )
        self.context.set_default_timeout(PATIENCE_S * 1000)
        self._own: Page | None = None
        if self._plain:
            return self
        self.worker = (
            self.context.service_workers[0]
            if self.context.service_workers
            else self.context.wait_for_event("serviceworker")
        )
        self.origin = self.worker.url.removesuffix("/background/main.js")
        self._see_welcome()
        return self

    def _see_welcome(self) -> None:
        """Close the page that opens after installation: tests begin without one."""
        until(lambda: self.worker.evaluate(CLOSE_WELCOME), "the welcome page")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.context.close()
        self._playwright.stop()

    def page(self, url: str) -> Page:
        """A new page there."""
        page = self.context.new_page()
        page.goto(url)
        return page

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """What the background answers to one of the extension's own pages."""
        if self._own is None or self._own.is_closed():
            self._own = self.page(f"{self.origin}/icons/icon.svg")
        answer: dict[str, Any] = self._own.evaluate(
            "message => chrome.runtime.sendMessage(message)", {"kind": kind, **fields}
        )
        return answer

    def viewer_key(self) -> str:
        """What the browser's redirects open the viewer with."""
        kept: dict[str, str] = self.worker.evaluate("chrome.storage.session.get('viewerKey')")
        return kept["viewerKey"]

    def pair(self, daemon: Daemon) -> None:
        """Pair with the daemon."""
        answer = self.ask("pair", code=daemon.code(), port=daemon.port)
        assert answer["ok"], answer

    def pictures_of(self, page: Page) -> list[dict[str, Any]]:
        """What the background says of a page's pictures."""
        tab = self.worker.evaluate(
            "async url => (await chrome.tabs.query({})).find(tab => tab.url === url)?.id", page.url
        )
        return self.ask("page", tabId=tab)["pictures"]  # type: ignore[no-any-return]


def until(look: Callable[[], T], what: str = "", patience_s: float = PATIENCE_S) -> T:
    """What ``look`` gives once it gives something."""
    end = time.monotonic() + patience_s
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, f"waited in vain: {what or look}"
        time.sleep(0.1)


def pixels(file: bytes) -> Pixels:
    """[height, width, 3] of a picture file, on white."""
    image = Image.open(io.BytesIO(file)).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image).convert("RGB")).astype(np.int16)


def looks_like(seen: bytes | None, wanted: Pixels, most: int = 3) -> bool:
    """Whether a screenshot shows those pixels; a colour may differ by ``most`` of 255."""
    if seen is None:
        return False
    found = pixels(seen)
    return found.shape == wanted.shape and int(np.abs(found - wanted).max()) <= most


class World:
    """The extension's own world in a page, as who has taken a content script over has it."""

    def __init__(self, page: Page, origin: str) -> None:
        self._session = page.context.new_cdp_session(page)
        self._origin, self._context = origin, 0

    def __enter__(self) -> World:
        self._session.on("Runtime.executionContextCreated", self._note)
        self._session.send("Runtime.enable")
        until(lambda: self._context, "the content script's world")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.detach()

    def _note(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["origin"] == self._origin:
            self._context = context["id"]

    def evaluate(self, expression: str) -> Any:
        """What an expression gives there."""
        answer = self._session.send(
            "Runtime.evaluate",
            {
                "expression": expression,
                "contextId": self._context,
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """What the background answers to a content script."""
        message = json.dumps({"kind": kind, **fields})
        answer: dict[str, Any] = self.evaluate(f"chrome.runtime.sendMessage({message})")
        return answer


class Trace:
    """What a page's process did within the block."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._page = page
        self._events: list[dict[str, Any]] = []
        self._done = False

    def __enter__(self) -> Trace:
        self._session.on("Tracing.dataCollected", lambda event: self._events.extend(event["value"]))
        self._session.on("Tracing.tracingComplete", lambda _: setattr(self, "_done", True))
        self._session.send(
            "Tracing.start", {"traceConfig": {"includedCategories": ["devtools.timeline", "v8"]}}
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.send("Tracing.end")
        end = time.monotonic() + PATIENCE_S
        while not self._done and time.monotonic() < end:
            self._page.wait_for_timeout(50)
        self._session.detach()

    def calls(self, origin: str) -> int:
        """How often an origin's scripts were evaluated or called until the page's load."""
        loaded = max(event["ts"] for event in self._events if event["name"] == "MarkLoad")
        called = (
            event
            for event in self._events
            if event["name"] in ("EvaluateScript", "FunctionCall") and event["ts"] <= loaded
        )
        urls = (str(event.get("args", {}).get("data", {}).get("url", "")) for event in called)
        return sum(url.startswith(origin) for url in urls)
