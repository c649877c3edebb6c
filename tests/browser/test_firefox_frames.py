"""Firefox: pictures in frames, objects and embeds."""

from __future__ import annotations

import framed
import pytest
from chromium_kit import Pixels
from firefox_kit import Firefox, Page
from live_daemon import Daemon
from shown_kit import until_shown
from site_kit import Site

SHOWS = framed.SHOWS | framed.SANDBOXED


@pytest.fixture(scope="module")
def page(firefox: Firefox, daemon: Daemon, site: Site, pictures: dict[str, bytes]) -> Page:
    firefox.pair(daemon)
    return firefox.page(framed.put_up(site, pictures))


@pytest.mark.parametrize("element", SHOWS)
def test_an_element_shows_its_picture(page: Page, wanted: dict[str, Pixels], element: str) -> None:
    shows = wanted[SHOWS[element]]
    until_shown(page, element, shows)
