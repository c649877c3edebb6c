"""Firefox: every kind of element shows the right pixels under a strict policy."""

from __future__ import annotations

import gallery
import pytest
from chromium_kit import Pixels, until
from drawn import as_file, scene
from firefox_kit import Firefox, Page
from live_daemon import Daemon
from shown_kit import until_shown
from site_kit import Site


@pytest.fixture(scope="module", params=["daemon", "alone"])
def page(
    request: pytest.FixtureRequest,
    firefox: Firefox,
    daemon: Daemon,
    site: Site,
    pictures: dict[str, bytes],
) -> Page:
    if request.param == "daemon":
        firefox.pair(daemon)
    else:
        assert firefox.ask("unpair")["ok"]
    page = firefox.page(gallery.put_up(site, pictures, as_file(scene(64, 96, 50))))
    until(lambda: page.evaluate("() => document.body.dataset.all"))
    return page


@pytest.mark.parametrize("element", gallery.SHOWS)
def test_an_element_shows_its_picture(page: Page, wanted: dict[str, Pixels], element: str) -> None:
    shows = wanted[gallery.SHOWS[element]]
    until_shown(page, element, shows)
