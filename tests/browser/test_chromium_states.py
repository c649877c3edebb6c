"""Chromium: what a page shows while the daemon is absent, unpaired, refuses, or lacks a model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from chromium_kit import Chromium, Pixels, looks_like, until
from live_daemon import Daemon
from playwright.sync_api import Page
from shown_kit import until_shown
from site_kit import Site
from variants import copies, earlier_edition

LOG = """window.log = [];
for (const type of ["load", "error"])
  document.addEventListener(type, event => {
    if (event.target.id) log.push(`${type} ${event.target.id}`);
  }, true);"""


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    """Files of an earlier edition, which only the daemon has."""
    return dict(zip("abcdef", copies(earlier_edition(), 6, "state"), strict=True))


@pytest.fixture(scope="module", autouse=True)
def ready(site: Site, pictures: dict[str, bytes]) -> None:
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
    site.script("/log.js", LOG)


@pytest.fixture
def page(chromium: Chromium, site: Site) -> Iterator[Page]:
    html = "<script src=log.js></script>" + "".join(f"<img id={n} src={n}.sdz>" for n in "ab")
    page = chromium.page(site.page("/states", html))
    yield page
    page.close()


@pytest.fixture
def paired(chromium: Chromium, daemon: Daemon) -> None:
    """The extension knows the daemon, whichever of these tests ran before."""
    if chromium.ask("status")["daemon"] != "found":
        chromium.pair(daemon)


def held(page: Page, element: str) -> bool:
    """Whether it keeps its picture's place, and the page has heard nothing of it."""
    box = page.locator(f"#{element}").bounding_box()
    assert box is not None
    return (box["width"], box["height"]) == (320, 213) and page.evaluate("log") == []


def shown(page: Page, wanted: dict[str, Pixels]) -> None:
    for name in "ab":
        until_shown(page, name, wanted[name])
    assert sorted(page.evaluate("log")) == ["load a", "load b"]


def reasons(chromium: Chromium, page: Page) -> set[tuple[str, str]]:
    return {(row["state"], row["reason"]) for row in chromium.pictures_of(page)}


def test_unpaired_then_paired(
    chromium: Chromium, daemon: Daemon, page: Page, wanted: dict[str, Pixels]
) -> None:
    # It does not know the daemon's port yet: nothing is found where daemons usually are, or one is.
    assert chromium.ask("status")["daemon"] in ("absent", "unpaired")
    until(lambda: held(page, "a") and held(page, "b"))
    until(lambda: reasons(chromium, page) <= {("waiting", "absent"), ("waiting", "unpaired")})
    chromium.pair(daemon)
    assert chromium.ask("status")["daemon"] == "found"
    shown(page, wanted)
    until(lambda: reasons(chromium, page) == {("shown", "")})


@pytest.mark.usefixtures("paired")
def test_a_daemon_that_stops_and_comes_back(
    chromium: Chromium, daemon: Daemon, site: Site, wanted: dict[str, Pixels]
) -> None:
    daemon.stop()
    html = "<script src=log.js></script><img id=a src=c.sdz><img id=b src=d.sdz>"
    page = chromium.page(site.page("/stops", html))
    until(lambda: held(page, "a") and held(page, "b"))
    until(lambda: ("waiting", "absent") in reasons(chromium, page))
    assert chromium.ask("status")["daemon"] == "absent"
    until(
        lambda: (
            not looks_like(page.locator("#a").screenshot(), np.full((213, 320, 3), 255, np.int16))
        )
    )
    daemon.start()
    shown(page, {"a": wanted["c"], "b": wanted["d"]})
    page.close()


@pytest.mark.usefixtures("paired")
def test_a_client_that_was_revoked(
    chromium: Chromium, daemon: Daemon, site: Site, wanted: dict[str, Pixels]
) -> None:
    with daemon.client() as client:
        client.revoke(chromium.ask("status")["name"])
    assert chromium.ask("status")["daemon"] == "token-refused"
    html = "<script src=log.js></script><img id=a src=e.sdz><img id=b src=f.sdz>"
    page = chromium.page(site.page("/revoked", html))
    until(lambda: held(page, "a") and held(page, "b"))
    until(lambda: ("waiting", "token-refused") in reasons(chromium, page))
    chromium.pair(daemon)
    shown(page, {"a": wanted["e"], "b": wanted["f"]})
    page.close()


