"""Writing results: whole or not at all, and never over something that was there unasked."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from sdz.errors import OutputError, OutputExists
from sdz.files import write_aside

STANDARD = "-"
"""The name that means standard input or output."""


class Outputs:
    """Where the results of one command go: one named file, a folder, or beside the sources."""

    def __init__(self, out: str | None, out_dir: str | None, *, force: bool) -> None:
        self._out, self._force = out, force
        self._dir = Path(out_dir) if out_dir else None
        self._taken: dict[Path, str] = {}

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
        """The source's name with that suffix, in the folder for outputs or in its own."""
        if self._dir and self._dir.exists() and not self._dir.is_dir():
            raise OutputError(str(self._dir), "it is not a folder")
        if source == STANDARD:
            raise OutputError(str(self._dir), "standard input has no name; use -o")
        path = Path(source)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), source)
        name = path.with_suffix(suffix)
        return self._dir / below / name.name if self._dir else name

    def write(self, place: str, data: bytes) -> None:
        """Put ``data`` at a place given by ``place``."""
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
                write_whole(path, data, force=self._force)
        except OSError as error:
            raise OutputError(place, error.strerror or str(error)) from error


def is_special(path: Path) -> bool:
    """Whether a device or a pipe is there: it is written to, never replaced by a file."""
    return path.exists() and not path.is_file() and not path.is_dir()


def write_whole(path: Path, data: bytes, *, force: bool) -> None:
    """Write a file under another name in the same folder, flush it to the disk, rename it.

    Without ``force`` a file that has appeared at ``path`` meanwhile is left alone: OutputExists.
    OSError of the file system passes through; the temporary file is gone in any case.
    """
    if not write_aside(path, data, durable="content", over=force):
        raise OutputExists(str(path))
