"""Pairing in two clicks: the dashboard offers it, the user confirms on a page of the extension."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from chromium_kit import Chromium, until
from firefox_kit import Firefox
from live_daemon import Daemon, usual_port
from own_pages import serious
from playwright.sync_api import Page, expect
from site_kit import Site

PAIR = "pair/pair.html"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """At a port where an extension that is not paired looks."""
    with Daemon(tmp_path_factory.mktemp("home"), port=usual_port()) as running:
        yield running


@pytest.fixture
def dashboard(chromium: Chromium, daemon: Daemon) -> Iterator[Page]:
    """The dashboard in a browser whose extension is not paired."""
    assert chromium.ask("unpair")["ok"]
    with daemon.client() as client:
        page = chromium.page(client.dashboard_address())
    page.bring_to_front()
    yield page
    page.close()


def offer(chromium: Chromium, dashboard: Page) -> Page:
    """The page that opens when the dashboard's button is pressed."""
    with chromium.context.expect_page() as opened:
        dashboard.get_by_role("button", name="Pair this browser").click()
    page = opened.value
    expect(page.locator("#offer")).to_be_visible()
    return page


def tabs(chromium: Chromium) -> list[str]:
    found: list[str] = chromium.worker.evaluate(
        "async () => (await chrome.tabs.query({})).map(({ url }) => url)"
    )
    return found


def test_two_clicks(chromium: Chromium, dashboard: Page, daemon: Daemon) -> None:
    page = offer(chromium, dashboard)
    assert page.url == f"{chromium.origin}/{PAIR}"
    code = dashboard.locator("#code").inner_text()
    expect(page.locator("#code")).to_have_text(code)
    expect(page.locator("#port")).to_have_text(str(daemon.port))
    assert page.evaluate("document.activeElement.id") == "title"
    assert serious(page) == []
    page.get_by_role("button", name="Pair", exact=True).click()
    expect(page.locator("#title")).to_have_text("Paired")
    assert chromium.ask("status")["daemon"] == "found"
    expect(dashboard.locator("#pair-said")).to_contain_text("is let in")
    expect(dashboard.locator("#invite")).to_be_hidden()
    assert serious(page) == []
    page.close()


def test_not_now(chromium: Chromium, dashboard: Page, daemon: Daemon) -> None:
    page = offer(chromium, dashboard)
    page.get_by_role("button", name="Not now").click()
    until(lambda: f"{chromium.origin}/{PAIR}" not in tabs(chromium), "the page to go")
    assert chromium.ask("offered")["offer"] is None
    assert chromium.ask("status")["daemon"] == "unpaired"
    with daemon.client() as client:  # the code is as good as it was, by hand
        assert client.ask("GET", "/v1/pairing").json()["state"] == "open"


def test_two_that_answer_as_daemons_are_not_chosen_between(
    chromium: Chromium, dashboard: Page, daemon: Daemon
) -> None:
    with pretender() as other:
        with chromium.context.expect_page() as opened:
            dashboard.get_by_role("button", name="Pair this browser").click()
        page = opened.value
        expect(page.locator("#said-title")).to_have_text("Two programs answer as sdz")
        expect(page.locator("#said-about")).to_contain_text(str(other.server_port))
        expect(page.locator("#yes")).to_be_hidden()
        code = dashboard.locator("#code").inner_text().replace(" ", "")
        refused = page.evaluate(
            "words => chrome.runtime.sendMessage({kind: 'accept', ...words})",
            {"code": code, "port": daemon.port},
        )
        assert refused["code"] == "pairing-closed"
        page.close()


def test_a_page_cannot_offer_without_a_click(chromium: Chromium, daemon: Daemon) -> None:
    """One that answers as a daemon, with a page like a dashboard, is heard after a click there."""
    assert chromium.ask("unpair")["ok"]
    daemon.stop()  # or there are two, and neither is chosen
    with pretender() as server:
        # Playwright asks a page with a gesture's right, so the page says itself how far it is.
        page = chromium.page(f"http://127.0.0.1:{server.server_port}/")
        until(lambda: "/offered" in server.asked, "the page's own offer")
        assert chromium.ask("offered")["offer"] is None
        assert f"{chromium.origin}/{PAIR}" not in tabs(chromium)
        page.mouse.click(10, 10)
        page.evaluate("offer('87654321')")
        kept = until(lambda: chromium.ask("offered")["offer"], "what was clicked for")
        assert kept == {"code": "87654321", "port": server.server_port, "others": []}
        page.close()
        assert chromium.ask("offered")["offer"] is None
    until(lambda: f"{chromium.origin}/{PAIR}" in tabs(chromium), "the question")
    chromium.worker.evaluate(CLOSE, f"{chromium.origin}/{PAIR}")
    daemon.start()


