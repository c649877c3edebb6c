"""A gallery's bytes on the wire: with the extension, with sdz.js, with nothing, in Chromium.

    scripts/setup --browsers && scripts/bench gallery [FOLDER] [--count 40]

The pictures are published by `sdz publish`, and each page is visited in windows of three widths,
all its pictures shown. Bodies are counted, of whatever the browser asked for; script and library go
out compressed, as servers do. Beside it pages of AVIF and of JPEG alone.
"""

from __future__ import annotations

import gzip
import math
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

import build_publish
from benchmarks.pictures import Picture

sys.path.append(str(Path(__file__).parents[2] / "tests" / "kits"))

from chromium_kit import Chromium, until
from site_kit import Answer, Site

WIDTHS: Final = (480, 960, 1600)
TYPES: Final = {
    **{".sdz": "image/x-sdz", ".avif": "image/avif", ".jpg": "image/jpeg", ".webp": "image/webp"},
    **{".js": "text/javascript", ".wasm": "application/wasm", ".gz": "application/octet-stream"},
}
COMPRESSED: Final = (".js", ".wasm")
_SOURCES: Final = re.compile(r'<source type="image/(x-sdz|avif)"[^>]*>\s*')
_SHOWN: Final = "() => [...document.images].every((one) => one.complete && one.naturalWidth)"


@dataclass(frozen=True)
class Visitor:
    """Who comes: to which page, to see which kind of file, with what in the browser."""

    words: str
    page: str
    sees: str
    extension: bool = False


def run(pictures: list[Picture]) -> None:
    """Publish, visit, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("publishing ...", flush=True)
        html, scripted = _published(pictures, folder)
        avif = _SOURCES.sub(lambda found: found[0] if found[1] == "avif" else "", html)
        visitors = (
            Visitor("with the extension", html, ".sdz", extension=True),
            Visitor("with sdz.js, first visit", scripted, ".sdz"),
            Visitor("without: AVIF", html, ".avif"),
            Visitor("a page of AVIF alone", avif, ".avif"),
            Visitor("a page of JPEG alone", _SOURCES.sub("", html), ".jpg"),
        )
        found = {one.words: _fetched(one, folder / "site", folder / one.words) for one in visitors}
    print(f"{f'{len(pictures)} pictures, bytes at':26}" + "".join(f"{w:>12}" for w in WIDTHS))
    for words, sizes in found.items():
        print(f"{words:26}" + "".join(f"{size:12,}" for size in sizes))
    shown, script = found["with the extension"], found["with sdz.js, first visit"]
    for words in ("a page of AVIF alone", "a page of JPEG alone"):
        pays = []
        for ours, first, other in zip(shown, script, found[words], strict=True):
            saved = (other - ours) / len(pictures)
            pays.append(f"{math.ceil((first - ours) / saved):,}" if saved > 0 else "never")
        kind = words.split()[3]
        print(f"{f'sdz.js pays beside {kind} from':26}" + "".join(f"{one:>12}" for one in pays))


def _published(pictures: list[Picture], folder: Path) -> tuple[str, str]:
    """The page of ``folder``/site, and the one with sdz.js, which lies there too."""
    photos, site = folder / "photos", folder / "site"
    photos.mkdir()
    for one in pictures:
        one.image.save(photos / f"{one.name}.png", compress_level=1)
    pages = []
    for more in ((), ("--script", "sdz.js")):
        words = ["publish", str(photos), str(site), "--no-daemon", "--sizes", "100vw", *more]
        subprocess.run([sys.executable, "-m", "sdz", *words], check=True, stdout=subprocess.DEVNULL)
        pages.append((site / "index.html").read_text().replace(' loading="lazy"', ""))
    build_publish.build(site)
    return pages[0], pages[1]


def _fetched(visitor: Visitor, folder: Path, profile: Path) -> list[int]:
    """Bytes of bodies at each width."""
    sums = []
    with Chromium(profile, plain=not visitor.extension) as browser, Site() as site:
        for n, width in enumerate(WIDTHS):
            bodies = _put_up(site, f"/{n}/", folder, visitor.page)
            page = browser.context.new_page()
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"http://127.0.0.1:{site.port}/{n}/")
            until(lambda page=page: page.evaluate(_SHOWN), visitor.words, 600)
            page.wait_for_timeout(1000)
            page.close()
            asked = [unquote(urlsplit(one.path).path) for one in site.asked]
            kinds = {Path(path).suffix for path in asked}
            if visitor.sees not in kinds or (".jpg" in kinds and visitor.sees != ".jpg"):
                raise SystemExit(f"{visitor.words}: what it fetched is {', '.join(sorted(kinds))}")
            sums.append(sum(bodies.get(path, 0) for path in asked))
            site.asked.clear()
    return sums


def _put_up(site: Site, at: str, folder: Path, page: str) -> dict[str, int]:
    """The files under an address that no cache knows; their bytes, without the page's own."""
    bodies = {}
    for path in folder.iterdir():
        if path.suffix not in TYPES:
            continue
        data, headers = path.read_bytes(), {"Cache-Control": "max-age=1000"}
        if path.suffix in COMPRESSED:
            data = gzip.compress(data, 9, mtime=0)
            headers["Content-Encoding"] = "gzip"
        site.answers[at + quote(path.name)] = Answer(data, TYPES[path.suffix], headers=headers)
        bodies[at + path.name] = len(data)
    site.answers[at] = Answer(page.encode())
    return bodies
