"""Outputs of a picture as elements: what is offered by type, best first, and the image that every
browser shows.

Where pages load sdz.js, which takes up what a browser fails to show, the ``.sdz`` is the image
itself, and those without scripts have the others: ``<img><noscript><picture>``.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from sdz.publishing.manifest import Output, PictureRecord
from sdz.publishing.names import TYPES

Attributes = Sequence[tuple[str, str | None]]

MARK: Final = "data-sdz"
"""Of an image whose size was not on the page before."""

STYLE: Final = (
    f"<style>:where(picture){{display:contents}}:where(img[{MARK}]){{height:auto}}</style>"
)
"""Leaves a page its layout: ``picture`` makes no box, and a height that is given for the place to
be kept gives way to a width of the page's own. Any rule of the page's goes before these."""

UNSCRIPTED: Final = "<noscript><style>img[data-fallback]{display:none}</style></noscript>"
"""Without scripts nothing takes up a .sdz, and what stands in its place is shown alone."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How pages show pictures. sizes: for those that name none, as in HTML; None: by their width.
    script: the address of sdz.js; None: pages do without."""

    sizes: str | None = None
    script: str | None = None

    @property
    def script_tag(self) -> str:
        """What loads sdz.js; early on a page, since it sees no failure of before it came."""
        if self.script is None:
            return ""
        words = [("type", "module"), ("async", None), ("src", self.script)]
        return f"{tag('script', words)}</script>"


def picture_tag(
    record: PictureRecord,
    folder: str,
    attributes: Attributes,
    sizes: str,
    *,
    scripted: bool = False,
    between: str = "",
) -> str:
    """The element, or the two. folder: where the outputs are, as a page names it: nothing, or
    ending in a slash. attributes: those of ``<img>`` but the source. between: what parts lines."""
    kinds = {
        kind: _sources(folder, [one for one in record.outputs if one.kind == kind], sizes)
        for kind in dict.fromkeys(one.kind for one in record.outputs)
    }
    first, *others, plain = kinds
    lines = ["<picture>"]
    for kind in others if scripted else (first, *others):
        _, *several = kinds[kind]
        lines.append(f"  {tag('source', [('type', TYPES[kind]), *several])}")
    lines += [f"  {tag('img', [*_shown(kinds[plain]), *attributes])}", "</picture>"]
    if scripted:
        fallback = ("data-fallback", kinds[plain][0][1])
        image = tag("img", [*_shown(kinds[first]), fallback, *attributes])
        lines = [image, "<noscript>", *lines, "</noscript>"]
    return between.join(lines if between else [line.strip() for line in lines])


def _sources(folder: str, outputs: list[Output], sizes: str) -> list[tuple[str, str]]:
    """The widest as ``src``; all, as ``srcset`` and ``sizes``."""
    urls = [folder + quote(one.file.rpartition("/")[2]) for one in outputs]
    offered = [f"{url} {one.width}w" for url, one in zip(urls, outputs, strict=True)]
    return [("src", urls[-1]), ("srcset", ", ".join(offered)), ("sizes", sizes)]


def _shown(sources: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As attributes of an image, which needs no choice of one."""
    return sources if "," in sources[1][1] else sources[:1]


def tag(name: str, attributes: Attributes) -> str:
    """A start tag."""
    words = [name]
    for key, value in attributes:
        words.append(key if value is None else f'{key}="{html.escape(value)}"')
    return f"<{' '.join(words)}>"


def sizes_for(width: int) -> str:
    """As wide as the page, and no wider than the picture is meant to be."""
    return f"(max-width: {width}px) 100vw, {width}px"
