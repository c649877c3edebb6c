"""The write: a temporary file in the output's own folder, flushed, read back, linked into place.

Nothing that has a name is ever replaced. A kill leaves either the temporary file, which the next
start removes, or the whole output, or both names of it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from sdz import container
from sdz.errors import FormatError, OutputDamaged, OutputError, ScoreNotReached
from sdz.files import flush_folder, take_name
from sdz.origin import Origin
from sdz.watch.names import part_name
from sdz.watch.work import OnStep

_BLOCK: Final = 1 << 20


class Part:
    """The temporary file of one output. ``with`` it: it is gone afterwards in any case."""

    def __init__(self, folder: Path, token: str, on_step: OnStep) -> None:
        """Make it, which shows at once whether the folder can be written. Raises OutputError."""
        self._on_step = on_step
        self.path = folder / part_name(token)
        self._descriptor = -1
        with _at_destination(folder):
            on_step("open")
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self.path, flags, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def discard(self) -> None:
        """Close it, and remove it unless it has got its name."""
        self._close()
        with suppress(OSError):
            self.path.unlink()

    def write(self, data: bytes, origin: Origin) -> None:
        """Fill it with ``data``; times, permissions and labels are those of the source."""
        with _at_destination(self.path.parent):
            self._on_step("write")
            left = memoryview(data)
            while left:
                left = left[os.write(self._descriptor, left) :]
            self._on_step("times")
            origin.hand_on(self._descriptor)
            self._on_step("flush")
            os.fsync(self._descriptor)
            self._close()

    def check(self, data: bytes, model: str, min_score: float | None) -> None:
        """Read it back. Raises OutputDamaged, or ScoreNotReached as the file's report says.

        Its maker has decoded and measured these very bytes (that is the report in them). What
        may go wrong after that is the way to the disk: so they are compared, and every checksum
        in the file is checked once more.
        """
        self._on_step("check")
        with _at_destination(self.path.parent):
            found = self.path.read_bytes()
        if found != data:
            raise OutputDamaged(str(self.path), f"{len(found)} of {len(data)} bytes or other ones")
        try:
            header = container.unpack(found).header
        except FormatError as error:
            raise OutputDamaged(str(self.path), str(error)) from None
        if header.model.name != model:
            raise OutputDamaged(str(self.path), f"made by {header.model.name}, not {model}")
        if min_score is not None and (header.report is None or header.report.score < min_score):
            best = header.report.score if header.report else 0.0
            raise ScoreNotReached(min_score, best, model)

    def publish(self, target: Path) -> bool:
        """Give it its name; False where something has that name already.

        Raises OutputError. Flushes the folder.
        """
        with _at_destination(target.parent):
            self._on_step("publish")
            if not take_name(self.path, target):
                return False
            self._on_step("unlink")
            self.path.unlink(missing_ok=True)
            self._on_step("flush-folder")
            flush_folder(target.parent)
            return True

    def _close(self) -> None:
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)


@contextmanager
def _at_destination(folder: Path) -> Iterator[None]:
    """Errors of the file system in there are about the output, not the source."""
    try:
        yield
    except OSError as error:
        raise OutputError(str(folder), (error.strerror or str(error)).lower()) from error


def make_folder(folder: Path, out: Path | None) -> None:
    """Make a folder for outputs under ``out``, but never ``out`` itself: where that is missing its
    disk may be, and its place would fill another. Raises OutputError.
    """
    if out is None or folder.is_dir():
        return
    with _at_destination(folder):
        if not out.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(out))
        folder.mkdir(parents=True, exist_ok=True)


def hash_of(data: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


def file_hash(path: Path) -> str | None:
    """SHA-256 of a regular file, or None where there is none or it cannot be read."""
    digest = hashlib.sha256()
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()
