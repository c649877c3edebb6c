"""What is said about a watched folder: to people, to the daemon's events and metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class FolderState(StrEnum):
    """What a folder as a whole is doing."""

    STOPPED = "stopped"  # nobody watches it now
    STARTING = "starting"  # the first scan is under way
    WATCHING = "watching"  # events, and a scan now and then
    POLLING = "polling"  # scans alone: events cannot be had here; reason says why
    RESCAN = "overflow-rescan"  # events were lost, so everything is looked at again
    MISSING_ROOT = "missing-root"  # not there, or its disk is not mounted; nothing is forgotten
    MISSING_OUT = "missing-out"  # the folder for outputs is not there
    DISK_FULL = "disk-full"  # paused until there is room
    READ_ONLY = "read-only"  # outputs cannot be written
    MODEL_MISSING = "model-missing"  # paused: the autoencoder cannot be used
    PAUSED = "paused"  # somebody said so; files under way come to their end
    ENCODER_AWAY = "encoder-away"  # paused: the daemon or the engine is not there


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """A folder as it stands. Counts are files; waiting includes those still settling.

    failed: will be tried again by themselves. bad: will not, until they change or ``retry``.
    saved_bytes: sources minus outputs of all that is done. oldest_waiting_s: age of the file
    that has waited longest, 0 where none waits. last_scan: seconds since 1970, or None.
    not_trashed: done, but the trash did not take the original. hindrance: what the last scan could
    not look into, or empty. left_alone: files of other kinds (``media.OTHER_KINDS``), which the
    last scan passed over. percent: of the files that came to an end, None where none is left.
    per_minute, left_s, in_work: see ``pace.Pace``. unfinished: those that wait since they are not
    written to their end; they are not counted as left.
    """

    root: Path
    state: FolderState
    reason: str = ""
    waiting: int = 0
    settling: int = 0
    running: int = 0
    done: int = 0
    refused: int = 0
    failed: int = 0
    bad: int = 0
    undone: int = 0
    saved_bytes: int = 0
    oldest_waiting_s: float = 0.0
    last_scan: float | None = None
    not_trashed: int = 0
    hindrance: str = ""
    left_alone: Mapping[str, int] = field(default_factory=dict)
    percent: float | None = None
    per_minute: float = 0.0
    left_s: float | None = None
    in_work: tuple[str, ...] = ()
    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """Something happened in ``root``.

    kind: ``folder`` (its state changed; path is None), ``scan`` (a whole scan ended; path None),
    ``found`` (files were looked at that events named; path None),
    ``unreadable`` (a scan found folders that it could not look into; path None),
    ``started`` (a file is being encoded), ``done``, ``refused``, ``failed``, ``bad``,
    ``waiting`` (put back, e.g. it changed meanwhile). path: the source. state: the file's
    ``State`` or the folder's ``FolderState``, as text. reason: why, for people, or empty.
    bytes_before, bytes_after: sizes of source and output, for ``done``. output: its path.
    notes: what was changed or left behind on the way, for ``done``.
    """

    kind: str
    root: Path
    path: Path | None = None
    state: str = ""
    reason: str = ""
    bytes_before: int | None = None
    bytes_after: int | None = None
    output: Path | None = None
    code: str = ""
    notes: tuple[str, ...] = ()


Publish = Callable[[WatchEvent], None]


@dataclass(frozen=True, slots=True)
class FileTrouble:
    """A file that did not become a ``.sdz``, and why. state: refused, failed, bad, settling."""

    path: Path
    state: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What ``once.empty`` did. failed: errors and damaged files. notes: the first `MOST_NOTES`
    that did not become a ``.sdz``. before: pictures that were done by an earlier run. waiting:
    files that are not written to their end, or that the folder's trouble keeps waiting.
    """

    done: int = 0
    refused: int = 0
    failed: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    notes: tuple[FileTrouble, ...] = field(default=())
    before: int = 0
    waiting: int = 0

    @property
    def saved_bytes(self) -> int:
        """Sources minus outputs of what was done."""
        return self.bytes_before - self.bytes_after


MOST_NOTES = 1000


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """What would become of ``path`` if the folder were emptied now.

    action: ``convert``, ``refuse`` (left alone: would not get smaller, score, animation), ``fail``
    (damaged), ``wait`` (not written to its end), ``untried`` (not of the sample that was encoded).
    bytes_after: measured by really encoding it, None unless converted. notes: what would be left
    behind.
    """

    path: Path
    action: str
    bytes_before: int
    bytes_after: int | None = None
    output: Path | None = None
    code: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()

    @property
    def saved_bytes(self) -> int:
        """What converting would save; 0 where it is not converted."""
        return 0 if self.bytes_after is None else self.bytes_before - self.bytes_after


@dataclass(frozen=True, slots=True)
class Undone:
    """What ``undo`` did with one original. restored: it is at ``path`` again; else reason says
    why not. output: the ``.sdz`` that belonged to it; output_trashed: it went to the trash in
    exchange (it stays where it is when it is no longer what was written).
    """

    path: Path
    restored: bool
    reason: str = ""
    output: Path | None = None
    output_trashed: bool = False
