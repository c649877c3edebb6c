"""Chromium: many pictures, many changes, and pages that have none: what they cost."""

from __future__ import annotations

import re

import pytest
from chromium_kit import Chromium, Trace, until
from drawn import as_file, scene
from live_daemon import Daemon
from playwright.sync_api import Page
from site_kit import Answer, Site
from variants import copies


@pytest.fixture(scope="module", autouse=True)
def ready(chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]) -> None:
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
    chromium.pair(daemon)


def blobs(chromium: Chromium) -> int:
    """How many blobs the whole browser holds."""
    page = chromium.page("chrome://blob-internals")
    text: str = page.evaluate("document.body.innerText")
    page.close()
    return len(re.findall(r"^[0-9a-f]{8}-[0-9a-f-]{27}", text, re.M))


def heap(page: Page) -> int:
    """Bytes of script in a page's process, after what is not used was let go."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: int = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used


def test_a_picture_that_changes_five_hundred_times(
    chromium: Chromium, daemon: Daemon, site: Site, decoder: str
) -> None:
    site.script(
        "/swaps.js",
        """window.loads = 0; window.errors = 0;
        const x = document.getElementById("x");
        const names = ["a", "b", "c", "d"];
        window.swap = async times => {
          for (let n = 0; n < times; n += 1) {
            await new Promise(resolve => {
              x.onload = () => { loads += 1; resolve(); };
              x.onerror = () => { errors += 1; resolve(); };
              x.src = `${names[n % 4]}.sdz`;
            });
            if (x.naturalWidth !== 96) errors += 1;
          }
        };""",
    )
    page = chromium.page(site.page("/swaps", "<img id=x><script src=swaps.js></script>"))
    before = daemon.decodes()
    page.evaluate("swap(40)")
    heap_early, blobs_early = heap(page), blobs(chromium)
    page.evaluate("swap(460)")
    assert page.evaluate("[loads, errors]") == [500, 0]
    assert daemon.decodes() - before == (4 if decoder == "daemon" else 0)
    assert heap(page) < heap_early + 2 * 2**20
    assert blobs(chromium) <= blobs_early + 4
    page.close()


def test_three_hundred_pictures_are_decoded_once_each(
    chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes], decoder: str
) -> None:
    names = [f"{decoder}{n}" for n in range(75)]
    for name, data in zip(names, copies(pictures["a"], 75, decoder), strict=True):
        site.sdz(f"/{name}.sdz", data)
    # Each four times: twice by one address, twice by others.
    html = "".join(
        f"<img src={name}.sdz><img src={name}.sdz><img src={name}.sdz?1><img src={name}.sdz?2>"
        for name in names
    )
    blobs_before = blobs(chromium)
    before = daemon.decodes()
    page = chromium.page(site.page(f"/many-{decoder}", html))
    complete = "[...document.images].every(i => i.complete && i.naturalWidth === 96)"
    until(lambda: page.evaluate(complete))
    until(lambda: len(chromium.pictures_of(page)) == 75)
    until(lambda: {row["state"] for row in chromium.pictures_of(page)} == {"shown"})
    assert daemon.decodes() - before == (75 if decoder == "daemon" else 0)
    # What the page shows again and again it may keep; when it is gone, so are they.
    heap(page)  # lets go of what only waits for the collector
    assert blobs(chromium) - blobs_before <= 2 * 75 + 4
    page.close()  # a page that is gone back from may be kept for half a minute
    until(lambda: blobs(chromium) <= blobs_before + 4)


def test_a_page_without_ours_costs_no_request_and_no_work_of_its_size(
    chromium: Chromium, site: Site
) -> None:
    site.answers["/p.png"] = Answer(as_file(scene(8, 8)), "image/png")

    def calls(pictures: int) -> int:
        html = "".join(f"<img src=/p.png?{n}>" for n in range(pictures)) + "<p>words</p>" * 200
        address = site.page(f"/none-{pictures}", html)
        page = chromium.page("about:blank")
        site.asked.clear()
        with Trace(page) as trace:
            page.goto(address)
        asked = [one.path for one in site.asked if one.path != "/favicon.ico"]
        wanted = {f"/none-{pictures}", *(f"/p.png?{n}" for n in range(pictures))}
        assert set(asked) <= wanted
        assert len(asked) == len(set(asked))
        page.close()
        return trace.calls(chromium.origin)

    # A page may be parsed in several goes, and a callback told of each.
    few, many = calls(5), calls(200)
    assert 0 < few < 20
    assert 0 < many < 20


def test_a_broken_address_is_asked_for_once_more_and_no_oftener(
    chromium: Chromium, site: Site
) -> None:
    site.script(
        "/again.js",
        """window.errors = 0;
        window.again = async times => {
          for (let n = 0; n < times; n += 1) await new Promise(resolve => {
            const x = new Image(); document.body.append(x);
            x.onerror = () => { errors += 1; resolve(); };
            x.src = "gone.png";
          });
        };""",
    )
    page = chromium.page(site.page("/again", "<body><script src=again.js></script>"))
    page.evaluate("again(1)")
    first = site.times("/gone.png")
    page.evaluate("again(20)")
    assert page.evaluate("errors") == 21
    assert first <= 2
    assert site.times("/gone.png") <= first + 20
