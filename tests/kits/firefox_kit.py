"""Firefox with the extension in it: the system's own, headless, driven through node."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from chromium_kit import CLOSE_WELCOME, until
from live_daemon import Daemon

import extension_tree

ROOT = Path(__file__).parents[2]

ID: Final = "sdz@sdz.invalid"
NAMES: Final = ("gallery", "cdn", "public", "evil", "other")


class Page:
    """A tab."""

    def __init__(self, firefox: Firefox, name: str) -> None:
        self._firefox, self.name = firefox, name

    def goto(self, url: str, wait: str = "load") -> None:
        """Go there; ``wait``: load, domcontentloaded, or none (pages of the extension)."""
        self._firefox.do("open", page=self.name, url=url, wait=wait)

    def evaluate(self, script: str, *words: Any) -> Any:
        """What a JavaScript function gives for these values."""
        return self._firefox.do("evaluate", page=self.name, script=script, words=list(words))

    def click(self, selector: str) -> None:
        """A click of the mouse on an element."""
        self._firefox.do("click", page=self.name, selector=selector)

    def screenshot(self, selector: str) -> bytes:
        """A PNG of an element's box."""
        box = self.evaluate(
            """selector => { const box = document.querySelector(selector).getBoundingClientRect();
            return {x: box.x, y: box.y, width: box.width, height: box.height}; }""",
            selector,
        )
        if not box["width"] or not box["height"]:
            box |= {"width": 1, "height": 1}
        return base64.b64decode(self._firefox.do("screenshot", page=self.name, clip=box))

    @property
    def url(self) -> str:
        """Where it is."""
        at: str = self._firefox.do("address", page=self.name)
        return at

    def close(self) -> None:
        """Close it."""
        self._firefox.do("close", page=self.name)


class Firefox:
    """A profile with the unpacked extension, or ``plain``, without. ``public_port``: counts as the
    internet."""

    def __init__(
        self, folder: Path, public_port: int | None = None, *, plain: bool = False
    ) -> None:
        self._folder, self._public_port, self._plain = folder, public_port, plain
        self._names = (f"page{n}" for n in itertools.count())
        self._own: Page | None = None

    def __enter__(self) -> Firefox:
        tree = None if self._plain else extension_tree.write("firefox", self._folder / "extension")
        node, firefox = shutil.which("node"), shutil.which("firefox-esr") or shutil.which("firefox")
        assert node, "node is missing: scripts/setup --browsers (Debian: apt install nodejs npm)"
        assert firefox, "Firefox is missing: scripts/setup --browsers (apt install firefox-esr)"
        own = str(uuid.uuid4())
        self.origin = f"moz-extension://{own}"
        profile = self._folder / "profile"
        profile.mkdir()
        prefs: dict[str, Any] = {
            "extensions.webextensions.uuids": json.dumps({ID: own}),
            "network.dns.localDomains": ",".join(f"{name}.example" for name in NAMES),
            "gfx.color_management.mode": 0,
            "layout.css.devPixelsPerPx": "1.0",
        }
        if self._public_port is not None:
            prefs["network.lna.address_space.public.override"] = f"127.0.0.1:{self._public_port}"
            prefs["network.lna.enabled"] = True
            prefs["network.lna.blocking"] = True
        self._node = subprocess.Popen(
            [node, str(Path(__file__).with_name("firefox_driver.mjs")), str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.do(
            "start",
            executable=firefox,
            extension=tree and str(tree),
            profile=str(profile),
            prefs=prefs,
            args=["--remote-allow-system-access"],
        )
        if not self._plain:
            # The page that opens after installation: tests begin with no page of the extension.
            until(lambda: self._own_page().evaluate(CLOSE_WELCOME), "the welcome page")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.do("stop")
        finally:
            self._node.communicate(timeout=60)

    def do(self, what: str, **fields: Any) -> Any:
        """One command of the driver."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps({"do": what, **fields}) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        assert line, "the driver ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def page(self, url: str, wait: str = "load", size: tuple[int, int] | None = None) -> Page:
        """A new tab there. ``size``: what it shows of pages, width and height."""
        page = Page(self, next(self._names))
        width, height = size or (900, 700)
        self.do("open", page=page.name, url=url, wait=wait, width=width, height=height)
        return page

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """What the background answers to one of the extension's own pages."""
        answer: dict[str, Any] = self._own_page().evaluate(
            "message => browser.runtime.sendMessage(message)", {"kind": kind, **fields}
        )
        return answer

    def _own_page(self) -> Page:
        if self._own is None:
            own = self.page(f"{self.origin}/viewer/viewer.html", wait="none")
            until(
                lambda: own.url.startswith(self.origin) and own.evaluate("() => !!browser.runtime")
            )
            self._own = own
        return self._own

    def pair(self, daemon: Daemon) -> None:
        """Pair with the daemon."""
        answer = self.ask("pair", code=daemon.code(), port=daemon.port)
        assert answer["ok"], answer

    def pictures_of(self, page: Page) -> list[dict[str, Any]]:
        """What the background says of a page's pictures."""
        assert self._own is not None
        tab = self._own.evaluate(
            "async url => (await browser.tabs.query({})).find(tab => tab.url === url)?.id", page.url
        )
        return self.ask("page", tabId=tab)["pictures"]  # type: ignore[no-any-return]
