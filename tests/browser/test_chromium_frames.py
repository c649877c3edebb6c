"""Chromium: pictures in frames, objects and embeds."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import framed
import pytest
from chromium_kit import Chromium, Pixels, pixels, until
from live_daemon import Daemon
from playwright.sync_api import Page
from shown_kit import until_shown
from site_kit import Site
from variants import earlier_edition

SHOWS = framed.SHOWS | framed.TYPED


@pytest.fixture(scope="module")
def page(
    chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]
) -> Iterator[Page]:
    chromium.pair(daemon)
    page = chromium.page(framed.put_up(site, pictures))
    saved: list[str] = []
    page.on("download", lambda download: saved.append(download.url))
    yield page
    assert saved == []


@pytest.mark.parametrize("element", SHOWS)
def test_an_element_shows_its_picture(page: Page, wanted: dict[str, Pixels], element: str) -> None:
    until_shown(page, element, wanted[SHOWS[element]])


def test_a_page_cannot_look_into_it(page: Page) -> None:
    look = "name => document.getElementById(name).contentDocument"
    assert page.evaluate(look, "frame") is None
    assert page.evaluate(look, "object") is None


def test_what_is_meant_to_be_saved_is_saved(
    chromium: Chromium, site: Site, pictures: dict[str, bytes]
) -> None:
    site.sdz("/saved", pictures["a"], "image/x-sdz", Content_Disposition="attachment")
    page = chromium.page(site.page("/saving", "", csp=""))
    with page.expect_download() as download:
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('iframe'), {src: '/saved'}))"
        )
    assert download.value.url == site.url("/saved")
    page.close()


def test_it_waits_for_the_daemon(chromium: Chromium, daemon: Daemon, site: Site) -> None:
    if chromium.ask("status")["daemon"] != "found":
        chromium.pair(daemon)
    site.sdz("/late", earlier_edition(), "image/x-sdz")
    with daemon.client() as client:
        wanted = pixels(client.decode(earlier_edition(), "png"))
    daemon.stop()
    html = (
        "<style>iframe { border: 0 }</style><iframe id=x src=/late width=320 height=213></iframe>"
    )
    page = chromium.page(site.page("/waits", html, csp=""))
    words = page.frame_locator("#x").locator("#words")
    until(lambda: words.inner_text() == "sdz is not running", "the words")
    daemon.start()
    until_shown(page, "x", wanted)
    page.close()


def test_a_site_that_is_switched_off(chromium: Chromium, site: Site) -> None:
    origin = site.url("", "other.example")
    chromium.ask("site", origin=origin, on=False)
    site.page("/off", "<iframe id=x src=/a></iframe>", csp="")
    page = chromium.page(site.url("/off", "other.example"))
    inner = page.frame_locator("#x")
    until(lambda: inner.locator("#words").inner_text() != "", "the words")
    assert not inner.locator("#picture").is_visible()
    page.close()


def test_no_page_has_a_private_address_fetched_by_a_frame(
    chromium: Chromium, site: Site, pictures: dict[str, bytes]
) -> None:
    """Nor one with the user's cookies; a frame of ours can be put anywhere, with any address."""
    with Site() as inside:
        inside.sdz("/a.sdz", pictures["a"])
        site.sdz("/cookie.sdz", pictures["a"])
        chromium.page(site.page("/sign-in", "", csp="")).evaluate("document.cookie = 'who=me'")
        page = chromium.page(site.page("/evil", "", csp=""))
        for name, to in {
            "private": f"http://127.0.0.1:{inside.port}/a.sdz",
            "cookie": site.url("/cookie.sdz"),
        }.items():
            page.evaluate(
                """([id, src]) => document.body.append(
                  Object.assign(document.createElement("iframe"), { id, src }))""",
                [name, f"{chromium.origin}/frame/frame.html#{to}"],
            )
        refused = page.frame_locator("#private").locator("#words")
        until(lambda: refused.inner_text() != "", "the refusal")
        until(lambda: page.frame_locator("#cookie").locator("#picture").is_visible())
        assert inside.asked == []
        asked = [one for one in site.asked if one.path == "/cookie.sdz"]
        assert [one.cookie for one in asked] == [""]
        assert page.frame_locator("#cookie").locator("body").evaluate("() => origin") != "null"
        page.close()


def test_a_file_within_the_page_itself(
    chromium: Chromium, site: Site, pictures: dict[str, bytes], wanted: dict[str, Pixels]
) -> None:
    """As a data: address there is no request that could be looked at."""
    within = {
        name: f"data:image/x-sdz;base64,{base64.b64encode(pictures[name]).decode()}"
        for name in ("a", "b", "c")
    }
    html = f"""<style>div {{ width: 96px; height: 64px }}
        #sheet {{ background: url({within["a"]}) }}</style>
        <div id=sheet></div><div id=inline style="background: url({within["b"]})"></div>
        <img id=img src="{within["c"]}">"""
    page = chromium.page(site.page("/within", html, csp=""))
    for element, name in {"sheet": "a", "inline": "b", "img": "c"}.items():
        until_shown(page, element, wanted[name])
    page.close()
