"""``sdz.js`` on a publisher's page, in browsers that have no extension, and in one that has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium_kit import Chromium, pixels, until
from drawn import as_file, scene
from firefox_kit import Firefox
from published_page import NAMED_BY_WORDS, publish
from shown import HASHES
from site_kit import Answer, Site

import build_publish
import sdz

Browser = Chromium | Firefox
STRICT = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; img-src 'self' blob:"
)
FALLBACK = as_file(scene(64, 96, 77))
LOG = """window.log = [];
for (const type of ["load", "error"])
  document.addEventListener(type, event => {
    if (event.target.id) log.push(`${type} ${event.target.id}`);
  }, true);"""
SCRIPT = "<script type=module src=sdz.js></script>"
NAMES = [f"p{n}" for n in range(10)]


@pytest.fixture(scope="module")
def ten() -> dict[str, bytes]:
    made = {}
    for n, name in enumerate(NAMES):
        made[name] = sdz.encode(as_file(scene(40 + 30 * n, 330 - 27 * n, n)), quality=15 + 8 * n)
    return made


@pytest.fixture(scope="module")
def published(site: Site, ten: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """What a publisher's server has."""
    types = {".js": "text/javascript", ".wasm": "application/wasm"}
    for path in build_publish.build(tmp_path_factory.mktemp("publish")):
        kind = types.get(path.suffix, "application/octet-stream")
        head = {"Cache-Control": "max-age=1000"}
        site.answers[f"/{path.name}"] = Answer(path.read_bytes(), kind, headers=head)
    for name, data in ten.items():
        site.sdz(f"/{name}.sdz", data, "image/x-sdz", Cache_Control="max-age=1000")
    site.answers["/p.png"] = Answer(FALLBACK, "image/png")
    site.sdz("/damaged.sdz", ten["p3"][:-30], "image/x-sdz")
    site.script("/log.js", LOG)
    return site


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser with nothing in it."""
    kind = Chromium if request.param == "chromium" else Firefox
    with kind(tmp_path_factory.mktemp(request.param), plain=True) as running:
        yield running


def put_up(site: Site, path: str, html: str, csp: str = STRICT) -> str:
    """A page whose pictures come when the script is there, so that it hears of all that happens; by
    a name at which browsers let scripts hash."""
    site.script("/insert.js", "document.body.append(document.querySelector('template').content)")
    whole = f"<template>{html}</template>{SCRIPT}<script type=module src=insert.js></script>"
    address = site.page(path, f"<script src=log.js></script>{whole}", csp=csp)
    return address.replace("gallery.example", "127.0.0.1")


def digest(data: bytes) -> str:
    return hashlib.sha256(np.asarray(sdz.decode(data)).tobytes()).hexdigest()


def shows(page: Any, wanted: dict[str, str]) -> None:
    complete = "() => [...document.images].every((one) => one.complete && one.naturalWidth)"
    until(lambda: page.evaluate(complete), "all of them")
    until(lambda: page.evaluate(HASHES) == wanted, "the pixels")


def test_ten_files_have_the_pixels_of_sdz_decode(
    browser: Browser, published: Site, ten: dict[str, bytes]
) -> None:
    published.asked.clear()
    html = "".join(f"<img id={name} src={name}.sdz alt={name}>" for name in NAMES)
    page = browser.page(
        published.page("/ten", f"{html}{SCRIPT}", csp=STRICT).replace(
            "gallery.example", "127.0.0.1"
        )
    )
    shows(page, {name: digest(data) for name, data in ten.items()})
    sources = page.evaluate("() => [...document.images].map((one) => one.getAttribute('src'))")
    assert sources == [f"{name}.sdz" for name in NAMES]
    asked = [one.path for one in published.asked]
    assert [asked.count(name) for name in ("/sdz.wasm", "/lite-1.weights.gz")] == [1, 1]
    page.close()


def test_all_that_has_a_browser_load_an_image(
    browser: Browser, published: Site, ten: dict[str, bytes]
) -> None:
    published.script(
        "/later.js",
        """setTimeout(() => {
          const made = document.createElement("img");
          made.id = "later";
          made.src = "p5.sdz";
          document.body.append(made);
          document.getElementById("changed").src = "p6.sdz";
        }, 300);""",
    )
    html = (
        "<img id=set srcset='p0.sdz 1x, p1.sdz 4x'><img id=changed src=p1.sdz>"
        "<picture><source srcset=p2.sdz media='(min-width: 1px)'>"
        "<img id=chosen src=p.png></picture>"
        "<img id=lazy loading=lazy src=p4.sdz><script src=later.js></script>"
    )
    page = browser.page(put_up(published, "/kinds", html))
    until(lambda: page.evaluate("() => document.getElementById('later') !== null"))
    names = {"set": "p0", "changed": "p6", "chosen": "p2", "lazy": "p4", "later": "p5"}
    shows(page, {element: digest(ten[name]) for element, name in names.items()})
    elements = ["changed", *names]  # the one that is changed has had two pictures
    found = sorted(page.evaluate("() => log"))
    assert found in (
        sorted(f"load {name}" for name in names),
        sorted(f"load {name}" for name in elements),
    )
    page.close()


def test_a_page_that_sdz_publish_made(browser: Browser, published: Site, tmp_path: Path) -> None:
    address, wanted = publish(tmp_path, published, script="sdz.js")
    page = browser.page(address)
    complete = "() => [...document.images].every((one) => one.complete && one.naturalWidth)"
    until(lambda: page.evaluate(complete), "the pictures")
    assert page.evaluate(NAMED_BY_WORDS)
    until(lambda: page.evaluate(HASHES) == wanted, "the pixels of the .sdz")
    page.close()


def test_what_cannot_be_shown(browser: Browser, published: Site) -> None:
    html = (
        "<img id=own src=damaged.sdz data-fallback=p.png><img id=none src=missing.sdz "
        "data-fallback=p.png><img id=bare src=damaged.sdz>"
    )
    page = browser.page(put_up(published, "/worse", html))
    until(lambda: sorted(page.evaluate("() => log")) == ["error bare", "load none", "load own"])
    fallback = hashlib.sha256(pixels(FALLBACK).astype(np.uint8).tobytes()).hexdigest()
    found = page.evaluate(
        HASHES.replace("document.images", "document.querySelectorAll('#own,#none')")
    )
    assert found == {"own": fallback, "none": fallback}
    page.close()


def test_a_policy_that_allows_no_workers(browser: Browser, published: Site) -> None:
    policy = STRICT.replace("worker-src 'self'", "worker-src 'none'")
    page = browser.page(
        put_up(published, "/narrow", "<img id=x src=p7.sdz data-fallback=p.png>", policy)
    )
    until(lambda: page.evaluate("() => log") == ["load x"], "the fallback")
    page.close()


def test_the_extension_is_left_to_it(
    chromium: Chromium, published: Site, ten: dict[str, bytes]
) -> None:
    published.asked.clear()
    page = chromium.page(put_up(published, "/both", "<img id=x src=p8.sdz>"))
    shows(page, {"x": digest(ten["p8"])})
    assert page.evaluate("() => log") == ["load x"]
    assert "/sdz.wasm" not in [one.path for one in published.asked]
    page.close()