def test_a_page_of_another_name_or_port_is_told_nothing(chromium: Chromium) -> None:
    assert chromium.ask("unpair")["ok"]
    with pretender(unusual=True) as unusual, pretender() as usual:
        own, other = unusual.server_port, usual.server_port
        for address in (f"127.0.0.1:{own}", f"gallery.example:{other}", f"localhost:{other}"):
            page = chromium.page(f"http://{address}/")
            page.mouse.click(10, 10)
            page.evaluate("offer('12345678')")
            page.evaluate(f"offer('12345678', {other})")
            assert chromium.ask("offered")["offer"] is None
            assert page.evaluate("document.documentElement.dataset.sdzExtension") is None
            page.close()


@pytest.mark.parametrize("path", [PAIR, "welcome/welcome.html", "options/options.html"])
def test_no_page_of_the_web_opens_or_frames_it(chromium: Chromium, site: Site, path: str) -> None:
    address = f"{chromium.origin}/{path}"
    page = chromium.page(site.page("/framing", f"<iframe src='{address}'></iframe>"))
    before = page.url
    assert len(page.frames) == 2
    assert page.frames[1].url != address
    page.evaluate("address => { location = address; }", address)
    until(lambda: page.title() is not None and page.url != before, "the browser's refusal")
    assert page.url != address
    page.close()


def test_only_that_page_says_yes(chromium: Chromium, dashboard: Page, daemon: Daemon) -> None:
    page = offer(chromium, dashboard)
    code = page.locator("#code").inner_text().replace(" ", "")
    said = chromium.ask("accept", code=code, port=daemon.port)
    assert said["code"] == "not-heard"
    page.close()


STANDS = {
    "unseen": ({"daemon": "absent", "seen": False}, "Not found yet"),
    "absent": ({"daemon": "absent", "seen": True}, "Not running"),
    "unpaired": (
        {"daemon": "unpaired", "seen": True, "dashboard": "http://127.0.0.1:7390/"},
        "Running, not paired yet",
    ),
    "found": ({"daemon": "found", "seen": True, "port": 7390}, "Paired and running"),
}
ANSWER = """
const send = chrome.runtime.sendMessage.bind(chrome.runtime);
chrome.runtime.sendMessage = async (message) =>
  message.kind === "status" ? { ok: true, ...%s } : send(message);
"""


@pytest.mark.parametrize("stands", STANDS)
def test_the_page_after_installation(chromium: Chromium, stands: str) -> None:
    """That it opens, and once, the kits see: they close it."""
    status, title = STANDS[stands]
    page = chromium.context.new_page()
    page.set_viewport_size({"width": 360, "height": 700})
    page.emulate_media(color_scheme="dark" if stands == "found" else "light")
    page.add_init_script(ANSWER % json.dumps(status))
    page.goto(f"{chromium.origin}/welcome/welcome.html")
    expect(page.locator("#state")).to_have_text(title)
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) == 0
    assert page.locator("#how").is_visible() is (stands != "found")
    assert page.locator("#dashboard").is_visible() is (stands == "unpaired")
    assert serious(page) == []
    for name in ("Open a file…", *(["here"] if stands == "unpaired" else []), "Options"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == name
    page.close()


def test_in_firefox(firefox: Firefox, daemon: Daemon) -> None:
    with daemon.client() as client:
        page = firefox.page(client.dashboard_address())
    until(lambda: page.evaluate("() => !document.getElementById('invite').hidden"), "the notice")
    page.click("#pair-here")
    kept = until(lambda: firefox.ask("offered")["offer"], "the offer")
    assert kept["port"] == daemon.port
    own = firefox.page(f"{firefox.origin}/{PAIR}", wait="none")
    until(lambda: own.url.startswith(firefox.origin) and own.evaluate("() => !yes.disabled"))
    own.evaluate("() => yes.click()")
    until(lambda: firefox.ask("status")["daemon"] == "found", "the pairing")


CLOSE = """async (url) => {
  for (const { id } of await chrome.tabs.query({ url })) await chrome.tabs.remove(id);
}"""
PAGE = """<!doctype html><title>x</title><div id="pair-code">x</div><script>
function offer(code, port = location.port) {
  Object.assign(document.getElementById("pair-code").dataset, { port, code });
}
new MutationObserver(() => {
  document.getElementById("pair-code").click();
  offer("12345678");
  setTimeout(() => fetch("/offered"));
}).observe(document.documentElement, { attributeFilter: ["data-sdz-extension"] });
</script>"""


class Server(ThreadingHTTPServer):
    """``asked``: the paths."""

    asked: list[str]


@contextmanager
def pretender(*, unusual: bool = False) -> Iterator[Server]:
    """Somebody else's program that answers as a daemon does, with a page like a dashboard."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            hello = self.path.startswith("/v1/hello")
            body = json.dumps({"code": "no-such-client"}) if hello else PAGE
            self.send_response(404 if hello else 200)
            self.send_header("Content-Type", "application/json" if hello else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0 if unusual else usual_port()), Answer)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
