"""Screenshots of the extension's pages for docs/: viewer, popup and options, light and dark.

    scripts/setup --test --browsers && .venv/bin/python scripts/extension_pictures.py [--out DIR]

The real extension in Chromium with the real daemon, on drawn pictures; WebP, under 100 kB each.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "kits")]

from chromium_kit import Chromium, until  # noqa: E402
from live_daemon import Daemon, usual_port  # noqa: E402
from site_kit import Site  # noqa: E402

from sample import landscape  # noqa: E402

SCALE = 1.5
MOST_BYTES = 100_000
expect.set_options(timeout=60_000)  # the first picture waits for the engine to start
PICTURES = {  # name of the file: share of the drawing, quality
    "mountain-lake.sdz": ((0.0, 0.0, 1.0, 1.0), 88),
    "far-shore.sdz": ((0.0, 0.25, 0.6, 0.9), 95),
    "clouds-over-the-ridge.sdz": ((0.1, 0.0, 0.9, 0.5), 88),
    "signpost.sdz": ((0.6, 0.5, 0.95, 0.95), 70),
}


def put_up(site: Site) -> dict[str, str]:
    """The pictures, one of them damaged, and a page with all; their addresses by name."""
    import sdz

    scene = landscape()
    for name, ((left, top, right, bottom), quality) in PICTURES.items():
        width, height = scene.size
        box = (int(left * width), int(top * height), int(right * width), int(bottom * height))
        site.sdz(f"/{name}", sdz.encode(scene.crop(box), quality=quality))
    broken = bytearray(sdz.encode(scene.resize((96, 64)), quality=50))
    broken[-20] ^= 1
    site.sdz("/broken-off.sdz", bytes(broken))
    names = [*PICTURES, "broken-off.sdz"]
    html = "".join(f"<img src={name} width=200>" for name in names)
    addresses = {name: site.url(f"/{name}") for name in names}
    return addresses | {"page": site.page("/trip", html)}


def shoot(page: Page, path: Path, width: int, height: int | None = None) -> None:
    """One screenshot; without a height, as high as the page is."""
    page.set_viewport_size({"width": width, "height": height or 600})
    body = "document.querySelector('main').parentElement.getBoundingClientRect().height"
    tall = height or int(page.evaluate(f"Math.ceil({body})"))
    session = page.context.new_cdp_session(page)
    size = {"width": width, "height": tall, "deviceScaleFactor": SCALE, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", size)
    page.wait_for_timeout(500)  # what fades in has done so
    shot = session.send("Page.captureScreenshot", {"format": "png"})
    image = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
    for quality in (90, 80, 70, 60, 50):
        image.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size < MOST_BYTES:
            break
    print(f"{path}: {image.width} x {image.height}, {path.stat().st_size:,} bytes")


def open_page(chromium: Chromium, path: str, scheme: str) -> Page:
    page = chromium.context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 1180, "height": 740})
    page.goto(f"{chromium.origin}/{path}")
    return page


def viewer(chromium: Chromium, where: dict[str, str], scheme: str, out: Path) -> None:
    page = open_page(chromium, f"viewer/viewer.html#{where['mountain-lake.sdz']}", scheme)
    expect(page.locator("#picture")).to_be_visible()
    shoot(page, out, 1180, 740)
    page.close()


def popup(chromium: Chromium, where: dict[str, str], scheme: str, out: Path) -> None:
    about = chromium.page(where["page"])
    until(lambda: len(chromium.pictures_of(about)) == len(PICTURES) + 1)
    find = "async url => (await chrome.tabs.query({})).find((tab) => tab.url === url).id"
    tab = chromium.worker.evaluate(find, about.url)
    page = open_page(chromium, f"popup/popup.html?tab={tab}", scheme)
    expect(page.locator(".picture")).to_have_count(len(PICTURES) + 1)
    page.locator("#version").evaluate(
        "it => it.textContent = it.textContent.replace(/\\d+$/, 7390)"
    )
    page.locator("#host").evaluate("it => it.textContent = it.textContent.replace(/:\\d+$/, '')")
    shoot(page, out, 360)
    page.close()
    about.close()


def options(chromium: Chromium, scheme: str, out: Path) -> None:
    page = open_page(chromium, "options/options.html", scheme)
    expect(page.locator("#state")).to_have_text("Not paired yet")
    page.locator("#port").evaluate("it => it.value = 7390")
    shoot(page, out, 760)
    page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SDZ_HOME"] = str(Path(folder, "own"))
        daemon = Daemon(Path(folder, "home"))
        daemon.port = usual_port()
        with (
            Site() as site,
            daemon,
            Chromium(Path(folder, "chromium"), public_port=site.port) as chromium,
        ):
            where = put_up(site)
            for scheme in ("light", "dark"):
                chromium.pair(daemon)
                viewer(chromium, where, scheme, out / f"extension-viewer-{scheme}.webp")
                popup(chromium, where, scheme, out / f"extension-popup-{scheme}.webp")
                chromium.ask("unpair")
                chromium.ask("site", origin="https://news.example", on=False)
                options(chromium, scheme, out / f"extension-options-{scheme}.webp")


if __name__ == "__main__":
    main()
