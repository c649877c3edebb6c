"""Chromium: what a page may and may not learn, read and reach by way of the extension."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from chromium_kit import Chromium, Pixels, World, until
from live_daemon import Daemon
from shown_kit import until_shown
from site_kit import Answer, Site

READ = """async () => {
  const x = document.getElementById("x");
  const attempts = {
    canvas: async () => {
      const context = document.createElement("canvas").getContext("2d");
      context.drawImage(x, 0, 0);
      return context.getImageData(0, 0, 1, 1).data.join();
    },
    bitmap: async () => {
      const context = new OffscreenCanvas(9, 9).getContext("2d");
      context.drawImage(await createImageBitmap(x), 0, 0);
      return context.getImageData(0, 0, 1, 1).data.join();
    },
    frame: async () => new VideoFrame(x, { timestamp: 0 }).format,
    fetch: async () => (await fetch(x.currentSrc)).status,
    copy: async () => {
      const copy = new Image();
      copy.src = x.currentSrc;
      await copy.decode();
      return copy.naturalWidth;
    },
  };
  const seen = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try { seen[name] = await attempt(); } catch (error) { seen[name] = error.name; }
  }
  return seen;
}"""
RACE = """
window.caught = [];
const grab = text => {
  for (const [url] of (text ?? "").matchAll(/blob:[^" ,)]*/g))
    fetch(url).then(answer => answer.text())
      .then(text => caught.push(text.length), () => caught.push(0));
};
new MutationObserver(records => {
  for (const { target } of records) for (const { value } of target.attributes) grab(value);
}).observe(document, { attributes: true, subtree: true });
const spy = () => {
  for (const image of document.images) grab(image.outerHTML);
  for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) grab(rule.cssText);
};
for (const type of ["load", "error"]) document.addEventListener(type, spy, true);
setInterval(spy, 1);
"""


@pytest.fixture(scope="module")
def inside() -> Iterator[Site]:
    """A server in the private network, which has a picture too."""
    with Site() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def ready(
    chromium: Chromium, daemon: Daemon, site: Site, inside: Site, pictures: dict[str, bytes]
) -> None:
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
        site.sdz(f"/open/{name}.sdz", data, Access_Control_Allow_Origin="*")
        inside.sdz(f"/{name}.sdz", data)
    site.script("/race.js", RACE)
    chromium.pair(daemon)


@pytest.mark.usefixtures("decoder")
def test_pixels_of_another_origin_are_shown_and_cannot_be_read(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    away = site.url("/a.sdz", "cdn.example")
    site.answers["/away.css"] = Answer(
        f"#bg {{ width: 96px; height: 64px; background: url({away}?css) }}".encode(), "text/css"
    )
    html = f"""<link rel=stylesheet href=/away.css><script src=race.js></script>
    <img id=x src={away}><div id=bg></div>"""
    page = chromium.page(site.page("/sealed", html, csp=""))
    until_shown(page, "x", wanted["a"])
    until_shown(page, "bg", wanted["a"])
    assert page.evaluate(READ) == {
        "canvas": "SecurityError",
        "bitmap": "SecurityError",
        "frame": "SecurityError",
        "fetch": "TypeError",
        "copy": "EncodingError",
    }
    caught = page.evaluate("caught")
    assert caught, "the page saw no address at all: the race was not run"
    assert not any(caught)


def test_pixels_that_a_page_could_have_fetched_can_be_read(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    for number, image in enumerate(
        ("src=/a.sdz", f"crossorigin src={site.url('/open/a.sdz', 'cdn.example')}")
    ):
        page = chromium.page(site.page(f"/readable{number}", f"<img id=x {image}>", csp=""))
        until_shown(page, "x", wanted["a"])
        assert page.evaluate(READ)["canvas"] not in ("SecurityError", "0,0,0,0")


def test_an_image_that_insists_on_cors_stays_broken_without(chromium: Chromium, site: Site) -> None:
    site.script("/log2.js", "window.log = []; addEventListener('error', () => log.push(1), true)")
    away = site.url("/b.sdz", "cdn.example")
    page = chromium.page(
        site.page("/insists", f"<script src=log2.js></script><img id=x crossorigin src={away}>", "")
    )
    until(lambda: page.evaluate("log.length"))
    page.wait_for_timeout(500)
    assert page.evaluate("[log.length, x.naturalWidth]") == [1, 0]


@pytest.mark.usefixtures("decoder")
def test_an_element_with_callbacks_of_the_pages_is_not_given_a_sealed_picture(
    chromium: Chromium, site: Site
) -> None:
    site.script(
        "/custom.js",
        """window.stolen = []; window.failed = 0;
        customElements.define("x-spy", class extends HTMLImageElement {
          static observedAttributes = ["src", "srcset"];
          attributeChangedCallback(name, before, now) {
            for (const url of now?.match(/blob:\\S*/g) ?? [])
              fetch(url).then(a => a.text()).then(t => stolen.push(t), () => stolen.push(""));
          }
        }, { extends: "img" });
        const x = document.createElement("img", { is: "x-spy" });
        x.onerror = () => { failed += 1; };
        x.src = location.href.includes("same") ? "/c.sdz" : document.currentScript.dataset.src;
        document.body.append(x);""",
    )
    away = site.url("/c.sdz", "cdn.example")
    html = f"<body><script src=custom.js data-src={away}></script>"
    page = chromium.page(site.page("/custom", html, ""))
    until(lambda: page.evaluate("failed"))
    page.wait_for_timeout(500)
    assert page.evaluate("[failed, stolen.length, document.images[0].naturalWidth]") == [1, 0, 0]
    # The trap works: with a picture that the page may read, it springs.
    page = chromium.page(site.page("/custom-same", html, ""))
    until(lambda: page.evaluate("stolen.length"))


def test_a_fetch_for_a_page_carries_no_cookie_and_tells_no_page(
    chromium: Chromium, site: Site, wanted: dict[str, Pixels]
) -> None:
    visit = chromium.page(site.page("/visit", "", csp=""))
    visit.goto(site.url("/visit", "cdn.example"))
    visit.evaluate("document.cookie = 'secret=1'")
    site.sdz("/d.sdz", site.answers["/a.sdz"].body, Cache_Control="no-store")  # type: ignore[union-attr]
    page = chromium.page(
        site.page("/cookies", f"<img id=x src={site.url('/d.sdz?kept', 'cdn.example')}>", "")
    )
    until_shown(page, "x", wanted["a"])
    asked = [one for one in site.asked if one.path == "/d.sdz?kept"]
    ours = asked[-1]  # the page's own requests come first
    assert len(asked) >= 2
    assert (ours.cookie, ours.referer) == ("", "")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "nas.local"]
)
def test_a_public_page_gets_no_private_address_fetched(
    chromium: Chromium, site: Site, inside: Site, host: str
) -> None:
    inside.asked.clear()
    page = chromium.page(site.page("/public", "", csp=""))
    with World(page, chromium.origin) as world:
        answer = world.ask("look", url=f"http://{host}:{inside.port}/a.sdz")
    assert (answer["ok"], answer["code"]) == (False, "private-address")
    assert inside.asked == []


def test_no_redirect_leads_into_the_private_network(
    chromium: Chromium, site: Site, inside: Site
) -> None:
    inside.asked.clear()
    page = chromium.page(site.page("/public2", "", csp=""))
    with World(page, chromium.origin) as world:
        for number, to in enumerate(
            (
                f"http://127.0.0.1:{inside.port}/a.sdz",
                f"http://user:word@127.0.0.1:{inside.port}/a.sdz",
                f"http://localhost:{inside.port}/a.sdz",
                f"http://nas.local:{inside.port}/a.sdz",
            )
        ):
            site.answers[f"/hop{number}"] = Answer(status=302, headers={"Location": to})
            answer = world.ask("look", url=site.url(f"/hop{number}", "cdn.example"))
            assert answer["ok"] is False
            assert answer["code"] == "unreachable"
        site.answers["/fine"] = Answer(
            status=302, headers={"Location": site.url("/a.sdz", "cdn.example")}
        )
        assert world.ask("look", url=site.url("/fine", "other.example"))["ok"]
    assert inside.asked == []


def test_a_content_script_is_told_no_secret(chromium: Chromium, site: Site, daemon: Daemon) -> None:
    page = chromium.page(site.page("/secrets", "", csp=""))
    own_only = ("status", "pair", "unpair", "models", "page", "site", "decode", "fetch", "handback")
    with World(page, chromium.origin) as world:
        for kind in own_only:
            answer = world.ask(kind, url=site.url("/a.sdz"), code="12345678", port=daemon.port)
            assert answer["code"] == "not-heard", kind
        assert world.ask("constructor")["code"] == "bad-message"
        assert (
            world.evaluate(
                "chrome.storage.local.get(null).then(all => Object.keys(all), error => 'refused')"
            )
            == "refused"
        )
        assert world.evaluate("indexedDB.databases().then(all => all.length)") == 0
        assert str(daemon.port) not in str(world.ask("waiting"))


def test_a_page_reaches_neither_the_daemon_nor_the_extension(
    chromium: Chromium, site: Site, daemon: Daemon
) -> None:
    page = chromium.page(site.page("/reach", "", csp=""))
    tries: dict[str, Any] = {
        "daemon": f"fetch('http://127.0.0.1:{daemon.port}/v1/status')",
        "blind": f"fetch('http://127.0.0.1:{daemon.port}/v1/status', {{mode: 'no-cors'}})",
        "manifest": f"fetch('{chromium.origin}/manifest.json')",
        "vault": f"fetch('{chromium.origin}/background/vault.js')",
        "script": f"import('{chromium.origin}/content/tell.js')",
    }
    for name, attempt in tries.items():
        seen = page.evaluate(f"{attempt}.then(() => 'reached', error => error.name)")
        assert seen == "TypeError", name
    # The viewer may be gone to, which a page can find out; in a frame it is empty.
    page.evaluate(
        f"""document.body.append(Object.assign(document.createElement('iframe'),
        {{src: '{chromium.origin}/viewer/viewer.html#' + location.href}}))"""
    )
    framed = page.frame_locator("iframe").locator("body")
    until(lambda: framed.evaluate("body => body.childNodes.length") == 0, "the empty viewer")
    assert site.times("/reach") == 1
    assert page.evaluate("typeof chrome.runtime?.sendMessage") == "undefined"
    assert page.evaluate("typeof sdz") == "undefined"


class TestViewer:
    """Any page may send its tab to the viewer, which then fetches without the user's cookies."""

    @pytest.fixture(autouse=True)
    def bank(self, chromium: Chromium, site: Site, pictures: dict[str, bytes]) -> None:
        site.sdz("/statement.sdz", pictures["a"])
        cookie = {"Set-Cookie": "who=me; SameSite=Strict"}
        site.answers["/sign-in"] = Answer(b"<title>signed in</title>", headers=cookie)
        chromium.page(site.url("/sign-in", "cdn.example")).close()
        site.asked.clear()

    @pytest.fixture
    def evil(self, site: Site) -> str:
        site.page("/evil", "", csp="")
        return site.url("/evil", "evil.example")

    @staticmethod
    def cookies(site: Site) -> set[str]:
        return {asked.cookie for asked in site.asked if asked.path.startswith("/statement.sdz")}

    def test_the_user_goes_there_with_cookies(self, chromium: Chromium, site: Site) -> None:
        page = chromium.context.new_page()
        page.goto(site.url("/statement.sdz", "cdn.example"), wait_until="commit")
        until(lambda: page.locator("#picture").is_visible())
        assert page.url.startswith(f"{chromium.origin}/viewer/viewer.html#")
        assert self.cookies(site)
        assert all("who=me" in cookie for cookie in self.cookies(site))
        site.asked.clear()
        page.reload()
        until(lambda: page.locator("#picture").is_visible())
        assert self.cookies(site)
        assert all("who=me" in cookie for cookie in self.cookies(site))
        page.close()

    @pytest.mark.parametrize("words", ["", "?key=", "?key=undefined", "?check&key=0"])
    def test_a_page_sends_nobody_there(
        self, chromium: Chromium, site: Site, evil: str, words: str
    ) -> None:
        page = chromium.page(evil)
        there = f"{chromium.origin}/viewer/viewer.html{words}#"
        # Each by an address of its own, or the browser's cache answers instead of the site.
        statement = site.url(f"/statement.sdz?{quote(words)}", "cdn.example")
        page.evaluate("to => void (location = to)", there + statement)
        until(lambda: page.locator("#picture").is_visible())  # it is public, so it may be seen
        assert self.cookies(site) == {""}
        page.close()

    def test_nor_by_a_viewer_that_was_opened_rightly(
        self, chromium: Chromium, site: Site, evil: str
    ) -> None:
        page = chromium.page(evil)
        with page.expect_popup() as opened:
            page.evaluate("url => void (window.w = open(url))", site.url("/a.sdz"))
        viewer = opened.value
        until(lambda: viewer.locator("#picture").is_visible())
        assert viewer.url == f"{chromium.origin}/viewer/viewer.html#{site.url('/a.sdz')}"
        to = f"{chromium.origin}/viewer/viewer.html#{site.url('/statement.sdz?w', 'cdn.example')}"
        page.evaluate("to => void (w.location = to)", to)
        until(lambda: viewer.title().startswith("statement"))
        until(lambda: viewer.locator("#picture").is_visible())
        assert self.cookies(site) == {""}
        page.close()

    def test_nor_into_a_private_network(self, chromium: Chromium, evil: str, inside: Site) -> None:
        page = chromium.page(evil)
        inside.asked.clear()
        to = f"{chromium.origin}/viewer/viewer.html#http://127.0.0.1:{inside.port}/a.sdz"
        page.evaluate("to => void (location = to)", to)
        until(lambda: page.get_by_role("heading", name="Address not allowed").is_visible())
        assert inside.asked == []
        page.close()
