"""Reading a source: all of it, whole, and the version of it that was seen."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sdz.errors import SourceChanged, SourceTooLarge, SourceUnfinished
from sdz.origin import Origin
from sdz.watch.journal.rows import Identity
from sdz.watch.looking.whole import missing
from sdz.watch.writing.part import hash_of

MOST_SOURCE_BYTES: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A picture file that was read whole. data: its bytes, hash: their SHA-256."""

    data: bytes
    hash: str
    origin: Origin


def read_source(path: Path, identity: Identity) -> SourceFile:
    """All of a source that is whole, and ``identity`` before and after reading.

    Raises SourceChanged, SourceUnfinished, SourceTooLarge, and OSError.
    """
    if identity.size > MOST_SOURCE_BYTES:
        raise SourceTooLarge(identity.size, MOST_SOURCE_BYTES)
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # no link, no waiting for a pipe
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        raise SourceChanged from None
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode) or not Identity.of(before).is_like(identity):
            raise SourceChanged
        data = file.read(identity.size + 1) if identity.size else b""
        while data and len(data) < identity.size and (more := file.read(identity.size - len(data))):
            data += more
        if len(data) != identity.size or not Identity.of(os.fstat(file.fileno())).is_like(identity):
            raise SourceChanged
    if lacks := missing(data):
        raise SourceUnfinished(lacks)
    return SourceFile(data, hash_of(data), Origin(path, before))


def require_unchanged(path: Path, identity: Identity) -> None:
    """Raise SourceChanged unless ``path`` is still that version of that file."""
    try:
        found = path.lstat()
    except OSError:
        raise SourceChanged from None
    if not Identity.of(found).is_like(identity):
        raise SourceChanged
