"""Where a page has its ``<img>``: positions in its text, so that all else stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

_TEXT_ALONE: Final = frozenset({"textarea", "title", "iframe", "noembed", "noframes", "xmp"})
"""Elements in which a browser sees no tags."""

_ADDRESSES: Final = frozenset({"content", "data", "href", "poster", "src", "srcset", "style"})


@dataclass(frozen=True, slots=True)
class Img:
    """An ``<img>``: where its tag is in the text, its attributes with their entities read, and
    whether a ``<picture>`` is around it."""

    start: int
    end: int
    attributes: tuple[tuple[str, str | None], ...]
    in_picture: bool

    def get(self, name: str) -> str | None:
        """The value of an attribute; None where it is not there or has none."""
        return dict(self.attributes).get(name)


@dataclass(frozen=True, slots=True)
class Tags:
    """What is on a page. has_base: its addresses are relative to something else. head_start,
    head_end: where something may be put in; None where the page has no such tag. addresses: what
    other elements name."""

    images: tuple[Img, ...]
    has_base: bool
    head_start: int | None
    head_end: int | None
    addresses: str


def tags_of(text: str) -> Tags:
    """Look through a page."""
    found = _Finder(text)
    found.feed(text)
    found.close()
    return Tags(
        tuple(found.images),
        found.has_base,
        found.head_start,
        found.head_end,
        "\n".join(found.addresses),
    )


class _Finder(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = [0]
        for line in text.split("\n"):  # as the parser counts them
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._inside: list[str] = []
        self.images: list[Img] = []
        self.has_base = False
        self.head_start: int | None = None
        self.head_end: int | None = None
        self.addresses: list[str] = []

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._inside and self._inside[-1] in _TEXT_ALONE:
            return
        if tag in _TEXT_ALONE or tag == "picture":
            self._inside.append(tag)
        if tag == "base" and any(name == "href" for name, _ in attrs):
            self.has_base = True
        if tag == "body" and self.head_end is None:
            self.head_end = self._at()
        start = self._at()
        end = start + len(self.get_starttag_text() or "")
        if tag == "head" and self.head_start is None:
            self.head_start = end
        if tag == "img":
            self.images.append(Img(start, end, tuple(attrs), "picture" in self._inside))
        else:
            self.addresses += [value for name, value in attrs if name in _ADDRESSES and value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # of <img/>; the slash means nothing in HTML

    def handle_endtag(self, tag: str) -> None:
        if tag == "head" and self.head_end is None:
            self.head_end = self._at()
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "url(" in data:  # a style of the page's
            self.addresses.append(data)
