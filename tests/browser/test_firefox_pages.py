"""The extension's own pages in Firefox: they work there too; the rest is tested in Chromium."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chromium_kit import pixels, until
from firefox_kit import Firefox, Page
from live_daemon import Daemon
from own_pages import AXE
from shown_kit import until_still
from site_kit import Site

from sdz import container
from sdz.codec.score_map import pack_scores

TEXT = "selector => document.querySelector(selector)?.innerText ?? ''"
SHOWN = "selector => document.querySelector(selector)?.checkVisibility() ?? false"


@pytest.fixture(scope="module", autouse=True)
def ready(site: Site, pictures: dict[str, bytes]) -> None:
    site.sdz("/a.sdz", pictures["a"])


def own(firefox: Firefox, path: str) -> Page:
    page = firefox.page(f"{firefox.origin}/{path}", wait="none")
    until(lambda: path.split("?")[0].split("#")[0] in page.url, path)
    until(lambda: page.evaluate("() => document.readyState") == "complete", path)
    return page


def serious(page: Page) -> list[str]:
    page.evaluate(f"() => {{ {AXE} }}")
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_options_pair_it(firefox: Firefox, daemon: Daemon) -> None:
    page = own(firefox, "options/options.html")
    until(lambda: page.evaluate(SHOWN, "#pair"), "the form")
    assert serious(page) == []
    page.evaluate(
        """(code, port) => {
          document.getElementById("code").value = code;
          document.getElementById("port").value = port;
          document.getElementById("go").click();
        }""",
        daemon.code(),
        str(daemon.port),
    )
    until(lambda: page.evaluate(TEXT, "#state") == "Paired and running", "the pairing")
    assert str(daemon.port) in page.evaluate(TEXT, "#about")
    page.close()


def test_the_viewer_shows_a_picture(
    firefox: Firefox, site: Site, daemon: Daemon, pictures: dict[str, bytes]
) -> None:
    page = own(firefox, f"viewer/viewer.html#{site.url('/a.sdz')}")
    until(lambda: page.evaluate(SHOWN, "#picture"), page.evaluate(TEXT, "body"))
    with daemon.client() as client:
        wanted = pixels(client.decode(pictures["a"], "png"))

    def is_right() -> bool:
        seen = pixels(page.screenshot("#picture"))
        return seen.shape == wanted.shape and int(np.abs(seen - wanted).max()) <= 3

    until(is_right, "the pixels")
    assert "SSIMULACRA2" in page.evaluate("() => document.getElementById('report').textContent")
    assert serious(page) == []
    page.close()


def test_the_map_lies_over_the_picture(
    firefox: Firefox, site: Site, pictures: dict[str, bytes]
) -> None:
    classes = np.array([[0, 15, 3], [5, 0, 0]], np.uint8)
    file = replace(container.unpack(pictures["a"]), scores=pack_scores(classes))
    site.sdz("/mapped.sdz", container.pack(file))
    page = own(firefox, f"viewer/viewer.html#{site.url('/mapped.sdz')}")
    until(lambda: page.evaluate(SHOWN, "#picture"), page.evaluate(TEXT, "body"))
    until(lambda: not page.evaluate(SHOWN, "#preview"), "the picture alone")
    until(lambda: page.evaluate(SHOWN, "#show-map"), "the button")
    until_still(page)
    without = pixels(page.screenshot("#box")).astype(int)
    page.evaluate("() => document.getElementById('show-map').click()")
    until(lambda: page.evaluate(SHOWN, "#map"), "the map")
    mapped = pixels(page.screenshot("#box")).astype(int)
    assert np.abs(mapped - without)[2:30, 2:30].max() <= 3  # class 0 is clear
    wanted = 0.4 * without[2:30, 34:62] + 0.6 * np.array([220, 38, 38])
    assert np.abs(mapped[2:30, 34:62] - wanted).max() <= 4
    assert "33 % of the picture" in page.evaluate(TEXT, "#report")
    page.close()


def test_the_popup_sees_the_pages_pictures(firefox: Firefox, site: Site) -> None:
    about = firefox.page(site.page("/one", "<img src=a.sdz>"))
    until(lambda: about.evaluate("() => document.images[0].naturalWidth") == 96, "the picture")
    asker = own(firefox, "options/options.html")
    tab = asker.evaluate(
        "async url => (await browser.tabs.query({})).find((tab) => tab.url === url).id", about.url
    )
    asker.close()
    page = own(firefox, f"popup/popup.html?tab={tab}")
    until(lambda: page.evaluate(SHOWN, ".picture"), "the row")
    assert page.evaluate(TEXT, "#state") == "Decoding by sdz"
    assert "a.sdz" in page.evaluate(TEXT, ".picture")
    assert serious(page) == []
    page.close()
    about.close()


def test_a_chosen_picture_is_read_as_it_was_sent(
    firefox: Firefox, site: Site, pictures: dict[str, bytes]
) -> None:
    """The page shows a PNG, made on its way; what is saved as the original must not be that."""
    about = firefox.page(site.page("/chosen", "<img src=a.sdz>"))
    until(lambda: about.evaluate("() => document.images[0].naturalWidth") == 96, "the picture")
    page = own(firefox, "options/options.html")
    found = page.evaluate(
        """async (url, src) => {
          const tab = (await browser.tabs.query({})).find((tab) => tab.url === url);
          const chosen = { one: { tabId: tab.id, frameId: 0, src } };
          await browser.storage.session.set({ chosen });
          const answer = await browser.runtime.sendMessage({ kind: "grab", id: "one" });
          return { url: answer.url, bytes: [...new Uint8Array(answer.bytes)] };
        }""",
        about.url,
        site.url("/a.sdz"),
    )
    assert found["url"] == site.url("/a.sdz")
    assert bytes(found["bytes"]) == pictures["a"]
    page.close()
    about.close()
