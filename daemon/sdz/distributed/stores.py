"""Where pictures come from and ``.sdz`` files go to: a local folder, or an object store by its
address (``s3://bucket/photos``), whatever fsspec can open.

Paths inside a store are relative, with slashes. What is written is whole or not there at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import fsspec  # type: ignore[import-untyped]
from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]

from sdz.errors import PlaceUnusable
from sdz.files import sweep_parts, write_aside
from sdz.origin import Origin

_MARKS: Final = ("ETag", "etag", "md5", "content_hash", "generation", "mtime", "LastModified")
"""Facts by which file systems tell one content from another, the surest first."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file in a store: its path there, its size in bytes, and a mark that changes with it."""

    path: str
    size: int
    mark: str


class Store:
    """A folder by its address. Raises PlaceUnusable where that cannot be opened."""

    def __init__(self, address: str) -> None:
        try:
            self._fs, root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError, OSError) as error:
            raise PlaceUnusable(address, str(error)) from error
        self._root: str = str(root).rstrip("/")
        self._local = isinstance(self._fs, LocalFileSystem)
        # As it is to be named elsewhere, where the folder for relative paths is another one.
        self.address: str = self._root if self._local else address

    def exists(self) -> bool:
        """Whether there is such a folder, or anything below such an address."""
        try:
            return bool(self._fs.isdir(self._root))
        except OSError as error:
            raise PlaceUnusable(self.address, str(error)) from error

    def walk(self) -> Iterator[Found]:
        """All files below, by name. Hidden ones, and what is in hidden folders, are left out."""
        try:
            found = self._fs.find(self._root, detail=True)
        except FileNotFoundError:
            return
        except OSError as error:
            raise PlaceUnusable(self.address, str(error)) from error
        for path in sorted(found):
            relative = path[len(self._root) :].lstrip("/")
            if not any(part.startswith(".") for part in relative.split("/")):
                yield self._found(relative, found[path])

    def find(self, path: str) -> Found | None:
        """One file as it is now; None if there is none."""
        try:
            self._fs.invalidate_cache()
            facts = self._fs.info(self._at(path))
        except FileNotFoundError:
            return None
        return self._found(path, facts) if facts.get("type") != "directory" else None

    def read(self, path: str) -> bytes:
        """A file's bytes. OSError of the store passes through."""
        data: bytes = self._fs.cat_file(self._at(path))
        return data

    def origin(self, path: str) -> Origin | None:
        """What a file hands on to what is made of it; None in an object store. Raises OSError."""
        return Origin.of(Path(self._at(path))) if self._local else None

    def write(self, path: str, data: bytes, origin: Origin | None = None) -> None:
        """Put a whole file there, in place of what may be there. OSError passes through."""
        address = self._at(path)
        if not self._local:  # an object appears when all of it has arrived
            self._fs.pipe_file(address, data)
            return
        target = Path(address)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_aside(target, data, durable="content", origin=origin)

    def sweep(self, paths: Iterable[str]) -> None:
        """Remove what writers of these files that were killed have left beside them."""
        if not self._local:
            return
        names: dict[Path, set[str]] = {}
        for target in map(Path, map(self._at, paths)):
            names.setdefault(target.parent, set()).add(target.name)
        for folder, those in names.items():
            sweep_parts(folder, those)

    def remove(self, path: str) -> None:
        """Delete a file that is there."""
        self._fs.rm_file(self._at(path))

    def names(self, folder: str) -> list[str]:
        """Paths of the files right in a folder, in order; none if it is not there."""
        self._fs.invalidate_cache()
        try:
            found = self._fs.ls(self._at(folder), detail=True)
        except FileNotFoundError:
            return []
        return sorted(
            f"{folder}/{facts['name'].rstrip('/').rpartition('/')[2]}"
            for facts in found
            if facts["type"] == "file"
        )

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _found(self, path: str, facts: dict[str, Any]) -> Found:
        mark = next((f"{name}:{facts[name]}" for name in _MARKS if facts.get(name)), "")
        return Found(path, int(facts["size"] or 0), mark)
