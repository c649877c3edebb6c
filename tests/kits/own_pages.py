"""What the tests of the extension's own pages share: faults are noted, and axe looks at them."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from chromium_kit import PATIENCE_S, Chromium
from playwright.sync_api import Page, expect

expect.set_options(timeout=PATIENCE_S * 1000)

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")

# Holds back answers that a test wants to see the page without: `held(message)` says which.
HOLD = """
{
  const send = chrome.runtime.sendMessage.bind(chrome.runtime);
  globalThis.release = null;
  const gate = new Promise((resolve) => (globalThis.release = resolve));
  chrome.runtime.sendMessage = async (message) => {
    if ((%s)(message)) await gate;
    return send(message);
  };
}
"""


class OwnPages:
    """Opens own pages; ``faults`` are errors and broken policies of all of them."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium
        self.faults: list[str] = []
        self._pages: list[Page] = []

    def open(self, path: str, hold: str = "", scheme: str = "light", width: int = 1100) -> Page:
        """A page of the extension. ``hold``: a function of a message, as JavaScript."""
        page = self.chromium.context.new_page()
        self._pages.append(page)
        page.set_viewport_size({"width": width, "height": 700})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._hear(said.text))
        if hold:
            page.add_init_script(HOLD % hold)
        page.goto(f"{self.chromium.origin}/{path}")
        return page

    def viewer(self, address: str, hold: str = "", scheme: str = "light") -> Page:
        """The viewer at an address."""
        return self.open(f"viewer/viewer.html#{address}", hold, scheme)

    def close(self) -> None:
        """Close what was opened."""
        for page in self._pages:
            page.close()

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.faults.append(text)


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or worse, with where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
