"""Whether a folder can be worked in now: its root, the folder for outputs, room on the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sdz.watch.folder import FolderOptions
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import Identity
from sdz.watch.telling.report import FolderState

FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 300.0
ROOM_BYTES: Final = 256 << 10
"""A full disk that has that much more room than before is tried again at once."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a folder from being worked in."""

    state: FolderState
    reason: str


class KnownRoot:
    """Knows the watched folder again: by device and inode, not by name.

    A root that is missing, or an empty mount point where there was a disk, is trouble, not a
    deletion. One that was moved away and made again is a new one, which is begun with anew.
    """

    def __init__(self, options: FolderOptions, journal: Journal) -> None:
        self._options, self._journal = options, journal
        known = journal.roots.get(options.root)
        self._was = (known.dev, known.ino) if known else (0, 0)
        self._mount = known.mount if known else False
        self._out_seen = known.out_seen if known else None

    def check(self) -> tuple[Trouble | None, bool]:
        """(trouble, whether the root is another one than at the last check without trouble)."""
        root = self._options.root
        try:
            found = root.stat()
            mount = os.path.ismount(root)
        except OSError as error:
            reason = f"{root}: {(error.strerror or str(error)).lower()}"
            return Trouble(FolderState.MISSING_ROOT, reason), False
        if not root.is_dir():
            return Trouble(FolderState.MISSING_ROOT, f"{root} is no folder any more"), False
        if self._mount and not mount:
            reason = f"the disk of {root} is not mounted"
            return Trouble(FolderState.MISSING_ROOT, reason), False
        trouble = self._check_out()
        if trouble is not None:
            return trouble, False
        now = Identity.of(found)[:2]
        new = now != self._was
        if new:
            self._was, self._mount = now, mount
            self._journal.roots.put(root, dev=now[0], ino=now[1], mount=mount)
        return None, new

    def _check_out(self) -> Trouble | None:
        out = self._options.out
        if out is None:
            return None
        if out.is_dir():
            if self._out_seen != out:
                self._out_seen = out
                self._journal.roots.put(self._options.root, out_seen=out)
            return None
        if self._out_seen == out:
            return Trouble(FolderState.MISSING_OUT, f"the folder for outputs {out} is not there")
        try:  # the first time, it is made
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return Trouble(FolderState.MISSING_OUT, f"{out}: {error.strerror or error}")
        return self._check_out()


class Pause:
    """A folder whose files would all meet the same end waits, longer each time."""

    def __init__(self, options: FolderOptions, clock: Callable[[], float]) -> None:
        self._where = options.outputs
        self._clock = clock
        self._times, self._until, self._free = 0, 0.0, 0
        self.trouble: Trouble | None = None

    def begin(self, state: FolderState, reason: str) -> None:
        """Wait from now on."""
        if self.over:  # of files that fail together only the first one counts
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self._times, 10))
            self._times += 1
            self._until = self._clock() + pause
        self._free = self._room()
        self.trouble = Trouble(state, reason)

    @property
    def over(self) -> bool:
        """Whether a file may be tried."""
        if self.trouble is None or self._clock() >= self._until:
            return True
        if self._until - self._clock() > LONGEST_PAUSE_S:  # the clock was set back
            return True
        full = self.trouble.state is FolderState.DISK_FULL
        return full and self._room() >= self._free + ROOM_BYTES

    def end(self) -> None:
        """Something was written: all is well."""
        self._times, self.trouble = 0, None

    def _room(self) -> int:
        try:
            return shutil.disk_usage(self._where).free
        except OSError:
            return 0
