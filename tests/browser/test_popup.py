"""The popup in a real Chromium, as a page of its own that is told which tab it is about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium_kit import Chromium, until
from drawn import as_file, scene
from hub_kit import MISSING, MissingModel
from live_daemon import Daemon
from own_pages import OwnPages, serious
from playwright.sync_api import Page, expect
from site_kit import Site

import sdz
from sdz.models.facts import ABOUT

WIDTH = 360


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, model: MissingModel) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("home"), model.environment) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def ready(
    chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes], model: MissingModel
) -> None:
    chromium.pair(daemon)
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
    site.sdz("/model.sdz", model.file)
    damaged = bytearray(pictures["a"])
    damaged[-20] ^= 1
    site.sdz("/damaged.sdz", bytes(damaged))


def tab_of(chromium: Chromium, page: Page) -> int:
    tab: int = chromium.worker.evaluate(
        "async url => (await chrome.tabs.query({})).find(tab => tab.url === url)?.id", page.url
    )
    return tab


def popup(own: OwnPages, about: Page, scheme: str = "light") -> Page:
    """The popup about a page, once it has looked."""
    tab = tab_of(own.chromium, about)
    page = own.open(f"popup/popup.html?tab={tab}", scheme=scheme, width=WIDTH)
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    return page


def gallery(own: OwnPages, site: Site, path: str, *names: str) -> Page:
    """A page with pictures, once the background knows of all of them."""
    html = "".join(f"<img src={name}.sdz width=60 height=40>" for name in names)
    page = own.chromium.page(site.page(path, html))
    until(lambda: len(own.chromium.pictures_of(page)) == len(set(names)), "the pictures")
    return page


def test_this_pages_pictures(
    own: OwnPages, site: Site, daemon: Daemon, pictures: dict[str, bytes]
) -> None:
    about = gallery(own, site, "/two", "a", "wide")
    page = popup(own, about)
    expect(page.locator("#state")).to_have_text("Decoding by sdz")
    expect(page.locator("#count")).to_have_text("2 pictures")
    expect(page.locator("#version")).to_contain_text(f"port {daemon.port}")
    with daemon.client() as client:
        score = client.inspect(pictures["wide"])["report"]["ssimulacra2"]
    row = page.locator(".picture", has_text="wide.sdz")
    expect(row.locator(".facts")).to_contain_text("160 × 48 · lite-1")
    expect(row.locator(".chip")).to_contain_text(f"{score:.0f} ".replace("-", "−"))
    expect(page.locator("#sum")).to_contain_text("JPEGs as good: about ")
    with own.chromium.context.expect_page() as opened:
        row.click()
    expect(opened.value.locator("#picture")).to_be_visible()
    assert opened.value.url.endswith(f"viewer/viewer.html#{site.url('/wide.sdz')}")
    opened.value.close()
    about.close()


def test_a_low_score_has_a_mark(own: OwnPages, site: Site) -> None:
    small = sdz.encode(as_file(scene(64, 96, 0)), quality=5)
    site.sdz("/small.sdz", small)
    about = gallery(own, site, "/low", "small")
    page = popup(own, about)
    chip = page.locator(".picture .chip")
    expect(chip).to_contain_text("low")
    mark = "chip => getComputedStyle(chip, '::before').clipPath"
    assert chip.evaluate(mark).startswith("polygon(")
    assert serious(page) == []
    about.close()


def test_what_sdz_gives_and_its_models(own: OwnPages, site: Site) -> None:
    about = own.chromium.page(site.page("/none", "<p>words"))
    page = popup(own, about)
    page.focus("#gives summary")
    page.keyboard.press("Enter")
    rows = page.locator("#all-models li")
    expect(rows.filter(has_text="lite-1 built in")).to_contain_text("licence: MIT")
    missing = rows.filter(has_text=f"{MISSING} not here")
    expect(missing).to_contain_text("MB, licence: ")
    expect(missing).to_contain_text("needs pip install 'sdz[diffusion]'")
    assert serious(page) == []
    about.close()


def test_a_page_without_pictures(own: OwnPages, site: Site) -> None:
    about = own.chromium.page(site.page("/none", "<p>words"))
    page = popup(own, about)
    expect(page.locator("#count")).to_have_text("No .sdz pictures on this page")
    assert page.locator(".picture").count() == 0
    about.close()


def test_a_damaged_picture_says_so(own: OwnPages, site: Site) -> None:
    about = gallery(own, site, "/bad", "damaged")
    page = popup(own, about)
    row = page.locator(".picture")
    expect(row.locator(".chip")).to_have_text("failed")
    expect(row.locator(".facts")).to_contain_text("The file is damaged")
    about.close()


def test_a_site_is_switched_off_and_on(own: OwnPages, site: Site) -> None:
    about = gallery(own, site, "/switch", "a")
    page = popup(own, about)
    expect(page.locator("#host")).to_have_text(f"gallery.example:{site.port}")
    page.focus("#site")
    page.keyboard.press("Space")
    expect(page.locator("#site-note")).to_be_visible()
    expect(page.locator("#pictures")).to_be_hidden()
    origin = site.url("")
    until(lambda: own.chromium.ask("site", origin=origin)["on"] is False, "off")
    assert serious(page) == []
    reload = "setTimeout(() => document.getElementById('reload').click())"  # the popup closes
    with about.expect_event("load"):
        page.evaluate(reload)
    # It fails as in a browser that does not know the format.
    until(lambda: about.evaluate("document.images[0].complete"), "the end of loading")
    assert about.evaluate("document.images[0].naturalWidth") == 0
    again = popup(own, about)
    assert again.locator("#site").is_checked() is False
    expect(again.locator("#pictures")).to_be_hidden()
    again.click("#site")
    until(lambda: own.chromium.ask("site", origin=origin)["on"] is True, "on")
    expect(again.locator("#pictures")).to_be_visible()
    with about.expect_event("load"):
        again.evaluate(reload)
    until(lambda: about.evaluate("document.images[0].naturalWidth"), "the picture")
    about.close()


def test_a_page_that_is_no_site_has_no_switch(own: OwnPages) -> None:
    about = own.open("options/options.html")
    page = popup(own, about)
    expect(page.locator("#page")).to_be_hidden()


def test_without_the_daemon(own: OwnPages, site: Site, daemon: Daemon) -> None:
    about = own.chromium.page(site.page("/none", "<p>words"))
    daemon.stop()
    page = popup(own, about)
    expect(page.locator("#state")).to_have_text("Decoding here")
    expect(page.locator("#remedy code")).to_have_text("sdz serve")
    assert serious(page) == []
    daemon.start()
    expect(page.locator("#state")).to_have_text("Decoding by sdz")
    expect(page.locator("#remedy")).to_be_hidden()
    about.close()


def test_a_missing_model_is_fetched_and_followed_by_the_next_popup(
    own: OwnPages, site: Site, model: MissingModel
) -> None:
    about = gallery(own, site, "/model", "model")
    model.hub.cuts = [20_000]
    model.hub.hold.clear()  # after the first 20,000 bytes, until it is set
    page = popup(own, about)
    expect(page.locator("#models h3")).to_have_text(f"The model {MISSING} is missing")
    expect(page.locator("#models")).to_contain_text(
        f"licence: {ABOUT[MISSING].licence} (huggingface.co/"
    )
    assert serious(page) == []
    page.click(f"text=Get {MISSING}")
    expect(page.locator("#models .figures")).to_contain_text(" of ")
    page.close()
    again = popup(own, about)
    expect(again.locator("#models .figures")).to_contain_text(" of ")
    assert 0 < again.locator("#models progress").evaluate("bar => bar.value / bar.max") < 1
    model.hub.hold.set()
    expect(again.locator("#models")).to_be_hidden()
    expect(again.locator(".picture .chip")).not_to_have_text("waiting")
    about.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(own: OwnPages, site: Site, scheme: str) -> None:
    about = gallery(own, site, "/axe", "a", "b", "damaged")
    page = popup(own, about, scheme)
    expect(page.locator(".picture")).to_have_count(3)
    assert serious(page) == []
    about.close()


def test_all_can_be_reached_by_keyboard_and_has_a_name(own: OwnPages, site: Site) -> None:
    about = gallery(own, site, "/keys", "a")
    page = popup(own, about)
    expect(page.locator(".picture")).to_have_count(1)
    names = []
    for _ in range(5):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.innerText")
        )
    assert names[0] == "Options"
    assert names[1] == "What sdz gives here"
    assert names[2] == "Show .sdz pictures on this site"
    assert names[3].startswith("a.sdz, ")
    assert "score" in names[3]
    assert names[4] == "Open a file…"
    about.close()


def test_unpaired(own: OwnPages, site: Site, daemon: Daemon) -> None:
    with daemon.client() as client:
        for row in client.clients():
            client.revoke(row["name"])
    about = own.chromium.page(site.page("/none", "<p>words"))
    page = popup(own, about)
    expect(page.locator("#state")).to_have_text("Decoding here")
    expect(page.locator("#remedy-title")).to_have_text("Pairing has ended")
    with own.chromium.context.expect_page() as opened:
        page.click("text=Pair…")
    assert opened.value.url.endswith("options/options.html")
    opened.value.close()
    about.close()
