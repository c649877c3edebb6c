"""Chromium: every kind of element shows the right pixels under a strict policy."""

from __future__ import annotations

import gallery
import pytest
from chromium_kit import Chromium, Pixels, until
from drawn import as_file, scene
from live_daemon import Daemon
from playwright.sync_api import Page
from shown_kit import until_shown
from site_kit import Site


@pytest.fixture(scope="module", params=["daemon", "alone"])
def page(
    request: pytest.FixtureRequest,
    chromium: Chromium,
    daemon: Daemon,
    site: Site,
    pictures: dict[str, bytes],
) -> Page:
    if request.param == "daemon":
        chromium.pair(daemon)
    else:
        assert chromium.ask("unpair")["ok"]
    page = chromium.page(gallery.put_up(site, pictures, as_file(scene(64, 96, 50))))
    until(lambda: page.evaluate("document.body.dataset.all"))
    return page


@pytest.mark.parametrize("element", gallery.SHOWS)
def test_an_element_shows_its_picture(page: Page, wanted: dict[str, Pixels], element: str) -> None:
    shows = wanted[gallery.SHOWS[element]]
    until_shown(page, element, shows)
