"""docs/publishing.md, tried: its commands make pages that show in a browser without anything."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from blocks import ROOT, RUN, Sandbox, blocks_of
from elements import Elements
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from site_kit import Answer, Site

from sdz import decode
from sdz.publishing.names import TYPES

PAGE = "docs/publishing.md"
KINDS = {".sdz": "sdz", ".avif": "avif", ".jpg": "jpeg"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the commands of the page were run."""
    sandbox = Sandbox(tmp_path_factory.mktemp("publishing"))
    try:
        for block in blocks_of((ROOT / PAGE).read_text("utf-8"), PAGE):
            if block.language in RUN and block.excuse is None:
                sandbox.run(block)
        yield sandbox.folder
    finally:
        sandbox.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without the extension."""
    path = shutil.which("chromium") or shutil.which("google-chrome-for-testing")
    words = ["--force-color-profile=srgb"] + (["--no-sandbox"] if os.getuid() == 0 else [])
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=words)
        yield made
        made.close()


def offered(attributes: dict[str, str | None]) -> list[tuple[str, int | None]]:
    """The files that an element names, with their widths where it says them."""
    found: list[tuple[str, int | None]] = []
    for one in (attributes.get("srcset") or "").split(", "):
        if one:
            name, width = one.split()
            found.append((unquote(name), int(width.removesuffix("w"))))
    if attributes.get("src"):
        found.append((unquote(attributes["src"] or ""), None))
    return found


@pytest.mark.parametrize("site", ["site", "fine", "good", "public"])
def test_every_file_that_a_page_names_is_there_and_is_what_it_says(folder: Path, site: str) -> None:
    root = folder / site
    elements = Elements((root / "index.html").read_text("utf-8")).found
    pictures = [tag for tag, _ in elements if tag == "picture"]
    assert len(pictures) == (1 if site == "public" else 2)
    sources = [found for tag, found in elements if tag in ("source", "img")]
    assert len(sources) == 3 * len(pictures)
    for attributes in sources:
        for name, width in offered(attributes):
            kind = KINDS[Path(name).suffix]
            assert attributes.get("type", "image/jpeg") == TYPES[kind]
            data = (root / name).read_bytes()
            image = decode(data) if kind == "sdz" else Image.open(io.BytesIO(data))
            assert kind == "sdz" or image.format == kind.upper()
            assert width in (None, image.width)
    for attributes in (found for tag, found in elements if tag == "img"):
        assert (attributes["width"], attributes["height"]) == ("320", "240")
        assert attributes["loading"] == "lazy"
        assert attributes["alt"]


def test_the_page_that_was_there_keeps_its_words(folder: Path) -> None:
    html = (folder / "public" / "index.html").read_text("utf-8")
    assert "<body><h1>A day out</h1><picture>" in html
    assert 'class="wide" alt="Discs before waves"' in html
    assert html.endswith("</picture></body></html>\n")
    assert html.count('sizes="50vw"') == 2


@pytest.mark.parametrize("name", ["site", "public", "scripted"])
@pytest.mark.parametrize("avif", [True, False])
def test_without_extension_and_scripts_the_fallback_shows(
    folder: Path, browser: Browser, name: str, avif: bool
) -> None:
    root = folder / name
    with Site() as site:
        for path in root.rglob("*"):
            kind = KINDS.get(path.suffix)
            answer = Answer(path.read_bytes(), TYPES[kind]) if kind else None
            if answer is not None:
                site.answers[f"/{path.name}"] = answer
        html = (root / "index.html").read_text("utf-8")
        if not avif:  # as a browser sees it that does not know the type
            html = html.replace("image/avif", "image/x-unknown")
        site.answers["/"] = Answer(html.encode())
        page = browser.new_page(java_script_enabled=False, viewport={"width": 900, "height": 900})
        page.goto(f"http://127.0.0.1:{site.port}/", wait_until="networkidle")
        image = page.locator("img[src='photo.jpg']")
        box = image.bounding_box()
        assert box is not None
        assert round(box["width"] / box["height"], 2) == round(320 / 240, 2)
        shown = Image.open(io.BytesIO(image.screenshot())).convert("RGB")
        page.close()
        asked = {unquote(one.path) for one in site.asked}
    file = "photo.avif" if avif else "photo.jpg"
    assert f"/{file}" in asked
    # With scripts off no browser loads lazily, hidden images neither.
    assert any(path.endswith(".sdz") for path in asked) == (name == "scripted")
    with Image.open(root / file) as wanted:
        expected = np.asarray(wanted.convert("RGB").resize(shown.size)).astype(int)
    # Browsers scale and convert in ways of their own: the same picture, not the same bits.
    assert np.abs(np.asarray(shown).astype(int) - expected).mean() < 3
