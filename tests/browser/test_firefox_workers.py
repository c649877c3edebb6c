"""Firefox: pictures that a page's service worker answers, or a redirect leads to."""

from __future__ import annotations

from typing import Final

import pytest
from chromium_kit import Pixels, pixels, until
from firefox_kit import Firefox
from live_daemon import Daemon
from shown_kit import until_shown
from site_kit import Answer, Site
from variants import earlier_edition

HOST: Final = "127.0.0.1"  # workers are for secure origins alone
WORKER: Final = """
addEventListener("install", (event) => event.waitUntil((async () => {
  await (await caches.open("kept")).addAll(["/kept.sdz", "/kept"]);
  await skipWaiting();
})()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => event.respondWith((async () => {
  return (await caches.match(event.request)) ?? fetch(event.request);
})()));
"""
CLAIM: Final = """async () => {
  await navigator.serviceWorker.register("/worker.js");
  if (!navigator.serviceWorker.controller) {
    await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
  }
}"""
READ: Final = """name => {
  const context = document.createElement("canvas").getContext("2d");
  context.drawImage(document.getElementById(name), 0, 0);
  try { return context.getImageData(0, 0, 1, 1).data.join(); } catch (error) { return error.name; }
}"""
HEAD: Final = """async url => {
  const bytes = await (await fetch(url)).arrayBuffer();
  return String.fromCharCode(...new Uint8Array(bytes).slice(1, 4));
}"""


@pytest.fixture(scope="module", autouse=True)
def served(firefox: Firefox, daemon: Daemon, site: Site, pictures: dict[str, bytes]) -> str:
    """The address of a page that a service worker serves."""
    firefox.pair(daemon)
    site.sdz("/kept.sdz", pictures["a"], "image/x-sdz")
    site.sdz("/kept", pictures["b"], "application/octet-stream")
    site.sdz("/passed.sdz", pictures["c"])
    site.sdz("/away.sdz", pictures["d"])
    site.sdz("/sheet.sdz", pictures["e"])
    site.script("/worker.js", WORKER)
    away = site.url("/away.sdz", "cdn.example")
    site.page(
        "/served",
        "<style>#sheet { width: 96px; height: 64px; background: url(/sheet.sdz) }</style>"
        "<img id=kept src=/kept.sdz><img id=unnamed src=/kept><img id=passed src=/passed.sdz>"
        f"<img id=away src={away}><div id=sheet></div>",
        csp="",
    )
    address = site.url("/served", HOST)
    page = firefox.page(address)
    page.evaluate(CLAIM)
    page.close()
    return address


def test_what_a_worker_answers_is_shown(
    firefox: Firefox, served: str, wanted: dict[str, Pixels]
) -> None:
    page = firefox.page(served)
    assert page.evaluate("() => !!navigator.serviceWorker.controller")
    shows = {"kept": "a", "unnamed": "b", "passed": "c", "away": "d", "sheet": "e"}
    for element, name in shows.items():
        until_shown(page, element, wanted[name])
    assert page.evaluate(READ, "away") == "SecurityError"
    assert page.evaluate(READ, "kept") not in ("SecurityError", "0,0,0,0")
    # What the worker keeps, and what scripts get, stays the file.
    assert page.evaluate(HEAD, "/kept.sdz") == page.evaluate(HEAD, "/passed.sdz") == "SDZ"
    page.close()


def test_it_waits_for_the_daemon(firefox: Firefox, daemon: Daemon, site: Site) -> None:
    site.sdz("/late.sdz", earlier_edition())
    with daemon.client() as client:
        wanted = pixels(client.decode(earlier_edition(), "png"))
    site.page("/waits", "<img id=x src=/late.sdz>", csp="")
    daemon.stop()
    page = firefox.page(site.url("/waits", HOST))
    until(lambda: page.evaluate("() => document.images[0].naturalWidth") == 320, "its size")
    daemon.start()
    until_shown(page, "x", wanted)
    page.close()


def test_going_to_what_a_worker_answers(firefox: Firefox, site: Site) -> None:
    page = firefox.page(site.url("/kept.sdz", HOST), wait="none")
    until(lambda: page.url.startswith(f"{firefox.origin}/viewer/viewer.html"))
    until(lambda: page.url.endswith(f"#{site.url('/kept.sdz', HOST)}"))
    page.close()


def test_a_page_of_that_name_is_handed_back(firefox: Firefox, site: Site) -> None:
    site.answers["/page.sdz"] = Answer(b"<!doctype html><title>a page</title>")
    page = firefox.page(site.url("/page.sdz", HOST), wait="none")
    until(lambda: page.evaluate("() => document.title") == "a page")
    page.close()


def test_a_redirect_leads_to_a_picture(
    firefox: Firefox, site: Site, wanted: dict[str, Pixels]
) -> None:
    to = {"near": "/passed.sdz", "far": site.url("/away.sdz", "cdn.example")}
    for name, address in to.items():
        site.answers[f"/to/{name}"] = Answer(status=302, headers={"Location": address})
    page = firefox.page(
        site.page("/moved", "<img id=near src=/to/near><img id=far src=/to/far>", csp="")
    )
    until_shown(page, "near", wanted["c"])
    until_shown(page, "far", wanted["d"])
    assert page.evaluate(READ, "far") == "SecurityError"
    page.close()
