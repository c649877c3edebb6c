"""Chromium: files of the disk, where the user allows the extension "access to file URLs"."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium_kit import Chromium, Pixels, World, until
from live_daemon import Daemon
from shown_kit import until_shown
from site_kit import Site

READ = """() => {
  const context = document.createElement("canvas").getContext("2d");
  context.drawImage(document.getElementById("img"), 0, 0);
  try { return context.getImageData(0, 0, 1, 1).data.join(); } catch (error) { return error.name; }
}"""


@pytest.fixture(scope="module")
def disk(
    chromium: Chromium,
    daemon: Daemon,
    pictures: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    chromium.pair(daemon)
    folder = tmp_path_factory.mktemp("disk")
    for name in ("a", "b"):
        (folder / f"{name}.sdz").write_bytes(pictures[name])
    (folder / "words.sdz").write_text("only words")
    html = """<!doctype html><img id=img src=a.sdz><img id=other srcset=b.sdz>"""
    (folder / "page.html").write_text(html)
    return folder


def test_a_page_of_the_disk_shows_pictures_of_the_disk(
    chromium: Chromium, disk: Path, wanted: dict[str, Pixels]
) -> None:
    page = chromium.page((disk / "page.html").as_uri())
    for element, name in {"img": "a", "other": "b"}.items():
        until_shown(page, element, wanted[name])
    assert page.evaluate(READ) == "SecurityError"  # as of any other file
    page.close()


def test_going_to_a_file(chromium: Chromium, disk: Path) -> None:
    page = chromium.context.new_page()
    page.goto((disk / "a.sdz").as_uri(), wait_until="commit")
    until(lambda: page.url.startswith(chromium.origin) and page.is_visible("#picture"), page.url)
    assert page.url.endswith((disk / "a.sdz").as_uri())
    page.close()


def test_another_programs_file_is_handed_back(chromium: Chromium, disk: Path) -> None:
    page = chromium.context.new_page()
    page.goto((disk / "words.sdz").as_uri(), wait_until="commit")
    # Asked first: an address alone is what Playwright last heard of.
    until(
        lambda: (
            page.inner_text("body") == "only words" and page.url == (disk / "words.sdz").as_uri()
        ),
        "the hand-back",
    )
    page.close()


def test_no_page_of_the_web_has_a_file_read(chromium: Chromium, site: Site, disk: Path) -> None:
    """Not by the content script's own messages, nor by the pages of ours that it can open."""
    there = (disk / "a.sdz").as_uri()
    page = chromium.page(site.page("/evil", "", csp=""))
    with World(page, chromium.origin) as world:
        assert world.ask("look", url=there)["code"] == "private-address"
    for own in ("viewer/viewer.html", "frame/frame.html"):
        opened = chromium.page(f"{chromium.origin}/{own}#{there}")
        until(lambda opened=opened: "not allowed" in opened.inner_text("body").lower(), own)  # type: ignore[misc]
        assert not opened.is_visible("#picture")
        opened.close()
    assert chromium.ask("fetch", url=there, any=True, key=chromium.viewer_key())["code"] == (
        "unreachable"
    )
    page.close()
