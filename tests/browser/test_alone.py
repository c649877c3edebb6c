"""The extension without a daemon, in both browsers: it decodes lite-1 by itself, bit for bit."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium_kit import Chromium, Pixels, pixels, until
from drawn import as_file, scene, soft_alpha
from firefox_kit import Firefox
from live_daemon import Daemon
from PIL import Image
from published_page import NAMED_BY_WORDS, publish
from shown import HASHES
from shown_kit import until_shown
from site_kit import Site
from variants import copies, earlier_edition

import sdz

Browser = Chromium | Firefox
SIZES = ((1, 1), (64, 96), (213, 320), (40, 700), (300, 17), (256, 256), (31, 33), (512, 768))

ALL = "() => [...document.images].every((image) => image.complete && image.naturalWidth)"


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest) -> Browser:
    """A browser with the extension, which is paired with nobody."""
    found: Browser = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def ten() -> dict[str, bytes]:
    """Ten files of pictures of all shapes, the last two with alpha."""
    drawn = [as_file(scene(height, width, seed)) for seed, (height, width) in enumerate(SIZES)]
    made = {f"p{n}": sdz.encode(data, quality=15 + 10 * n) for n, data in enumerate(drawn)}
    for name, alpha in (("soft", soft_alpha(64, 96)), ("mask", soft_alpha(64, 96) // 128 * 255)):
        rgba = np.dstack([scene(64, 96, 5), alpha])
        made[name] = sdz.encode(as_file(Image.fromarray(rgba)), quality=50)
    assert len(made) == 10
    return made


def secure(address: str) -> str:
    """The same page by a name at which browsers let scripts hash."""
    return address.replace("gallery.example", "127.0.0.1")


def digest(data: bytes) -> str:
    return hashlib.sha256(np.asarray(sdz.decode(data)).tobytes()).hexdigest()


def reasons(browser: Browser, page: Any) -> dict[str, tuple[str, str]]:
    rows = browser.pictures_of(page)
    return {row["url"].rpartition("/")[2]: (row["state"], row["reason"]) for row in rows}


def test_ten_files_have_the_pixels_of_sdz_decode(
    browser: Browser, site: Site, ten: dict[str, bytes]
) -> None:
    for name, data in ten.items():
        site.sdz(f"/{name}.sdz", data)
    solid = [name for name in ten if name.startswith("p")]
    html = "".join(f"<img id={n} src={n}.sdz>" for n in solid)
    page = browser.page(secure(site.page("/ten", html, csp="")))
    until(lambda: page.evaluate(ALL), "the pictures")
    wanted = {name: digest(ten[name]) for name in solid}
    until(lambda: page.evaluate(HASHES) == wanted, "the pixels")
    status = browser.ask("status")
    assert status["daemon"] != "found"
    assert status["decoder"] == "own"
    page.close()


def test_alpha_is_whole(browser: Browser, ten: dict[str, bytes]) -> None:
    """Canvases of pages multiply by alpha, so the extension's own answer is looked at."""
    for name in ("soft", "mask", "p1"):
        text = base64.b64encode(ten[name]).decode()
        answer = asked(browser, text)
        png = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer))))
        assert np.array_equal(png, np.asarray(sdz.decode(ten[name]))), name


def asked(browser: Browser, text: str) -> str:
    """The picture of a file, by the viewer's own question; both in base64."""
    browser.ask("status")
    own: Any = browser._own
    answer: str = own.evaluate(
        """async (text) => {
          const api = globalThis.browser ?? chrome;
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
          const answer = await api.runtime.sendMessage({ kind: "decode", bytes });
          if (!answer.ok) return answer.code;
          let found = "";
          for (const byte of new Uint8Array(answer.bytes)) found += String.fromCharCode(byte);
          return btoa(found);
        }""",
        text,
    )
    return answer


def test_kept_regions_lie_over_it(browser: Browser) -> None:
    """AVIF is the browsers' own, which may round otherwise; all else is the same."""
    for keep, box in (("40,30,100,60", (40, 30, 100, 60)), ("0,0,300,200", (0, 0, 300, 200))):
        data = sdz.encode(as_file(scene(200, 300, 4)), quality=40, keep=keep)
        assert sdz.container.unpack(data).kept is not None
        answer = asked(browser, base64.b64encode(data).decode())
        found = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer))), np.int32)
        wanted = np.asarray(sdz.decode(data), np.int32)
        left, top, width, height = box
        assert np.abs(found - wanted).max() <= 3
        found[top : top + height, left : left + width] = 0
        wanted[top : top + height, left : left + width] = 0
        assert np.array_equal(found, wanted)


