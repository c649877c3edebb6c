"""Pages of pictures in real browsers: when the previews stand there, when the pictures do.

    scripts/setup --browsers && scripts/bench page [--alone] [--shots DIR]

Pages of 30 pictures of 768x512 that are in no cache, the same again, one of 200 thumbnails of
2048x1536 shown at 300 pixels, and one picture of 12 megapixels, in Chromium and Firefox, with a
daemon that has decoded before; with --alone by the extension itself. And what a page of 300 takes
of memory, beside one of the same pictures as PNG and as JPEG.
Seconds are the page's own, from the beginning of the navigation until the last of them is there:
the previews of all pictures, all pictures in view, all pictures; medians, the least and the most.
The page tells them itself: nobody looks on. A preview is what was last put in a picture's place
before the picture; Firefox has none.
"""

from __future__ import annotations

import io
import json
import os
import queue
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from PIL import Image

from benchmarks import page_many, page_memory
from benchmarks.bare_chromium import BareChromium
from benchmarks.pictures import Picture

sys.path.append(str(Path(__file__).parents[2] / "tests" / "kits"))

from firefox_kit import Firefox
from live_daemon import Daemon, usual_port
from site_kit import Answer, Asked, Site
from variants import copies

PICTURES: Final = 30
THUMBNAILS: Final = 200
THUMBNAIL_SIDE: Final = 300
MEGAPIXELS: Final = (2048, 1536)
LARGEST: Final = (4000, 3000)
MANY: Final = 300
VIEW: Final = (1600, 1050)
SHOT_S: Final = 0.3
PATIENCE_S: Final = 900.0

# First in the page: who listens later may have missed some.
_CLOCK: Final = """
const times = new Map();
const of = image => times.get(image) ?? times.set(image, {loads: [], held: 0}).get(image);
const held = records => {
  for (const {target} of records) if (target.style.content) of(target).held = performance.now();
};
new MutationObserver(held).observe(document, {subtree: true, attributeFilter: ["style"]});
document.addEventListener("load", ({target}) => {
  if (!(target instanceof HTMLImageElement)) return;
  of(target).loads.push(performance.now());
  setTimeout(tell, 500);
}, true);
let told = false;
function tell() {
  const images = [...document.images];
  if (told || document.readyState === "loading") return;
  if (!images.every(image => of(image).loads.length)) return;
  told = true;
  const rows = images.map(image => {
    const {top, bottom} = image.getBoundingClientRect();
    return {...of(image), inView: top < innerHeight && bottom > 0};
  });
  fetch("/seen?" + encodeURIComponent(JSON.stringify(rows)));
}
"""


@dataclass
class Seen:
    """Seconds of all previews, pictures, and pictures in view, sorted."""

    previews: list[float]
    pictures: list[float]
    in_view: list[float]

    @classmethod
    def of(cls, rows: list[dict[str, Any]]) -> Seen:
        """From what a page told."""
        twice = sum(len(row["loads"]) > 1 for row in rows)
        if twice:
            raise SystemExit(f"{twice} pictures had a second load")
        return cls(
            sorted(row["held"] / 1000 for row in rows if row["held"]),
            sorted(row["loads"][0] / 1000 for row in rows),
            sorted(row["loads"][0] / 1000 for row in rows if row["inView"]),
        )


@dataclass
class Pages:
    """Pages that tell when they showed what."""

    site: Site
    told: queue.SimpleQueue[list[dict[str, Any]]] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        self.site.script("/clock.js", _CLOCK)
        self.site.answers["/seen"] = self._hear

    def _hear(self, asked: Asked) -> Answer:
        self.told.put(json.loads(unquote(asked.path.partition("?")[2])))
        return Answer()

    def put_up(
        self, name: str, files: list[bytes], attributes: str = "", kind: str = "x-sdz"
    ) -> str:
        """A page of these pictures. ``kind``: of image/."""
        names = [f"/{name}-{n}.{kind.removeprefix('x-')}" for n in range(len(files))]
        for path, data in zip(names, files, strict=True):
            self.site.sdz(path, data, f"image/{kind}")
        images = "".join(f"<img src={path} {attributes}>" for path in names)
        return self.site.page(f"/{name}", f"<script src=/clock.js></script>{images}", csp="")

    def seen(self) -> Seen:
        """What the page that is open told."""
        return Seen.of(self.told.get(timeout=PATIENCE_S))


@dataclass(frozen=True)
class Sets:
    """Files of the pictures, of 3 megapixels, and of 12."""

    files: list[bytes]
    large: list[bytes]
    largest: list[bytes]


