"""What lies in a folder to be published, and what becomes of it.

A folder without pages is one of pictures: all are published, and a page is made of them. A folder
with pages is a site: pictures that an ``<img>`` shows are published, pages rewritten, and all else
copied as it is, so that the folder for outputs is the site.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sdz.errors import OutWithin
from sdz.media import PICTURE_SUFFIXES
from sdz.names import ending, kind_left_alone
from sdz.publishing.pages import Page
from sdz.publishing.tags import Img

PAGES: Final = (".htm", ".html", ".xhtml")
_NAMING: Final = (".css", ".js", ".json", ".mjs", ".svg", ".webmanifest", ".xml")
"""Files that may name pictures."""

_LONGEST_NAMING: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Folder:
    """pictures: to be published. pages: with the picture of each ``<img>``. copied: as they are.
    All by their paths from ``root``, with slashes. left: what is left alone, by kind; left_tags:
    the ``<img>`` that are, by page and reason.
    """

    root: Path
    pictures: tuple[str, ...]
    pages: dict[str, tuple[Page, dict[Img, str]]]
    copied: tuple[str, ...]
    left: Counter[str]
    left_tags: dict[str, Counter[str]]

    @classmethod
    def read(cls, root: Path, out: Path) -> Folder:
        """Look through it. Raises OutWithin; OSError passes through."""
        if out.resolve().is_relative_to(root.resolve()):
            raise OutWithin(str(root), str(out))
        os.listdir(root)  # noqa: PTH208 - raises what a walk would leave out
        files = sorted(_below(root))
        pages = [path for path in files if path.lower().endswith(PAGES)]
        return cls._of_site(root, files, pages) if pages else cls._of_pictures(root, files)

    @classmethod
    def _of_pictures(cls, root: Path, files: list[str]) -> Folder:
        pictures = tuple(path for path in files if ending(_name(path)) in PICTURE_SUFFIXES)
        kinds = (kind_left_alone(_name(path)) for path in files)
        return cls(root, pictures, {}, (), Counter(kind for kind in kinds if kind), {})

    @classmethod
    def _of_site(cls, root: Path, files: list[str], pages: list[str]) -> Folder:
        known = {path for path in files if ending(_name(path)) in PICTURE_SUFFIXES}
        found: dict[str, tuple[Page, dict[Img, str]]] = {}
        left: dict[str, Counter[str]] = {}
        for path in pages:
            page = Page.read(path, (root / path).read_bytes())
            shown, left_alone = page.pictures(known)
            found[path] = (page, shown)
            if left_alone:
                left[path] = left_alone
        shown_by_any = {picture for _, shown in found.values() for picture in shown.values()}
        addresses = [page.tags.addresses for page, _ in found.values()]
        named = "\n".join([*addresses, *_texts(root, files)])
        # Named by a link or a style too: whoever follows it gets the file itself.
        copied = tuple(
            path
            for path in files
            if path not in found and (path not in shown_by_any or _name(path) in named)
        )
        return cls(root, tuple(sorted(shown_by_any)), found, copied, Counter(), left)


def _texts(root: Path, files: list[str]) -> Iterator[str]:
    for path in files:
        place = root / path
        if path.lower().endswith(_NAMING) and place.stat().st_size <= _LONGEST_NAMING:
            yield place.read_text("utf-8", "replace")


def _below(root: Path) -> Iterator[str]:
    """All files but hidden ones and those in hidden folders; links to folders are not followed."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                yield path.relative_to(root).as_posix()


def _name(path: str) -> str:
    return path.rpartition("/")[2]