def test_damaged_files_fail_and_the_next_is_shown(
    browser: Browser, site: Site, ten: dict[str, bytes]
) -> None:
    file = sdz.container.unpack(ten["p2"])
    (stream,) = file.streams
    changed = bytearray(stream.data)
    changed[len(changed) // 2] ^= 4
    wrong = sdz.container.Stream(stream.check, bytes(changed))
    bad = sdz.container.pack(sdz.container.SdzFile(file.header, (wrong,)))
    for n, data in enumerate(copies(bad, 12, "bad")):
        site.sdz(f"/bad{n}.sdz", data)
    site.sdz("/cut.sdz", ten["p2"][:-40])
    site.sdz("/good.sdz", ten["p3"])
    html = "".join(f"<img src=bad{n}.sdz>" for n in range(12))
    page = browser.page(
        site.page("/bad", f"{html}<img src=cut.sdz><img id=good src=good.sdz>", csp="")
    )
    until(lambda: len(reasons(browser, page)) == 14, "all of them")
    found = reasons(browser, page)
    assert found.pop("good.sdz") == ("shown", "")
    assert found.pop("cut.sdz") == ("failed", "truncated")
    assert set(found.values()) <= {("failed", "bad-symbols"), ("failed", "bad-field")}
    page.close()


def test_what_only_the_daemon_can_do_waits_for_it_and_holds_up_nothing(
    browser: Browser, daemon: Daemon, site: Site, ten: dict[str, bytes]
) -> None:
    site.sdz("/earlier.sdz", earlier_edition())
    site.sdz("/now.sdz", ten["p4"])
    page = browser.page(
        site.page("/both", "<img id=e src=earlier.sdz><img id=n src=now.sdz>", csp="")
    )
    until(lambda: reasons(browser, page).get("now.sdz") == ("shown", ""), "the other")
    until(lambda: reasons(browser, page).get("earlier.sdz", ("", ""))[0] == "waiting", "the word")
    assert reasons(browser, page)["earlier.sdz"][1] in ("absent", "unpaired")
    browser.pair(daemon)
    until(lambda: reasons(browser, page)["earlier.sdz"] == ("shown", ""), "the daemon's part")
    page.close()


def test_the_daemon_is_preferred_and_not_missed(
    browser: Browser, daemon: Daemon, site: Site, ten: dict[str, bytes]
) -> None:
    if browser.ask("status")["daemon"] != "found":
        browser.pair(daemon)
    assert browser.ask("status")["decoder"] == "daemon"
    first, second = copies(ten["p5"], 2, "prefer")
    site.sdz("/first.sdz", first)
    site.sdz("/second.sdz", second)
    before = daemon.decodes()
    page = browser.page(site.page("/first", "<img id=x src=first.sdz>"))
    until(lambda: reasons(browser, page).get("first.sdz") == ("shown", ""), "by the daemon")
    assert daemon.decodes() == before + 1
    page.close()
    daemon.stop()
    try:
        page = browser.page(site.page("/second", "<img id=x src=second.sdz>"))
        until(lambda: reasons(browser, page).get("second.sdz") == ("shown", ""), "without it")
        page.close()
    finally:
        daemon.start()
        browser.ask("unpair")


def test_a_published_page_shows_its_sdz(browser: Browser, site: Site, tmp_path: Path) -> None:
    address, wanted = publish(tmp_path, site)
    page = browser.page(address)
    until(lambda: page.evaluate(ALL), "the pictures")
    assert page.evaluate(NAMED_BY_WORDS)
    until(lambda: page.evaluate(HASHES) == wanted, "the pixels of the .sdz")
    page.close()


def test_twelve_megapixels(browser: Browser, site: Site) -> None:
    rgb = np.tile(scene(500, 500, 3), (6, 8, 1))
    data = sdz.encode(as_file(rgb), quality=30)
    site.sdz("/large.sdz", data)
    html = "<img id=x src=large.sdz style='width:2100px'>"
    page = browser.page(secure(site.page("/large", html, csp="")))
    size = "() => [document.images[0].naturalWidth, document.images[0].naturalHeight]"
    until(lambda: page.evaluate(size) == [4000, 3000], "the picture")
    until(lambda: page.evaluate(HASHES) == {"x": digest(data)}, "its pixels")
    page.close()


def test_the_viewer_shows_it_too(browser: Browser, site: Site, ten: dict[str, bytes]) -> None:
    site.sdz("/viewed.sdz", ten["p1"])
    wanted: Pixels = pixels(as_png(ten["p1"]))
    if isinstance(browser, Chromium):
        page: Any = browser.page(f"{browser.origin}/viewer/viewer.html#{site.url('/viewed.sdz')}")
        box = page.locator("#picture")
        box.wait_for()
        until_shown(page, "picture", wanted)
        assert "96 × 64" in page.inner_text("#facts")
        page.close()


def as_png(data: bytes) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.asarray(sdz.decode(data))).save(out, "PNG")
    return out.getvalue()