def run(
    pictures: list[Picture], rounds: int, shots: Path | None, browsers: list[str], alone: bool
) -> None:
    """Measure and print."""
    print("encoding ...", flush=True)
    sets = _sets(pictures)
    print(f"load average {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        for name in browsers:
            home = Path(folder) / name
            home.mkdir()
            there = nullcontext() if alone else Daemon(home / "daemon", port=usual_port())
            with there as daemon, Site() as site:
                _in_browser(name, home, daemon, Pages(site), sets, rounds, shots)


def _in_browser(
    name: str,
    home: Path,
    daemon: Daemon | None,
    pages: Pages,
    sets: Sets,
    rounds: int,
    shots: Path | None,
) -> None:
    files, large = sets.files, sets.large
    kind: Callable[..., Any] = {"chromium": _Chromium, "firefox": _Firefox}[name]
    with kind(home / "browser") as browser:
        if daemon:
            browser.pair(daemon)
        browser.show(pages, pages.put_up("warm", _fresh(files, 2, "warm")))
        fresh, again = [], []
        for n in range(rounds):
            at = pages.put_up(f"fresh-{n}", _fresh(files, PICTURES, f"{name} {n}"))
            fresh.append(browser.show(pages, at))
            again.append(browser.show(pages, at))
        _say(name, f"{PICTURES} pictures of 768x512", fresh)
        _say(name, "the same again", again)
        thumbs = _fresh(large, THUMBNAILS, name)
        at = pages.put_up("thumbs", thumbs, f"width={THUMBNAIL_SIDE}")
        _say(name, f"{THUMBNAILS} thumbnails", [browser.show(pages, at)])
        page_memory.begin(os.getpid())
        at = pages.put_up("largest", _fresh(sets.largest, 1, name), "width=800")
        _say(name, "12 megapixels", [browser.show(pages, at)])
        for part, most in sorted(page_memory.most(os.getpid()).items()):
            print(f"{name:<9} most memory of a process of {part} meanwhile: {most:.0f} MiB")
        page_many.run(name, browser, pages, files, _fresh(files, MANY, "many"))
        if shots:
            shots.mkdir(parents=True, exist_ok=True)
            at = pages.put_up("shots", _fresh(files, PICTURES, f"{name} shots"))
            browser.show(pages, at, shots / f"{name}-pictures")
            at = pages.put_up("shots-small", _fresh(large, 24, "s"), f"width={THUMBNAIL_SIDE}")
            browser.show(pages, at, shots / f"{name}-thumbnails")


class _Chromium(BareChromium):
    """``then``: done while the page is still open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, VIEW)

    def show(
        self, pages: Pages, at: str, shots: Path | None = None, then: Callable[[], object] = int
    ) -> Seen:
        tab = self.open(at)
        if shots:
            time.sleep(SHOT_S)
            shots.with_name(f"{shots.name}-early.png").write_bytes(self.screenshot(tab))
        seen = pages.seen()
        if shots:
            shots.with_name(f"{shots.name}-end.png").write_bytes(self.screenshot(tab))
        then()
        self.close(tab)
        return seen


class _Firefox(Firefox):
    """The same."""

    def show(
        self, pages: Pages, at: str, shots: Path | None = None, then: Callable[[], object] = int
    ) -> Seen:
        page = self.page("about:blank", size=VIEW)
        page.goto(at, "none" if shots else "domcontentloaded")
        if shots:
            time.sleep(SHOT_S)
            shots.with_name(f"{shots.name}-early.png").write_bytes(page.screenshot("html"))
        seen = pages.seen()
        if shots:
            shots.with_name(f"{shots.name}-end.png").write_bytes(page.screenshot("html"))
        then()
        page.close()
        return seen


def _say(browser: str, what: str, seen: list[Seen]) -> None:
    def last(times: list[list[float]]) -> str:
        found = [one[-1] for one in times if one]
        least = f" ({min(found):.2f} to {max(found):.2f})" if len(found) > 1 else ""
        return f"{statistics.median(found):.2f} s{least}" if found else "none"

    one = seen[0]
    print(
        f"{browser:<9} {what}:"
        f" previews of all {len(one.previews)}: {last([each.previews for each in seen])}"
        f"; all {len(one.in_view)} in view: {last([each.in_view for each in seen])}"
        f"; all {len(one.pictures)}: {last([each.pictures for each in seen])}",
        flush=True,
    )


def _fresh(files: list[bytes], number: int, word: str) -> list[bytes]:
    """That many files which no cache knows."""
    each = -(-number // len(files))
    made = [copies(data, each, f"{word} {os.urandom(4).hex()}") for data in files]
    return [made[n % len(files)][n // len(files)] for n in range(number)]


def _sets(pictures: list[Picture]) -> Sets:
    """The large ones show several pictures beside each other."""
    import sdz

    def several(size: tuple[int, int], first: int) -> bytes:
        whole = Image.new("RGB", size)
        across = -(-size[0] // 768)
        for at in range(across * -(-size[1] // 512)):
            tile = pictures[(first + at) % len(pictures)].image
            whole.paste(tile, (at % across * 768, at // across * 512))
        return sdz.encode(_png(whole))

    return Sets(
        [sdz.encode(_png(one.image)) for one in pictures],
        [several(MEGAPIXELS, n * 5) for n in range(4)],
        [several(LARGEST, 0)],
    )


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
