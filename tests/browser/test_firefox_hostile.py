"""Firefox: what a page may read and reach, going straight to a picture, and many changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium_kit import Pixels, until
from firefox_kit import Firefox
from live_daemon import Daemon
from shown_kit import until_shown
from site_kit import Answer, Site

READ = """async () => {
  const context = document.createElement("canvas").getContext("2d");
  context.drawImage(document.getElementById("x"), 0, 0);
  try { return context.getImageData(0, 0, 1, 1).data.join(); } catch (error) { return error.name; }
}"""


@pytest.fixture(scope="module")
def inside() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def ready(
    firefox: Firefox, daemon: Daemon, site: Site, inside: Site, pictures: dict[str, bytes]
) -> None:
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
        site.sdz(f"/strict/{name}.sdz", data, X_Content_Type_Options="nosniff")
        inside.sdz(f"/{name}.sdz", data)
    site.sdz("/typed", pictures["a"], "image/x-sdz")
    site.sdz("/named.sdz", pictures["a"], "application/octet-stream")
    site.answers["/text.sdz"] = Answer(b"only words", "text/plain")
    firefox.pair(daemon)


@pytest.mark.usefixtures("firefox_decoder")
def test_pixels_of_another_origin_are_shown_and_cannot_be_read(
    firefox: Firefox, site: Site, wanted: dict[str, Pixels]
) -> None:
    away = site.url("/a.sdz", "cdn.example")
    page = firefox.page(site.page("/sealed", f"<img id=x src={away}>", csp=""))
    until_shown(page, "x", wanted["a"])
    assert page.evaluate(READ) == "SecurityError"
    page = firefox.page(site.page("/open", "<img id=x src=/a.sdz>", csp=""))
    until_shown(page, "x", wanted["a"])
    assert page.evaluate(READ) not in ("SecurityError", "0,0,0,0")
    # A script that fetches the file gets the file.
    head = (
        "async () => [...new Uint8Array(await (await fetch('/a.sdz')).arrayBuffer())].slice(0, 4)"
    )
    assert page.evaluate(head) == [0x89, 0x53, 0x44, 0x5A]


def test_a_type_that_may_not_be_guessed(
    firefox: Firefox, site: Site, wanted: dict[str, Pixels]
) -> None:
    away = site.url("/strict/b.sdz", "cdn.example")
    html = f"<img id=x src=/strict/a.sdz><img id=y src={away}>"
    page = firefox.page(site.page("/strict", html, csp=""))
    until_shown(page, "x", wanted["a"])
    until_shown(page, "y", wanted["b"])


def test_a_picture_that_changes_five_hundred_times(
    firefox: Firefox, daemon: Daemon, site: Site, firefox_decoder: str
) -> None:
    before = daemon.decodes()
    page = firefox.page(site.page("/swaps", "<img id=x>", csp=""))
    seen = page.evaluate(
        """async () => {
          let loads = 0, errors = 0;
          const x = document.getElementById("x");
          for (let n = 0; n < 500; n += 1) {
            await new Promise(resolve => {
              x.onload = () => { loads += 1; resolve(); };
              x.onerror = () => { errors += 1; resolve(); };
              x.src = `/${"abcd"[n % 4]}.sdz?${n % 100}`;
            });
            if (x.naturalWidth !== 96) errors += 1;
          }
          return [loads, errors];
        }"""
    )
    assert seen == [500, 0]
    assert daemon.decodes() - before <= (4 if firefox_decoder == "daemon" else 0)


@pytest.mark.parametrize(("path", "check"), [("/typed", ""), ("/named.sdz?x=1", "?check")])
def test_a_picture_opens_in_the_viewer(firefox: Firefox, site: Site, path: str, check: str) -> None:
    page = firefox.page(site.url(path), wait="none")
    until(lambda: page.url == f"{firefox.origin}/viewer/viewer.html{check}#{site.url(path)}")


def test_another_programs_file_is_handed_back(firefox: Firefox, site: Site) -> None:
    page = firefox.page(site.url("/text.sdz"), wait="none")
    until(
        lambda: (
            page.url == site.url("/text.sdz")
            and "only words" in page.evaluate("() => document.body?.innerText ?? ''")
        )
    )


def test_no_redirect_of_ours_leads_into_the_private_network(
    firefox: Firefox, site: Site, inside: Site
) -> None:
    for number, host in enumerate(("127.0.0.1", "localhost", "[::ffff:127.0.0.1]")):
        to = f"http://{host}:{inside.port}/a.sdz"
        site.answers[f"/hop{number}"] = Answer(status=302, headers={"Location": to})
        answer = firefox.ask("fetch", url=site.url(f"/hop{number}", "cdn.example"))
        assert (answer["ok"], answer["code"]) == (False, "unreachable")
    assert inside.asked == []
    site.answers["/fine"] = Answer(status=302, headers={"Location": site.url("/a.sdz")})
    assert firefox.ask("fetch", url=site.url("/fine", "cdn.example"))["ok"]


def test_a_page_reaches_neither_the_daemon_nor_the_extension(
    firefox: Firefox, site: Site, daemon: Daemon
) -> None:
    page = firefox.page(site.page("/reach", "", csp=""))
    for address in (
        f"http://127.0.0.1:{daemon.port}/v1/status",
        f"{firefox.origin}/manifest.json",
        f"{firefox.origin}/viewer/viewer.html",
    ):
        script = """url => Promise.race([fetch(url).then(() => "reached", error => error.name),
          new Promise(resolve => setTimeout(resolve, 2000, "held back"))])"""
        assert page.evaluate(script, address) in ("TypeError", "NetworkError", "held back")
    # Nor can it send its tab to the viewer, which fetches as the user.
    there = f"{firefox.origin}/viewer/viewer.html#{site.url('/statement.sdz', 'cdn.example')}"
    page.evaluate("to => { try { location = to; } catch { } }", there)
    page.evaluate("() => new Promise(resolve => setTimeout(resolve, 500))")
    assert page.url == site.url("/reach")
    assert site.times("/statement.sdz") == 0
    assert page.evaluate("() => typeof globalThis.browser") == "undefined"
