"""A page of all pictures, for a folder without pages: to look at, and to take the elements from."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from sdz.names import stem
from sdz.publishing.manifest import PictureRecord
from sdz.publishing.markup import UNSCRIPTED, Showing, picture_tag, sizes_for

_COLUMN: Final = 960
_STYLE: Final = (
    f"<style>body{{margin:0 auto;max-width:{_COLUMN}px;padding:1rem}}"
    "figure{margin:0 0 2rem}img{max-width:100%;height:auto}</style>"
)


def gallery(title: str, records: Mapping[str, PictureRecord], showing: Showing) -> bytes:
    """The page. records: by the paths of their sources."""
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        *([f"{showing.script_tag}{UNSCRIPTED}"] if showing.script is not None else []),
        '<meta name="viewport" content="width=device-width">',
        f"<title>{html.escape(title)}</title>",
        _STYLE,
    ]
    for source, record in sorted(records.items()):
        wanted = showing.sizes or sizes_for(min(record.width, _COLUMN))
        inside = snippet(source, record, replace(showing, sizes=wanted))
        lines.append(f"<figure>\n{inside}\n</figure>")
    return "\n".join([*lines, ""]).encode("utf-8", "xmlcharrefreplace")


def snippet(source: str, record: PictureRecord, showing: Showing) -> str:
    """The element of a picture, for a page in the folder for outputs."""
    folder = posixpath.dirname(record.base)
    attributes = [
        ("width", str(record.width)),
        ("height", str(record.height)),
        ("loading", "lazy"),
        ("alt", words_of(source)),
    ]
    return picture_tag(
        record,
        f"{quote(folder)}/" if folder else "",
        attributes,
        showing.sizes or sizes_for(record.width),
        scripted=showing.script is not None,
        between="\n",
    )


def words_of(source: str) -> str:
    """What a picture is called, which is all that is known of what it shows."""
    return re.sub(r"[\s_-]+", " ", stem(posixpath.basename(source))).strip()