@pytest.mark.usefixtures("paired")
def test_a_missing_model(
    chromium: Chromium, site: Site, model_missing: bytes, wanted: dict[str, Pixels]
) -> None:
    site.sdz("/missing.sdz", model_missing)
    html = "<script src=log.js></script><img id=m src=missing.sdz><img id=a src=a.sdz>"
    page = chromium.page(site.page("/missing", html))
    until_shown(page, "a", wanted["a"])
    until(lambda: ("waiting", "model-missing") in reasons(chromium, page))
    assert page.locator("#m").bounding_box()["width"] == 96  # type: ignore[index]
    assert page.evaluate("log") == ["load a"]
    page.close()


@pytest.mark.usefixtures("paired")
def test_a_daemon_that_ends_in_the_middle_of_many(
    chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]
) -> None:
    names = [f"mid{n}" for n in range(60)]
    for name, data in zip(names, copies(pictures["a"], 60, "middle"), strict=True):
        site.sdz(f"/{name}.sdz", data)
    html = "".join(f"<img id={name} src={name}.sdz>" for name in names)
    page = chromium.page(site.page("/middle", html))
    until(lambda: ("shown", "") in reasons(chromium, page))
    daemon.stop()
    until(lambda: ("waiting", "absent") in reasons(chromium, page))
    daemon.start()
    until(lambda: len(chromium.pictures_of(page)) == len(names))
    until(lambda: reasons(chromium, page) == {("shown", "")})
    page.close()


@pytest.mark.usefixtures("paired")
def test_pictures_in_view_come_first(
    chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]
) -> None:
    names = [f"row{n}" for n in range(30)]
    for name, data in zip(names, copies(pictures["b"], 30, "order"), strict=True):
        site.sdz(f"/{name}.sdz", data)
    spaced = "".join(
        f"<p style='margin:0'><img id={name} src={name}.sdz width=96 height=640>" for name in names
    )
    site.script(
        "/order.js",
        """window.order = [];
        document.addEventListener("load", e => e.target.id && order.push(e.target.id), true);""",
    )
    site.script("/down.js", "scrollTo(0, 1e6)")
    html = f"<script src=order.js></script>{spaced}<script src=down.js></script>"
    daemon.stop()
    page = chromium.page(site.page("/order", html))
    kept = "[...document.images].every(i => getComputedStyle(i).content.includes('url('))"
    until(lambda: page.evaluate(kept))
    daemon.start()
    until(lambda: page.evaluate("order.length") == len(names))
    # One tries whether the daemon is back, then what is at most a screen away, four at a time and
    # in any order of arrival; in the page's order it would be the last.
    assert page.evaluate("order").index(names[-1]) < 6
    page.close()


@pytest.mark.usefixtures("paired")
def test_all_pictures_come_once_wherever_they_are_and_however_their_page_is_moved(
    chromium: Chromium, site: Site, pictures: dict[str, bytes]
) -> None:
    names = [f"all{n}" for n in range(24)]
    for name, data in zip(names, copies(pictures["c"], 24, "moved"), strict=True):
        site.sdz(f"/{name}.sdz", data)
    images = [f"<img id={name} src={name}.sdz>" for name in names]
    four = lambda n: "".join(images[n : n + 4])  # noqa: E731
    html = (
        "<style>section { height: 3000px } .no { display: none } .slides { overflow: hidden;"
        " width: 96px; white-space: nowrap } .flat { height: 0; overflow: hidden }</style>"
        "<script src=seen.js></script>"
        f"<section>{four(0)}</section><section class=no>{four(4)}</section>"
        f"<div class=slides>{four(8)}</div><div class=flat>{four(12)}</div>"
        f"<section><details>{four(16)}</details></section><section>{four(20)}</section>"
    )
    site.script(
        "/seen.js",
        """window.seen = [];
        for (const type of ["load", "error"])
          document.addEventListener(type, e => {
            if (e.target.id) seen.push(`${type} ${e.target.id}`);
          }, true);
        let way = 0;
        window.moving = setInterval(() => scrollTo(0, way++ % 2 ? 1e6 : 0), 20);""",
    )
    page = chromium.page(site.page("/moved", html))
    until(lambda: page.evaluate("seen.length") >= len(names))
    page.evaluate("clearInterval(moving)")
    assert sorted(page.evaluate("seen")) == sorted(f"load {name}" for name in names)
    page.close()
