"""Originals to the desktop's trash, and back.

Putting there is send2trash's work. Bringing back reads the freedesktop.org trash: for each file
an ``info/NAME.trashinfo`` says where it was, ``files/NAME`` is it. An original is known by its
inode, size and time, which moving keeps, or else by its SHA-256. On other systems the trash
has no such book; there ``find`` finds nothing, and the desktop brings files back.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from sdz.errors import TrashFailed
from sdz.home import watch_folder
from sdz.locks import held
from sdz.watch.journal.rows import Identity
from sdz.watch.writing.part import file_hash

PATIENCE_S: Final = 30.0
_LOCK: Final = threading.Lock()


def put(path: Path) -> None:
    """Move a file to the trash. Raises TrashFailed; the file is where it was then."""
    # Not at the top: it reads the environment when it is loaded.
    from send2trash import send2trash  # type: ignore[import-untyped]

    try:
        with _turn():
            send2trash(os.fspath(path))
    except (OSError, UnicodeError) as error:
        # UnicodeError: a name that is no text cannot be written into its .trashinfo.
        raise TrashFailed(str(path), str(error)) from None


@contextmanager
def _turn() -> Iterator[None]:
    """One file at a time, of all our threads and processes: send2trash (2.2.0) looks for a free
    name and then renames, so that of two files of one name the second would replace the first.
    """
    folder = watch_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    too_long = OSError(None, "another sdz has been using it for too long")
    with _LOCK, held(folder / "trash.lock", PATIENCE_S, too_long):
        yield


@dataclass(frozen=True, slots=True)
class InTrash:
    """A file in the trash and the note that belongs to it."""

    file: Path
    info: Path


def find(path: Path, identity: Identity, source_hash: str) -> InTrash | None:
    """The file that was at ``path``, or None where it is not in the trash (any more)."""
    like = [one for folder in _trashes(path) for one in _entries(folder, path)]
    for one in like:
        with suppress(OSError):
            if Identity.of(one.file.lstat()).is_like(identity):
                return one
    # Brought there over the border of a disk: a copy, with another inode.
    return next((one for one in like if file_hash(one.file) == source_hash), None)


def restore(found: InTrash, path: Path) -> None:
    """Move it back, its times with it. Raises FileExistsError where something is at ``path``."""
    try:
        os.link(found.file, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # another disk, or no links there
        with found.file.open("rb") as source, path.open("xb") as target:
            try:
                shutil.copyfileobj(source, target)
                target.flush()
                os.fsync(target.fileno())
                shutil.copystat(found.file, path)
            except BaseException:
                path.unlink()
                raise
    found.file.unlink()
    found.info.unlink(missing_ok=True)


def _trashes(path: Path) -> Iterator[Path]:
    """Trash folders in which a file that was at ``path`` may be."""
    data = os.environ.get("XDG_DATA_HOME") or os.fspath(Path("~/.local/share").expanduser())
    yield Path(data, "Trash")
    if hasattr(os, "getuid"):
        top = path.parent
        while not os.path.ismount(top):
            top = top.parent
        yield top / ".Trash" / str(os.getuid())
        yield top / f".Trash-{os.getuid()}"


def _entries(trash: Path, path: Path) -> list[InTrash]:
    """What the trash says was at ``path``, the last one first."""
    found: list[tuple[float, InTrash]] = []
    try:
        with os.scandir(trash / "info") as entries:
            for entry in entries:
                stem, suffix = os.path.splitext(entry.name)  # noqa: PTH122
                with suppress(OSError):
                    if suffix == ".trashinfo" and _origin(Path(entry.path), trash.parent) == path:
                        one = InTrash(trash / "files" / stem, Path(entry.path))
                        found.append((entry.stat().st_mtime, one))
    except OSError:
        return []
    return [one for _, one in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _origin(info: Path, top: Path) -> Path | None:
    """Where the file of a ``.trashinfo`` was; ``top``: what relative paths start from."""
    for line in info.read_bytes()[:65536].splitlines():
        if line.startswith(b"Path="):
            # A relative path starts at the folder that holds the trash; of .Trash/UID, one above.
            start = top.parent if top.name == ".Trash" else top
            return start / os.fsdecode(unquote_to_bytes(line[5:]))
    return None
