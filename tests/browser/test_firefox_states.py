"""Firefox: what a page shows while the daemon is absent, unpaired, refuses, or lacks a model."""

from __future__ import annotations

import numpy as np
import pytest
from chromium_kit import Pixels, pixels, until
from firefox_kit import Firefox, Page
from live_daemon import Daemon
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
def paired(firefox: Firefox, daemon: Daemon) -> None:
    """The extension knows the daemon, whichever of these tests ran before."""
    if firefox.ask("status")["daemon"] != "found":
        firefox.pair(daemon)


def written_on(page: Page, element: str) -> int:
    """How many pixels are clearly darker than the ground."""
    seen = pixels(page.screenshot(f"#{element}"))
    return int((seen.max(axis=2) < np.median(seen) - 40).sum())


def reasons(firefox: Firefox, page: Page) -> set[tuple[str, str]]:
    return {(row["state"], row["reason"]) for row in firefox.pictures_of(page)}


SIZE = "() => [document.images[0].naturalWidth, document.images[0].naturalHeight]"


def test_unpaired_then_paired(
    firefox: Firefox, daemon: Daemon, site: Site, wanted: dict[str, Pixels]
) -> None:
    assert firefox.ask("status")["daemon"] in ("absent", "unpaired")
    html = "<img id=a src=a.sdz alt='a lake'><img id=b src=b.sdz>"
    page = firefox.page(site.page("/unpaired", html))
    until(lambda: page.evaluate(SIZE) == [320, 213])
    assert page.evaluate("() => [document.images[0].alt, document.images[1].alt]") == ["a lake", ""]
    # Something is written in both places, and more in the one that has a text.
    written = [written_on(page, name) for name in "ab"]
    assert written[0] > written[1] > 50
    until(lambda: len(firefox.pictures_of(page)) == 2)
    assert reasons(firefox, page) <= {("waiting", "absent"), ("waiting", "unpaired")}
    firefox.pair(daemon)
    until_shown(page, "a", wanted["a"])
    until_shown(page, "b", wanted["b"])
    until(lambda: reasons(firefox, page) == {("shown", "")})


@pytest.mark.usefixtures("paired")
def test_a_daemon_that_stops_and_comes_back(
    firefox: Firefox, daemon: Daemon, site: Site, wanted: dict[str, Pixels]
) -> None:
    daemon.stop()
    page = firefox.page(site.page("/stops", "<img id=c src=c.sdz>"))
    until(lambda: page.evaluate(SIZE) == [320, 213])
    until(lambda: reasons(firefox, page) == {("waiting", "absent")})
    assert firefox.ask("status")["daemon"] == "absent"
    daemon.start()
    until_shown(page, "c", wanted["c"])


@pytest.mark.usefixtures("paired")
def test_a_client_that_was_revoked(
    firefox: Firefox, daemon: Daemon, site: Site, wanted: dict[str, Pixels]
) -> None:
    with daemon.client() as client:
        client.revoke(firefox.ask("status")["name"])
    assert firefox.ask("status")["daemon"] == "token-refused"
    page = firefox.page(site.page("/revoked", "<img id=d src=d.sdz>"))
    until(lambda: reasons(firefox, page) == {("waiting", "token-refused")})
    firefox.pair(daemon)
    until_shown(page, "d", wanted["d"])


@pytest.mark.usefixtures("paired")
def test_a_missing_model(firefox: Firefox, site: Site, model_missing: bytes) -> None:
    site.sdz("/missing.sdz", model_missing)
    page = firefox.page(site.page("/missing", "<img id=m src=missing.sdz>"))
    until(lambda: reasons(firefox, page) == {("waiting", "model-missing")})
    until(lambda: page.evaluate(SIZE) == [96, 64])


@pytest.mark.usefixtures("paired")
def test_a_damaged_file_is_the_pages_own_broken_picture(
    firefox: Firefox, site: Site, pictures: dict[str, bytes]
) -> None:
    whole = pictures["a"]
    site.sdz("/body.sdz", whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    page = firefox.page(
        site.page("/damaged", "<script src=log.js></script><img id=x src=body.sdz>")
    )
    until(lambda: page.evaluate("() => log") == ["error x"])
    assert reasons(firefox, page) == {("failed", "bad-checksum")}


@pytest.mark.usefixtures("paired")
def test_files_that_are_not_ours_pass_untouched(firefox: Firefox, site: Site) -> None:
    site.sdz("/game.sdz", b"PK\x03\x04 the archive of a game", "application/octet-stream")
    site.sdz("/tiny", b"\x89SDZ", "image/png")
    html = "<script src=log.js></script><img id=x src=game.sdz><img id=y src=tiny>"
    page = firefox.page(site.page("/game", html))
    until(lambda: sorted(page.evaluate("() => log")) == ["error x", "error y"])
    assert firefox.pictures_of(page) == []


@pytest.mark.usefixtures("paired")
def test_a_site_that_is_switched_off_is_left_alone(
    firefox: Firefox, site: Site, wanted: dict[str, Pixels]
) -> None:
    address = site.page("/off", "<script src=log.js></script><img id=x src=e.sdz>")
    origin = address.removesuffix("/off")
    assert firefox.ask("site", origin=origin, on=False) == {"ok": True, "on": False}
    page = firefox.page(address)
    until(lambda: page.evaluate("() => log") == ["error x"])
    assert firefox.ask("site", origin=origin, on=True) == {"ok": True, "on": True}
    page.goto(address + "?again")
    until_shown(page, "x", wanted["e"])
