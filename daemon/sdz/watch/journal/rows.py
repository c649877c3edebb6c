"""What the journal holds: states of files, their identities, a row of each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class State(StrEnum):
    """What a file is in."""

    SETTLING = "settling"  # seen; may still be written
    WAITING = "waiting"  # to be done as soon as there is room
    RUNNING = "running"  # being encoded or written
    DONE = "done"
    REFUSED = "refused"  # left alone: not smaller, score not reached, animation
    FAILED = "failed"  # will be tried again
    BAD = "bad"  # will not, until it changes
    UNDONE = "undone"  # its original was brought back


class Identity(NamedTuple):
    """What makes a version of a file: another one is another file to us."""

    dev: int
    ino: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Identity:
        """That of a file, from its ``lstat``."""
        return cls(_signed(stat.st_dev), _signed(stat.st_ino), stat.st_size, stat.st_mtime_ns)

    def is_like(self, other: Identity) -> bool:
        """Whether it is the same version. Numbers of devices change when disks are mounted anew,
        so they decide only between names, never whether a file has changed.
        """
        return self[1:] == other[1:]


def _signed(number: int) -> int:
    """As sqlite keeps integers; some file systems use all 64 bits."""
    return number - 2**64 if number >= 2**63 else number


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file in the journal. Times are seconds since 1970.

    since: when this version of the file was first seen. not_before: earliest next try. changed:
    when the state last changed. output, output_hash, bytes_after, source_hash: of the last ``.sdz``
    made of a file of this name, or None. gone: not there any more; it gets its state back if it
    comes back.
    """

    id: int
    root: Path
    path: Path
    identity: Identity
    state: State
    attempts: int
    code: str
    reason: str
    since: float
    not_before: float
    changed: float
    bytes_after: int | None
    output: Path | None
    output_hash: str | None
    source_hash: str | None
    gone: bool

    @property
    def bytes_before(self) -> int:
        """Size of the source."""
        return self.identity.size


@dataclass(frozen=True, slots=True)
class TrashedRow:
    """An original that was put into the trash, or was about to be: what finds it again."""

    id: int
    root: Path
    path: Path
    identity: Identity
    source_hash: str
    at: float
    output: Path
    output_hash: str


@dataclass(frozen=True, slots=True)
class RootRow:
    """A watched folder in the journal. dev, ino: of the folder last seen there, 0 before. mount:
    it was the root of a mounted disk. out_seen: the folder for outputs that was there once.
    hindrance, left_alone: what the last scan could not look into, and how many files of which
    kinds it did not take.
    """

    path: Path
    dev: int = 0
    ino: int = 0
    mount: bool = False
    out_seen: Path | None = None
    state: str = "stopped"
    reason: str = ""
    last_scan: float | None = None
    hindrance: str = ""
    left_alone: Mapping[str, int] = field(default_factory=dict)
