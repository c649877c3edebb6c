"""Chromium: small pictures before any model is asked, and images that ask for what they show."""

from __future__ import annotations

import io

import numpy as np
import pytest
from chromium_kit import Chromium, Pixels, pixels, until
from live_daemon import Daemon
from PIL import Image
from shown_kit import until_shown
from site_kit import STRICT, Site
from variants import copies

import sdz
from sdz import container
from sdz.container import WELL_KNOWN, Header, SdzFile, Stream
from sdz.entropy.adaptive.symbols import encode_symbols

LOG = """window.log = [];
for (const type of ["load", "error"])
  document.addEventListener(type, event => {
    if (event.target.id) log.push(`${type} ${event.target.id}`);
  }, true);"""


@pytest.fixture(scope="module", autouse=True)
def ready(chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]) -> None:
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
    site.script("/log.js", LOG)
    chromium.pair(daemon)


@pytest.fixture(scope="module")
def halves() -> bytes:
    """A file of a model that the daemon does not have, dark on the left."""
    header = Header(96, 64, WELL_KNOWN[2], bytes(8), 7)
    latents = np.zeros(header.latent_shape, np.int32)
    latents[0, :, : latents.shape[2] // 2] = -900
    stream = Stream(
        container.symbol_check(latents.astype("<i4").tobytes()), encode_symbols(latents)
    )
    return container.pack(SdzFile(header, (stream,)))


def middles(seen: Pixels) -> list[Pixels]:
    """The colours in the middle of either half."""
    height, width, _ = seen.shape
    return [seen[height // 2, width * part // 4] for part in (1, 3)]


def as_shown(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB")).astype(np.int16)


@pytest.mark.parametrize(("host", "csp"), [("gallery.example", STRICT), ("cdn.example", "")])
def test_a_preview_needs_no_model(
    chromium: Chromium, site: Site, halves: bytes, host: str, csp: str
) -> None:
    site.sdz("/halves.sdz", halves)
    html = f"<script src=log.js></script><img id=h src={site.url('/halves.sdz', host)}>"
    page = chromium.page(site.page("/halves", html, csp=csp))
    wanted = middles(as_shown(sdz.preview(halves)))
    assert np.abs(wanted[0] - wanted[1]).max() > 40  # or it would show nothing

    def stands() -> bool:
        box = page.locator("#h")
        if box.bounding_box() is None or box.bounding_box()["width"] != 96:  # type: ignore[index]
            return False
        seen = middles(pixels(box.screenshot()))
        return all(np.abs(a - b).max() < 12 for a, b in zip(seen, wanted, strict=True))

    until(stands, "the preview")
    assert page.evaluate("log") == []
    reads = page.evaluate(
        """async () => {
          const url = /url\\("([^"]*)/.exec(getComputedStyle(h).content)[1];
          const image = new Image();
          image.src = url;
          try { await image.decode(); } catch { return "dead"; }
          const context = document.createElement("canvas").getContext("2d");
          context.drawImage(image, 0, 0);
          try {
            return String(context.getImageData(20, 20, 1, 1).data);
          } catch { return "tainted"; }
        }"""
    )
    if host != "gallery.example":  # the page may read its own
        assert reads in ("dead", "tainted")
    page.close()


def test_what_is_held_has_the_size_that_its_page_gives_it(
    chromium: Chromium, site: Site, halves: bytes
) -> None:
    """Without a picture, an image with a text in its place heeds no width of its own."""
    site.sdz("/halves.sdz", halves)
    sizes = {
        "width": "width=48",
        "sheet": "class=high",
        "both": "width=30 height=30",
        "own": "",
        "most": "class=most",
    }
    html = (
        "<style>.high { height: 32px } .most { max-width: 24px; height: auto }</style>"
        + "".join(
            f"<img id={name} alt=words {more} src=halves.sdz>" for name, more in sizes.items()
        )
    )
    page = chromium.page(site.page("/sizes", html, csp=""))
    boxes = """[...document.images].map(i => {
      const {width, height} = i.getBoundingClientRect();
      return [width, height];
    })"""
    wanted = [[48, 32], [48, 32], [30, 30], [96, 64], [24, 16]]
    until(lambda: page.evaluate(boxes) == wanted, "the sizes")
    assert page.get_by_role("img", name="words").count() == len(sizes)
    page.close()


def test_the_previews_of_a_page_are_asked_for_in_lists(
    chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes]
) -> None:
    for n, data in enumerate(copies(pictures["a"], 24, "together")):
        site.sdz(f"/t{n}.sdz", data)
    before = answers(daemon)
    html = "".join(f"<img src=t{n}.sdz>" for n in range(24))
    page = chromium.page(site.page("/together", html))
    until(lambda: page.evaluate("[...document.images].every(i => i.naturalWidth === 96)"))
    assert 1 <= answers(daemon) - before <= 24
    page.close()


def answers(daemon: Daemon) -> int:
    """How many lists of previews the daemon has answered."""
    with daemon.client() as client:
        lines = client.ask("GET", "/metrics").data.decode().splitlines()
    found = [line for line in lines if line.startswith("sdz_answers") and '"/v1/previews"' in line]
    return sum(int(float(line.rpartition(" ")[2])) for line in found)


def test_a_small_image_asks_for_little_and_for_more_when_it_grows(
    chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes], decoder: str
) -> None:
    (data,) = copies(pictures["a"], 1, decoder)
    site.sdz(f"/grows-{decoder}.sdz", data)
    with daemon.client() as client:
        small = Image.open(io.BytesIO(client.decode(data, "png", max_side=24)))
        whole = pixels(client.decode(data, "png"))
    site.script("/count.js", "window.loads = 0; x.onload = () => loads += 1;")
    html = f"<img id=x width=24 alt=words src=grows-{decoder}.sdz><script src=count.js></script>"
    page = chromium.page(site.page(f"/grows-{decoder}", html))
    box = page.locator("#x")
    until(lambda: page.evaluate("loads") == 1)
    assert page.evaluate("[x.alt, x.ariaLabel]") == ["words", None]
    until_shown(page, "x", as_shown(small), 30)
    assert page.evaluate("[x.naturalWidth, x.naturalHeight, x.width, x.height]") == [96, 64, 24, 16]

    def lacks() -> float:
        """How far it is from the whole picture, under a glass that asks for nothing more."""
        page.evaluate("x.style = `transform: scale(${96 / x.width}); transform-origin: 0 0`")
        with Image.open(io.BytesIO(box.screenshot())) as shot:
            seen = as_shown(shot.resize((96, 64)))  # it may begin within a pixel
        page.evaluate("x.style = ''")
        return float(np.abs(seen - whole).mean())

    until(lambda: [one["state"] for one in chromium.pictures_of(page)] == ["shown"])
    page.wait_for_timeout(
        500
    )  # until nobody looks how large it is shown: under the glass it is large
    little = lacks()
    page.evaluate("x.width = 40")
    until(lambda: lacks() < 0.9 * little, "more of it")
    page.evaluate("x.removeAttribute('width')")
    until_shown(page, "x", whole)
    page.evaluate("x.width = 24")  # less is not asked for again
    page.wait_for_timeout(500)
    assert lacks() < 1
    assert page.evaluate("loads") == 1  # it has been told already
    page.close()


def test_a_hidden_image_has_all_of_its_picture(
    chromium: Chromium, site: Site, pictures: dict[str, bytes], wanted: dict[str, Pixels]
) -> None:
    del pictures
    html = "<style>.no { display: none }</style><img id=x class=no src=b.sdz>"
    page = chromium.page(site.page("/hidden", html, csp=""))
    until(lambda: page.evaluate("x.naturalWidth") == 96)
    page.evaluate("x.className = ''")
    until_shown(page, "x", wanted["b"])
    page.close()
