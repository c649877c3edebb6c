"""Pages with ``<picture>`` in place of ``<img>``; all else stays byte for byte."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from sdz.publishing.manifest import PictureRecord
from sdz.publishing.markup import MARK, STYLE, UNSCRIPTED, Showing, picture_tag, sizes_for
from sdz.publishing.tags import Img, Tags, tags_of

ELSEWHERE: Final = "from elsewhere"
MISSING: Final = "not in the folder"
CHOSEN: Final = "in a picture or srcset already"
BASE: Final = "on a page with a base"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the folder. path: from the folder, with slashes. encoding: such that every byte
    comes back."""

    path: str
    text: str
    encoding: str
    tags: Tags

    @classmethod
    def read(cls, path: str, data: bytes) -> Page:
        """From its bytes; one that is not UTF-8 is read byte by byte, as tags are ASCII."""
        try:
            text, encoding = data.decode(), "utf-8"
        except UnicodeDecodeError:
            text, encoding = data.decode("latin-1"), "latin-1"
        return cls(path, text, encoding, tags_of(text))

    def pictures(self, files: Collection[str]) -> tuple[dict[Img, str], Counter[str]]:
        """The file of each ``<img>`` that is to become a ``<picture>``, and how many are left
        alone for which reason. files: all there are, from the folder."""
        found: dict[Img, str] = {}
        left: Counter[str] = Counter()
        for image in self.tags.images:
            reason = self._left_alone(image)
            file = "" if reason else self._file_of(image)
            if not reason and file not in files:
                reason = MISSING
            if reason:
                left[reason] += 1
            else:
                found[image] = file
        return found, left

    def _left_alone(self, image: Img) -> str:
        parts = urlsplit(_source_of(image))
        if image.in_picture or image.get("srcset"):
            return CHOSEN
        if parts.scheme or parts.netloc or not parts.path:
            return ELSEWHERE
        return BASE if self.tags.has_base else ""

    def _file_of(self, image: Img) -> str:
        path = unquote(urlsplit(_source_of(image)).path)
        folder = "" if path.startswith("/") else posixpath.dirname(self.path)
        return posixpath.normpath(posixpath.join(folder, path.lstrip("/")))

    def rewritten(self, records: Mapping[Img, PictureRecord], showing: Showing) -> bytes:
        """The page with these in place of their images."""
        tags = self.tags
        changes = [
            (image.start, image.end, _instead(image, records[image], showing))
            for image in tags.images
            if image in records
        ]
        if changes and tags.head_end is not None:
            early = tags.head_end if tags.head_start is None else tags.head_start
            changes.append((early, early, showing.script_tag))
            style = STYLE if showing.script is None else STYLE + UNSCRIPTED
            changes.append((tags.head_end, tags.head_end, style))
        pieces, at = [], 0
        for start, end, text in sorted(changes, key=lambda change: change[0]):
            pieces += [self.text[at:start], text]
            at = end
        return "".join([*pieces, self.text[at:]]).encode(self.encoding, "xmlcharrefreplace")


def _source_of(image: Img) -> str:
    return (image.get("src") or "").strip()


def _instead(image: Img, record: PictureRecord, showing: Showing) -> str:
    kept = [(name, value) for name, value in image.attributes if name not in ("src", "sizes")]
    kept += _size_of(image, record)
    if image.get("loading") is None:
        kept.append(("loading", "lazy"))
    path = urlsplit(_source_of(image)).path
    folder = path[: path.rfind("/") + 1]
    shown = image.get("width") or ""
    wide = int(shown) if shown.isdecimal() and int(shown) else record.width
    sizes = image.get("sizes") or showing.sizes or sizes_for(wide)
    return picture_tag(record, folder, kept, sizes, scripted=showing.script is not None)


def _size_of(image: Img, record: PictureRecord) -> list[tuple[str, str | None]]:
    """What a browser needs to keep the place: the side that is missing where one is given."""
    width, height = image.get("width"), image.get("height")
    if width is None and height is None:
        return [("width", str(record.width)), ("height", str(record.height)), (MARK, None)]
    if height is None and width and width.isdecimal():
        return [("height", str(round(int(width) * record.height / record.width))), (MARK, None)]
    return []
