"""A real daemon and a real Chromium that was let in to its dashboard, for tests and screenshots."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Browser, Page, sync_playwright

from sdz.client import Client

PACKAGE = Path(__file__).parents[2] / "daemon"
PATIENCE_MS = 90_000
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
     if (found := shutil.which(name))),
    None,
)  # fmt: skip


class LiveDaemon:
    """``sdz serve`` as a process, with a home of its own."""

    def __init__(self, home: Path, more: Mapping[str, str] | None = None) -> None:
        self.home = home
        self._more = dict(more or {})
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> LiveDaemon:
        environment = {
            **os.environ,
            "SDZ_HOME": str(self.home),
            "PYTHONPATH": str(PACKAGE),
            "PYTHONUNBUFFERED": "1",
            **self._more,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sdz", "serve", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        assert self.url, "the daemon did not start"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it, if it still runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=60)
            self._process = None

    def client(self) -> Client:
        """The user's own command line."""
        return Client.find(self.home / "service")

    def address(self) -> str:
        """A one-time address of its dashboard."""
        with self.client() as client:
            return client.dashboard_address()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the system's, or the one that Playwright installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox"] if os.name == "posix" and os.getuid() == 0 else [],
        )
        try:
            yield browser
        finally:
            browser.close()


def open_dashboard(browser: Browser, daemon: LiveDaemon, **context: object) -> Page:
    """A page in a context of its own, let in by a one-time address."""
    page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    page.goto(daemon.address())
    page.wait_for_selector("#pulse:not([data-state=wait])")
    return page
