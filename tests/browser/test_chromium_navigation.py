"""Chromium: going straight to a .sdz file opens the viewer; to anything else, that."""

from __future__ import annotations

import pytest
from chromium_kit import Chromium, until
from live_daemon import Daemon
from site_kit import Answer, Site


@pytest.fixture(scope="module", autouse=True)
def ready(chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]) -> None:
    site.sdz("/typed", pictures["a"], "image/x-sdz")
    site.sdz("/named.sdz", pictures["a"], "application/octet-stream")
    site.sdz("/untyped.sdz", pictures["a"], None)
    site.sdz("/query.sdz", pictures["a"], "text/plain")
    site.sdz("/saved.sdz", pictures["a"], Content_Disposition="attachment")
    site.answers["/page.sdz"] = Answer(b"<!doctype html><title>a page</title>")
    site.answers["/text.sdz"] = Answer(b"only words", "text/plain")
    chromium.pair(daemon)


@pytest.mark.parametrize(
    ("path", "check"),
    [
        ("/typed", ""),
        ("/typed?size=1", ""),
        ("/named.sdz", "?check"),
        ("/untyped.sdz", "?check"),
        ("/query.sdz?x=1", "?check"),
    ],
)
def test_a_picture_opens_in_the_viewer(
    chromium: Chromium, site: Site, path: str, check: str
) -> None:
    page = chromium.context.new_page()
    page.goto(site.url(path), wait_until="commit")
    until(
        lambda: (
            page.title() is not None
            and page.url == f"{chromium.origin}/viewer/viewer.html{check}#{site.url(path)}"
        ),
        page.url,
    )
    page.close()


def test_a_page_with_such_a_name_stays_a_page(chromium: Chromium, site: Site) -> None:
    page = chromium.page(site.url("/page.sdz"))
    assert (page.url, page.title()) == (site.url("/page.sdz"), "a page")
    page.close()


def test_what_is_meant_to_be_saved_is_saved(chromium: Chromium, site: Site) -> None:
    page = chromium.page(site.page("/link", "<a id=x href=saved.sdz>save</a>"))
    with page.expect_download() as download:
        page.click("#x")
    assert download.value.url == site.url("/saved.sdz")
    page.close()


def test_another_programs_file_is_handed_back(chromium: Chromium, site: Site) -> None:
    page = chromium.context.new_page()
    page.goto(site.url("/text.sdz"), wait_until="commit")
    until(lambda: page.inner_text("body") == "only words" and page.url == site.url("/text.sdz"))
    page.close()


def test_the_background_opens_what_the_user_went_to(chromium: Chromium, site: Site) -> None:
    key = chromium.viewer_key()
    answer = chromium.ask("fetch", url=site.url("/typed"), key=key)
    assert answer["ok"]
    assert answer["url"] == site.url("/typed")
    refused = chromium.ask("fetch", url=site.url("/text.sdz"), key=key)
    assert (refused["ok"], refused["code"]) == (False, "not-sdz")
    assert (
        chromium.ask("fetch", url=site.url("/text.sdz"), key=key, any=True)["type"] == "text/plain"
    )
    assert chromium.ask("fetch", url="file:///etc/passwd", key=key)["code"] == "not-sdz"
    assert chromium.ask("fetch", url="file:///etc/passwd")["code"] == "private-address"
