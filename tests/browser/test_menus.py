"""The context menu of pictures in Chromium; the menu is the browser's own, its clicks are sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chromium_kit import Chromium, pixels, until
from drawn import as_file, scene
from live_daemon import Daemon
from own_pages import OwnPages
from playwright.sync_api import Download, Page, expect
from site_kit import Site

from sdz.client import Client

CLICK = """([item, src, url]) => chrome.tabs.query({}).then((tabs) => {
  const tab = tabs.find((tab) => tab.url === url);
  chrome.contextMenus.onClicked.dispatch({ menuItemId: item, srcUrl: src, frameId: 0 }, tab);
})"""


@pytest.fixture(scope="module", autouse=True)
def ready(chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]) -> None:
    chromium.pair(daemon)
    site.sdz("/a.sdz", pictures["a"])
    rng = np.random.default_rng(1)  # noise, so that the PNG is larger than any .sdz of it
    noisy = np.clip(scene(128, 192, 2) + rng.normal(0, 20, (128, 192, 3)), 0, 255)
    site.sdz("/scene.png", as_file(noisy.astype(np.uint8)), type="image/png")
    site.sdz("/words.png", b"these are words", type="image/png")


@pytest.fixture
def page(chromium: Chromium, site: Site) -> Iterator[Page]:
    """A page with a .sdz and a PNG, once both are shown."""
    opened = chromium.page(site.page("/page", "<img id=s src=a.sdz><img id=p src=scene.png>"))
    until(lambda: opened.evaluate("s.naturalWidth") == 96, "the picture")
    yield opened
    opened.close()


def click(chromium: Chromium, page: Page, item: str, src: str) -> None:
    chromium.worker.evaluate(CLICK, [item, src, page.url])


def saved(chromium: Chromium, page: Page, item: str, src: str) -> Download:
    with page.expect_download() as download:
        click(chromium, page, item, src)
    return download.value


def content(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def decoded(client: Client, data: bytes) -> np.ndarray:
    return pixels(client.decode(data, "png"))


def test_the_menu_has_its_items_on_pictures_of_web_pages(chromium: Chromium) -> None:
    # Making one again with the same id fails; that is how the browser tells that it is there.
    said = chromium.worker.evaluate(
        """() => {
          const again = (id) => new Promise((done) => {
            const said = () => done(chrome.runtime.lastError?.message ?? "made");
            chrome.contextMenus.create({ id, title: "x", contexts: ["image"] }, said);
          });
          return Promise.all(["png", "copy", "original", "view", "compress"].map(again));
        }"""
    )
    assert len(said) == 5
    assert all("duplicate" in words for words in said)


def test_save_as_png(
    chromium: Chromium, page: Page, site: Site, daemon: Daemon, pictures: dict[str, bytes]
) -> None:
    got = saved(chromium, page, "png", site.url("/a.sdz"))
    assert got.suggested_filename == "a.png"
    with daemon.client() as client:
        assert np.array_equal(pixels(content(got)), decoded(client, pictures["a"]))


def test_save_another_picture_as_png(chromium: Chromium, page: Page, site: Site) -> None:
    got = saved(chromium, page, "png", site.url("/scene.png"))
    assert got.suggested_filename == "scene.png"
    assert np.array_equal(pixels(content(got)), pixels(site.answers["/scene.png"].body))  # type: ignore[union-attr]


def test_save_the_original(
    chromium: Chromium, page: Page, site: Site, pictures: dict[str, bytes]
) -> None:
    got = saved(chromium, page, "original", site.url("/a.sdz"))
    assert got.suggested_filename == "a.sdz"
    assert content(got) == pictures["a"]


def test_the_servers_own_name_is_kept(
    chromium: Chromium, page: Page, site: Site, pictures: dict[str, bytes]
) -> None:
    site.sdz("/disp", pictures["a"], Content_Disposition='inline; filename="Red door.sdz"')
    assert saved(chromium, page, "png", site.url("/disp")).suggested_filename == "Red door.png"
    elsewhere = site.url("/disp", host="other.example")  # which its page may not read
    assert saved(chromium, page, "original", elsewhere).suggested_filename == "Red door.sdz"
    with chromium.context.expect_page() as opened:
        click(chromium, page, "view", site.url("/disp"))
    expect(opened.value.locator("#name")).to_have_text("Red door.sdz")
    opened.value.close()


def test_open_in_the_viewer_with_its_report(chromium: Chromium, page: Page, site: Site) -> None:
    with chromium.context.expect_page() as opened:
        click(chromium, page, "view", page.evaluate("s.currentSrc"))
    viewer = opened.value
    expect(viewer.locator("#picture")).to_be_visible()
    assert viewer.url.endswith(f"#{site.url('/a.sdz')}")
    viewer.locator("body").press("i")
    expect(viewer.locator("#report")).to_contain_text("How close to the source")
    viewer.close()


def test_the_element_of_a_shown_picture_leads_to_its_file(
    chromium: Chromium, page: Page, pictures: dict[str, bytes]
) -> None:
    # What the browser reports of an element is what it shows: an address of ours.
    src = page.evaluate("s.currentSrc")
    got = saved(chromium, page, "original", src)
    assert content(got) == pictures["a"]


def test_a_picture_of_another_site_without_cors(
    chromium: Chromium, page: Page, site: Site, pictures: dict[str, bytes]
) -> None:
    got = saved(chromium, page, "original", site.url("/a.sdz", host="other.example"))
    assert content(got) == pictures["a"]


def test_a_data_address(chromium: Chromium, page: Page) -> None:
    src = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
    got = saved(chromium, page, "original", src)
    assert got.suggested_filename == "picture.svg"
    assert content(got).startswith(b"<svg")


def test_copy_where_there_is_a_clipboard(chromium: Chromium, site: Site) -> None:
    own = site.page("/own", "<img src=a.sdz>").replace("gallery.example", "127.0.0.1")
    here = chromium.page(own)
    # Granting one permission denies an origin all others; so what reads is of another origin.
    reader = chromium.page(own.replace("127.0.0.1", "localhost"))
    chromium.context.grant_permissions(["clipboard-read"], origin=site.url("", "localhost"))
    here.bring_to_front()
    here.mouse.click(200, 200, button="right")
    read = """async () => {
      const [item] = await navigator.clipboard.read();
      if (!item?.types.includes("image/png")) return null;
      const bitmap = await createImageBitmap(await item.getType("image/png"));
      return [bitmap.width, bitmap.height];
    }"""

    click(chromium, here, "copy", site.url("/a.sdz", "127.0.0.1"))
    size = until(lambda: reader.evaluate(read), "a picture in the clipboard")
    assert size == [96, 64]
    here.close()
    reader.close()


def test_copy_elsewhere_opens_the_viewer_which_has_a_clipboard(
    chromium: Chromium, page: Page, site: Site
) -> None:
    page.bring_to_front()
    with chromium.context.expect_page() as opened:
        click(chromium, page, "copy", site.url("/a.sdz"))
    expect(opened.value.locator("#copy")).to_be_visible()
    opened.value.close()


def test_compress_saves_a_file_and_shows_its_report(
    chromium: Chromium, page: Page, site: Site, daemon: Daemon
) -> None:
    downloads: list[Download] = []

    def note(download: Download) -> None:
        downloads.append(download)

    chromium.context.on("page", lambda opened: opened.on("download", note))
    with chromium.context.expect_page() as opened:
        click(chromium, page, "compress", site.url("/scene.png"))
    viewer = opened.value
    expect(viewer.locator("#picture")).to_be_visible()
    report = viewer.locator("#report")
    expect(report).to_contain_text("Just compressed")
    expect(report).to_contain_text("SSIMULACRA2")
    assert viewer.title() == "scene.sdz"
    until(lambda: downloads, "the download")
    assert downloads[0].suggested_filename == "scene.sdz"
    with daemon.client() as client:
        assert client.inspect(content(downloads[0]))["width"] == 192
    viewer.close()


def test_compress_shows_its_picture_meanwhile_and_can_be_ended(
    chromium: Chromium, page: Page, site: Site, daemon: Daemon
) -> None:
    large = np.tile(scene(300, 400, 3), (10, 10, 1))  # many times longer than a click takes
    site.sdz("/large.png", as_file(large), type="image/png")
    with chromium.context.expect_page() as opened:
        click(chromium, page, "compress", site.url("/large.png"))
    viewer = opened.value
    viewer.get_by_role("button", name="Cancel").click()
    expect(viewer.locator("#notice-title")).to_have_text("Cancelled")
    assert viewer.locator("#preview").evaluate("image => image.naturalWidth") == 4000
    assert viewer.title() == "large.png"
    with daemon.client() as client:
        last = client.ask("GET", "/v1/jobs").json()["jobs"][-1]
    assert (last["kind"], last["state"]) == ("encode", "cancelled")
    viewer.close()


def test_compress_of_a_sdz_shows_it_and_saves_nothing(
    chromium: Chromium, page: Page, site: Site
) -> None:
    with chromium.context.expect_page() as opened:
        click(chromium, page, "compress", site.url("/a.sdz"))
    expect(opened.value.locator("#picture")).to_be_visible()
    assert opened.value.title() == "a.sdz"
    assert "Just compressed" not in opened.value.inner_text("#report")
    opened.value.close()


def test_compress_of_what_is_no_picture_says_so(chromium: Chromium, page: Page, site: Site) -> None:
    with chromium.context.expect_page() as opened:
        click(chromium, page, "compress", site.url("/words.png"))
    expect(opened.value.locator("#notice-title")).to_have_text("The picture could not be read")
    opened.value.close()


def test_a_choice_that_is_not_known(chromium: Chromium) -> None:
    pages = OwnPages(chromium)
    page = pages.viewer("compress=no-such-choice")
    expect(page.locator("#notice-detail")).to_contain_text("Choose it again")
    pages.close()
    assert pages.faults == []


def test_the_page_learns_nothing(chromium: Chromium, page: Page, site: Site) -> None:
    page.evaluate(
        """() => {
          globalThis.noticed = [];
          addEventListener("click", (event) => noticed.push(event.target.outerHTML), true);
          const make = URL.createObjectURL;
          URL.createObjectURL = (blob) => { noticed.push("blob"); return make(blob); };
          HTMLAnchorElement.prototype.click = () => noticed.push("anchor");
        }"""
    )
    saved(chromium, page, "png", site.url("/a.sdz"))
    assert page.evaluate("noticed") == []
