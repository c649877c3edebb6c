"""The elements of a page, as a reader of HTML sees them."""

from __future__ import annotations

from html.parser import HTMLParser


class Elements(HTMLParser):
    """All start tags, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
