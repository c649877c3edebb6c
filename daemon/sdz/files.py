"""Writing a file so that it is there whole or not at all: aside first, then given its name.

What is written aside lies in the folder of the file, hidden, and is gone afterwards in any case
but a kill. How much of it outlives a power cut is said by a word, see ``Durable``.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Literal, TypeAlias

from sdz.locks import try_lock
from sdz.origin import Origin

PART_SUFFIX: Final = ".sdz-part"

Durable: TypeAlias = Literal["no", "content", "name"]
"""What a power cut leaves, once the file was written.

``no``: perhaps an empty file. For what is made again easily, or checked when it is read.
``content``: the old file or the new one, each whole.
``name``: the new file.
"""

_BEGINNING: Final = 40  # of a name: the whole, with what is added, might be too long
_PART_NAME: Final = re.compile(rf"\.(.*)\.[0-9a-f]{{8}}{re.escape(PART_SUFFIX)}", re.DOTALL)

# EINVAL: Windows on FAT. EACCES: Android, which keeps links to itself.
_NO_LINKS: Final = frozenset(
    {
        errno.EPERM,
        errno.ENOTSUP,
        errno.EOPNOTSUPP,
        errno.ENOSYS,
        errno.EMLINK,
        errno.EINVAL,
        errno.EACCES,
    }
)


_NAMED_OPEN: Final = os.name == "posix"
"""Whether a file can be named before it is closed, and so with its lock held. Elsewhere whoever
sweeps in that moment takes it."""


def write_aside(
    path: Path,
    *blocks: bytes,
    durable: Durable,
    over: bool = True,
    mode: int | None = None,
    part: Path | None = None,
    origin: Origin | None = None,
) -> bool:
    """Write a file of these blocks; False where, without ``over``, something has its name already.

    over: what is there is replaced. mode: permissions, as in chmod; None: those of any new file.
    part: the name to write under first, on the same disk. origin: whose labels, permissions and
    times it gets. OSError passes through.
    """
    part = part or part_of(path)
    try:
        # With a mode to come, nobody else's from the first moment on.
        with _begun(part, 0o666 if mode is None and origin is None else 0o600) as file:
            for block in blocks:
                file.write(block)
            if origin is not None:
                file.flush()  # what is written later would give it another time
                origin.hand_on(file.fileno())
            if durable != "no":
                file.flush()
                os.fsync(file.fileno())
            if _NAMED_OPEN:
                file.flush()
                named = _give_name(part, path, over, mode)
        if not _NAMED_OPEN:
            named = _give_name(part, path, over, mode)
        if not named:
            return False
    finally:
        part.unlink(missing_ok=True)
    if durable == "name":
        flush_folder(path.parent)
    return True


def _give_name(part: Path, path: Path, over: bool, mode: int | None) -> bool:
    if mode is not None:
        part.chmod(mode)
    if not over:
        return take_name(part, path)
    part.replace(path)
    return True


def _begun(part: Path, mode: int) -> BinaryIO:
    """A new file, locked, by which sweep_parts sees that somebody writes it.

    One that was swept in the moment before it was locked is begun anew. Where a file system has no
    locks, nothing is swept either.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    for last in (False, False, False, True):
        file = os.fdopen(os.open(part, flags, mode), "wb")
        if (try_lock(file) or last) and _has_name(file, part):
            break
        file.close()
        part.unlink(missing_ok=True)
    return file


def _has_name(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter, whatever the umask, and those above it so.

    One that is there is closed to others. Raises PermissionError where it is another user's.
    """
    for one in (*reversed(folder.parents), folder):
        if not one.exists():
            one.mkdir(mode=0o700, exist_ok=True)
    if not hasattr(os, "getuid"):
        return
    found = folder.stat()
    if found.st_uid != os.getuid():
        raise PermissionError(errno.EPERM, "it is another user's folder", str(folder))
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all; its folder is made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_aside(path, text.encode(), durable="content", mode=0o600)


def part_of(path: Path) -> Path:
    """A new name beside ``path`` to write under first."""
    return path.with_name(f".{path.name[:_BEGINNING]}.{secrets.token_hex(4)}{PART_SUFFIX}")


def sweep_parts(folder: Path, names: Collection[str] | None = None) -> int:
    """Remove what writers that were killed have left in ``folder``; how many. Never raises.

    names: those of the files that were to be written; None: any.
    """
    begins = None if names is None else {name[:_BEGINNING] for name in names}
    swept = 0
    try:
        found = [_PART_NAME.fullmatch(name) for name in os.listdir(folder)]  # noqa: PTH208 - names
    except OSError:
        return 0
    for part in found:
        if part is None or not (begins is None or part[1] in begins):
            continue
        path = folder / part[0]
        with suppress(OSError), path.open("rb") as file:
            if try_lock(file):
                path.unlink()
                swept += 1
    return swept


def take_name(part: Path, path: Path) -> bool:
    """Give a file the name ``path`` too; False where something, even a dangling link, has it.

    ``part`` may be left or gone. OSError passes through.
    """
    try:
        os.link(part, path)  # a hard link fails where a rename would silently replace
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without links (FAT): take the name with an empty file, then replace that.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        part.replace(path)
    return True


def flush_folder(folder: Path) -> None:
    """Make what was named in ``folder`` last over a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network file systems cannot
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)
