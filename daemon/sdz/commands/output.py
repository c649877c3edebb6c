"""Writing results: whole or not at all, and never over something that was there unasked."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from sdz.commands.console import STANDARD
from sdz.commands.siblings import Siblings
from sdz.errors import OutputError, OutputExists
from sdz.files import sweep_parts, write_aside
from sdz.names import output_names
from sdz.origin import Origin


class Outputs:
    """Where the results of one command go: one named file, a folder, or beside the sources."""

    def __init__(self, out: str | None, out_dir: str | None, *, force: bool) -> None:
        self._out, self._force = out, force
        self._dir = Path(out_dir) if out_dir else None
        self._taken: dict[Path, str] = {}
        self._siblings = Siblings()
        self._swept: set[Path] = set()

    def place(self, source: str, suffix: str, below: str = "") -> str:
        """The output for ``source`` (a path or ``-``) with that suffix: a path or ``-``.

        ``below``: the folder in the folder for outputs that it goes to. Raises OutputExists, or
        OutputError where it can be told before the work that nothing can be written there, also
        because an earlier source of the same command has that output.
        """
        path = self.planned(source, suffix, below)
        if path is None:
            return STANDARD
        if is_special(path):
            return str(path)
        self._check_free(path)
        if path.exists() and not self._force:
            raise OutputExists(str(path))
        if path.exists() and source != STANDARD and path.samefile(source):
            raise OutputError(str(path), "it is the source itself")
        self.claim(path, source)
        return str(path)

    def claim(self, path: Path, source: str) -> None:
        """Say whose output ``path`` is. Raises OutputError if it is another source's of before."""
        self._check_free(path)
        self._taken[path.resolve()] = source

    def _check_free(self, path: Path) -> None:
        owner = self._taken.get(path.resolve())
        if owner is not None:
            raise OutputError(str(path), f"it is already the output of {owner}")

    def planned(self, source: str, suffix: str, below: str = "") -> Path | None:
        """As ``place``, whether or not something is there; None for standard output."""
        if self._out == STANDARD or (self._out is None and not self._dir and source == STANDARD):
            if sys.stdout.isatty():
                raise OutputError("standard output", "it is a terminal; name a file with -o")
            return None
        path = Path(self._out) if self._out is not None else self._beside(source, suffix, below)
        if is_special(path):
            return path
        if path.is_dir():
            raise OutputError(str(path), "it is a folder; name a file, or use --out-dir")
        if not self._dir and not path.parent.is_dir():
            raise OutputError(str(path), "its folder does not exist")
        return path

    def _beside(self, source: str, suffix: str, below: str) -> Path:
        """A name made of the source's, in the folder for outputs or in its own."""
        if self._dir and self._dir.exists() and not self._dir.is_dir():
            raise OutputError(str(self._dir), "it is not a folder")
        if source == STANDARD:
            raise OutputError(str(self._dir), "standard input has no name; use -o")
        path = Path(source)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), source)
        folder = self._dir / below if self._dir else path.parent
        places = (folder / name for name in output_names(path.name, suffix))
        return next((place for place in places if not self._is_anothers(place, path)), path)

    def _is_anothers(self, place: Path, source: Path) -> bool:
        """Whether a name belongs to another source, so that the next one is to be tried."""
        owner = self._taken.get(place.resolve())
        if owner is not None:
            # Of the same name in another folder: which got which would depend on their order.
            return Path(owner).name != source.name
        return self._siblings.has_another(source, place)

    def write(self, place: str, data: bytes, origin: Origin | None = None) -> None:
        """Put ``data``, made of ``origin``, at a place given by ``place``."""
        if place == STANDARD:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        path = Path(place)
        try:
            if self._dir:
                path.parent.mkdir(parents=True, exist_ok=True)
            if is_special(path):
                path.write_bytes(data)
            else:
                self._sweep(path.parent)
                write_whole(path, data, force=self._force, origin=origin)
        except OSError as error:
            raise OutputError(place, error.strerror or str(error)) from error

    def _sweep(self, folder: Path) -> None:
        """Remove what a command that was killed has left, once in each folder."""
        if folder not in self._swept:
            self._swept.add(folder)
            sweep_parts(folder)


def origin_of(source: str) -> Origin | None:
    """What a source hands on to its output; None for standard input, a pipe or a device."""
    return None if source == STANDARD else Origin.of(Path(source))


def is_special(path: Path) -> bool:
    """Whether a device or a pipe is there: it is written to, never replaced by a file."""
    return path.exists() and not path.is_file() and not path.is_dir()


def write_whole(path: Path, data: bytes, *, force: bool, origin: Origin | None = None) -> None:
    """Write a file under another name in the same folder, flush it to the disk, rename it.

    Without ``force`` a file that has appeared at ``path`` meanwhile is left alone: OutputExists.
    OSError of the file system passes through; the temporary file is gone in any case.
    """
    if not write_aside(path, data, durable="content", over=force, origin=origin):
        raise OutputExists(str(path))
