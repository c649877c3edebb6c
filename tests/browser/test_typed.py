"""Pictures that a page offers by their type beside others: the extension has them chosen."""

from __future__ import annotations

import numpy as np
import pytest
from chromium_kit import Chromium, Pixels, pixels
from drawn import as_file, scene
from firefox_kit import Firefox
from live_daemon import Daemon
from shown_kit import until_shown
from site_kit import Answer, Site
from variants import earlier_edition

Browser = Chromium | Firefox
FALLBACK = as_file(scene(64, 96, 77))
LOG = """window.log = [];
for (const type of ["load", "error"])
  document.addEventListener(type, event => {
    if (event.target.id) log.push(`${type} ${event.target.id}`);
  }, true);"""
LATER = """addEventListener("load", () => {
  const made = document.createElement("picture");
  made.innerHTML = "<source type=image/x-sdz srcset=b.sdz><img id=later src=p.png>";
  document.body.append(made);
});"""
STYLE = """#style { width: 96px; height: 64px; background:
  image-set("c.sdz" type("image/x-sdz"), "p.png" type("image/png")) no-repeat }"""


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest, site: Site, pictures: dict[str, bytes]) -> Browser:
    found: Browser = request.getfixturevalue(request.param)
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data, "image/x-sdz")
    site.sdz("/earlier.sdz", earlier_edition(), "image/x-sdz")
    damaged = bytearray(pictures["a"])
    damaged[-20] ^= 1
    site.sdz("/damaged.sdz", bytes(damaged), "image/x-sdz")
    site.answers["/p.png"] = Answer(FALLBACK, "image/png")
    site.script("/log.js", LOG)
    site.script("/later.js", LATER)
    return found


def picture(name: str, element: str) -> str:
    return (
        f"<picture><source type='image/x-sdz' srcset={name}.sdz>"
        f"<source type=image/png srcset=p.png><img id={element} src=p.png></picture>"
    )


@pytest.fixture
def paired(browser: Browser, daemon: Daemon) -> None:
    if browser.ask("status")["daemon"] != "found":
        browser.pair(daemon)


@pytest.mark.usefixtures("paired")
def test_elements(browser: Browser, site: Site, wanted: dict[str, Pixels]) -> None:
    html = (
        "<link rel=preload as=image type=image/x-sdz href=d.sdz><script src=log.js></script>"
        f"{picture('a', 'x')}<script src=later.js></script><img id=d src=d.sdz>"
    )
    page = browser.page(site.page("/typed", html, csp=""))
    until_shown(page, "x", wanted["a"])
    until_shown(page, "later", wanted["b"])
    until_shown(page, "d", wanted["d"])
    assert "error x" not in page.evaluate("() => log")
    page.close()


@pytest.mark.usefixtures("paired")
def test_styles(browser: Browser, site: Site, wanted: dict[str, Pixels]) -> None:
    inline = 'background: image-set("b.sdz" type("image/x-sdz"), "p.png" type("image/png"))'
    html = (
        f"<style>{STYLE}</style><div id=style></div>"
        f"<div id=inline style='width:96px;height:64px;{inline}'></div>"
    )
    page = browser.page(site.page("/styled", html, csp=""))
    until_shown(page, "style", wanted["c"])
    until_shown(page, "inline", wanted["b"])
    page.close()


@pytest.mark.usefixtures("paired")
def test_what_cannot_be_shown_leaves_the_pages_next_choice(browser: Browser, site: Site) -> None:
    html = f"<script src=log.js></script>{picture('damaged', 'x')}{picture('none', 'y')}"
    page = browser.page(site.page("/worse", html, csp=""))
    for element in "xy":
        until_shown(page, element, pixels(FALLBACK))
    assert not any(line.startswith("error") for line in page.evaluate("() => log"))
    page.close()


def test_what_would_have_to_wait_leaves_the_pages_next_choice(browser: Browser, site: Site) -> None:
    assert browser.ask("unpair")["ok"]
    page = browser.page(site.page("/waits", picture("earlier", "x"), csp=""))
    until_shown(page, "x", pixels(FALLBACK))
    page.close()


@pytest.mark.usefixtures("paired")
def test_a_site_that_is_switched_off_is_left_its_choice(browser: Browser, site: Site) -> None:
    address = site.page("/off", picture("a", "x"), csp="")
    origin = address.removesuffix("/off")
    assert browser.ask("site", origin=origin, on=False)["ok"]
    page = browser.page(address)
    until_shown(page, "x", pixels(FALLBACK))
    assert browser.ask("site", origin=origin, on=True)["ok"]
    page.close()


def test_that_they_differ(wanted: dict[str, Pixels]) -> None:
    assert all(
        np.abs(one - pixels(FALLBACK)).max() > 50
        for one in wanted.values()
        if one.shape == (64, 96, 3)
    )
