"""Screenshots of the dashboard for the documents: a real daemon, a real browser, a drawn picture.

    .venv/bin/python scripts/dashboard_shots.py [--out docs]

Needs what ``scripts/setup --test`` installs, and Chromium. Writes dashboard.webp (light),
dashboard-dark.webp and dashboard-phone.webp, each below 150 kB.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from sample import landscape

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "kits"))

from browser_kit import PATIENCE_MS, LiveDaemon, chromium, open_dashboard

MOST_BYTES = 150_000
ORIGINS = {"Firefox": "moz-extension://shots", "Photo backup": None}


def compare(page: Page, picture: Path) -> None:
    page.set_input_files("#file", str(picture))
    expect(page.locator("#row-avif input")).to_be_enabled(timeout=PATIENCE_MS)
    page.evaluate("document.activeElement.blur()")


def watch(page: Page, folder: Path) -> None:
    page.click("nav a[href='#folders']")
    page.fill("#root", str(folder))
    page.get_by_role("button", name="Watch", exact=True).click()


def fill_folder(folder: Path, sizes: range) -> None:
    folder.mkdir(parents=True)
    whole = landscape()
    for number, side in enumerate(sizes):
        whole.crop((side, side // 2, side + 256, side // 2 + 192)).save(folder / f"{number}.png")


def pair(daemon: LiveDaemon) -> None:
    with daemon.client() as client:
        for name, origin in ORIGINS.items():
            body = json.dumps({"code": client.open_pairing()["code"], "name": name}).encode()
            headers = {"Origin": origin} if origin else {}
            client.ask("POST", "/v1/pair", body=body, headers=headers)


def save(page: Page, path: Path, *, full: bool = False) -> None:
    """A screenshot as WebP, as good as the limit allows."""
    page.wait_for_timeout(400)  # transitions
    image = Image.open(io.BytesIO(page.screenshot(full_page=full))).convert("RGB")
    for quality in (90, 85, 80, 70, 60):
        image.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size < MOST_BYTES:
            break
    print(f"{path} {image.width}x{image.height} {path.stat().st_size:,} bytes")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs")
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory(prefix="sdz-") as temporary:
        place = Path(temporary)
        picture = place / "landscape.png"
        landscape().save(picture)
        fill_folder(place / "Pictures" / "Lake", range(0, 240, 20))
        fill_folder(place / "Pictures" / "Forest", range(5, 485, 10))
        with LiveDaemon(place / "home") as daemon, chromium() as browser:
            pair(daemon)
            wide = {"width": 1280, "height": 790}
            page = open_dashboard(browser, daemon, viewport=wide)
            compare(page, picture)
            save(page, out / "dashboard.webp")
            page = open_dashboard(
                browser, daemon, viewport={"width": 360, "height": 740}, device_scale_factor=2
            )
            compare(page, picture)
            save(page, out / "dashboard-phone.webp", full=True)
            page = open_dashboard(browser, daemon, viewport=wide, color_scheme="dark")
            watch(page, place / "Pictures" / "Lake")
            cards = page.locator("#folders .card")
            expect(cards.first).to_contain_text("12 pictures done", timeout=PATIENCE_MS)
            watch(page, place / "Pictures" / "Forest")
            expect(cards.first).to_contain_text("in work", timeout=PATIENCE_MS)
            expect(cards.first).not_to_contain_text(" 0 pictures done", timeout=PATIENCE_MS)
            page.wait_for_timeout(3000)
            save(page, out / "dashboard-dark.webp")
    return 0


if __name__ == "__main__":
    sys.exit(main())
