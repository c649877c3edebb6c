"""Chromium: what a page's own scripts see of a picture is what they would see of a PNG."""

from __future__ import annotations

import base64

import pytest
from chromium_kit import Chromium, Pixels, looks_like, until
from live_daemon import Daemon
from shown_kit import until_shown
from site_kit import Site

LOG = """
window.log = [];
const note = event => {
  if (event.target.localName === "img") log.push(`${event.type} ${event.target.id}`);
};
for (const type of ["load", "error"]) {
  addEventListener(type, note, true);
  document.addEventListener(type, note, true);
}
"""


@pytest.fixture(scope="module", autouse=True)
def ready(chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]) -> None:
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
    site.script("/log.js", LOG)
    chromium.pair(daemon)


def test_a_picture_of_ours_loads_once_and_others_fail_once(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    html = "<script src=log.js></script><img id=ours src=a.sdz><img id=broken src=no.png>"
    page = chromium.page(site.page("/events", html))
    until_shown(page, "ours", wanted["a"])
    until(lambda: "error broken" in page.evaluate("log"))
    page.wait_for_timeout(500)
    log = page.evaluate("log")
    # The window sees errors and the document both; loads pass the document alone.
    assert sorted(log) == ["error broken", "error broken", "load ours"]


def test_a_page_has_its_sign(chromium: Chromium, site: Site, wanted: dict[str, Pixels]) -> None:
    page = chromium.page(site.page("/sign", "<link rel=icon type=image/x-sdz href=a.sdz>"))
    until(lambda: page.locator("link").get_attribute("href").startswith("data:"), "the sign")
    kind, _, data = page.locator("link").get_attribute("href").partition(";base64,")
    assert kind == f"data:{page.locator('link').get_attribute('type')}"
    assert looks_like(base64.b64decode(data), wanted["a"])


def test_a_page_repairs_its_own_broken_pictures(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    site.script(
        "/repair.js",
        """const x = document.getElementById("x");
        x.onerror = () => { x.src = "b.sdz"; };
        x.src = "no2.png";""",
    )
    page = chromium.page(site.page("/repair", "<img id=x><script src=repair.js></script>"))
    until_shown(page, "x", wanted["b"])


def test_a_script_reads_the_address_that_it_wrote(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    page = chromium.page(site.page("/reads", "<img id=x src=a.sdz>"))
    until_shown(page, "x", wanted["a"])
    seen = page.evaluate("[x.getAttribute('src'), x.complete, x.naturalWidth, x.naturalHeight]")
    assert seen == ["a.sdz", True, 96, 64]


def test_the_browser_goes_on_choosing_among_candidates(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    html = """<picture><source media="(min-width: 800px)" srcset=a.sdz>
    <img id=x src=b.sdz></picture>"""
    page = chromium.page(site.page("/choice", html))
    until_shown(page, "x", wanted["a"])
    page.set_viewport_size({"width": 600, "height": 400})
    until_shown(page, "x", wanted["b"])
    page.set_viewport_size({"width": 900, "height": 700})
    until_shown(page, "x", wanted["a"])


def test_an_element_that_is_moved_copied_or_hidden_keeps_its_picture(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    page = chromium.page(
        site.page("/moved", "<img id=x src=a.sdz><input id=i type=image src=b.sdz><p>")
    )
    until_shown(page, "x", wanted["a"])
    until_shown(page, "i", wanted["b"])
    page.evaluate("document.querySelector('p').append(x, i)")
    page.evaluate("x.style.display = i.style.display = 'none'")
    page.wait_for_timeout(100)
    page.evaluate("x.style.display = i.style.display = ''")
    page.evaluate(
        "const copy = x.cloneNode(); copy.id = 'copy'; document.querySelector('p').append(copy)"
    )
    for element, name in (("x", "a"), ("i", "b"), ("copy", "a")):
        until_shown(page, element, wanted[name])


def test_a_damaged_file_is_the_pages_own_broken_picture(
    chromium: Chromium, site: Site, pictures: dict[str, bytes]
) -> None:
    whole = pictures["a"]
    site.sdz("/header.sdz", whole[:14] + bytes([whole[14] ^ 1]) + whole[15:])
    site.sdz("/body.sdz", whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    site.sdz("/short.sdz", whole[:-20])
    html = "<script src=log.js></script>" + "".join(
        f"<img id={name} src={name}.sdz>" for name in ("header", "body", "short")
    )
    page = chromium.page(site.page("/damaged", html))
    names = ("body", "header", "short")
    until(lambda: {f"error {name}" for name in names} <= set(page.evaluate("log")))
    page.wait_for_timeout(300)
    assert sorted(page.evaluate("log")) == sorted([f"error {name}" for name in names] * 2)
    states = {row["url"].rsplit("/", 1)[1]: row for row in chromium.pictures_of(page)}
    assert {row["state"] for row in states.values()} == {"failed"}
    assert states["body.sdz"]["reason"] == "bad-checksum"
    assert states["header.sdz"]["reason"] == "damaged"


def test_a_file_that_only_bears_the_name_is_left_alone(chromium: Chromium, site: Site) -> None:
    site.sdz("/game.sdz", b"PK\x03\x04 the archive of a game", "application/octet-stream")
    html = "<script src=log.js></script><img id=x src=game.sdz>"
    page = chromium.page(site.page("/game", html))
    until(lambda: "error x" in page.evaluate("log"))
    assert page.evaluate("x.getAttribute('srcset')") is None
    assert chromium.pictures_of(page) == []


def test_what_the_popup_is_told(
    chromium: Chromium, site: Site, pictures: dict[str, bytes], wanted: dict[str, Pixels]
) -> None:
    page = chromium.page(site.page("/told", "<img id=x src=a.sdz>"))
    until_shown(page, "x", wanted["a"])
    (row,) = chromium.pictures_of(page)
    assert row["url"] == site.url("/a.sdz")
    assert (row["width"], row["height"], row["model"]) == (96, 64, "lite-1")
    assert row["bytes"] == len(pictures["a"])
    assert (row["state"], row["reason"]) == ("shown", "")
    assert row["worst"] <= row["score"] <= 100


def test_a_site_that_is_switched_off_is_left_alone(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    address = site.page("/off", "<script src=log.js></script><img id=x src=a.sdz>")
    origin = address.removesuffix("/off")
    try:
        assert chromium.ask("site", origin=origin, on=False) == {"ok": True, "on": False}
        page = chromium.page(address)
        until(lambda: "error x" in page.evaluate("log"))
        assert page.evaluate("x.getAttribute('srcset')") is None
    finally:
        assert chromium.ask("site", origin=origin, on=True) == {"ok": True, "on": True}
    page.reload()
    until_shown(page, "x", wanted["a"])
