"""What a file has of the one it is made of: labels, permissions and times.

A ``.sdz`` takes the place of its source: it stays as private, sorts at the same date, and its time
tells later which version of which source it is of.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# What file systems keep of a time: 100 ns on NTFS and SMB, 10 ms on exFAT, 1 s on HFS, 2 s on FAT.
_GRAINS_NS: Final = (1, 100, 1_000, 1_000_000, 10_000_000, 1_000_000_000, 2_000_000_000)


@dataclass(frozen=True, slots=True)
class Origin:
    """A regular file that another is made of, as it was when it was read."""

    path: Path
    stat: os.stat_result

    @classmethod
    def of(cls, path: Path) -> Origin | None:
        """None for a pipe or a device, which has nothing to hand on. OSError passes through."""
        found = path.stat()
        return cls(path, found) if stat.S_ISREG(found.st_mode) else None

    def has_changed(self) -> bool:
        """Whether there is another version of it by now. OSError passes through."""
        now = self.path.stat()
        return (now.st_size, now.st_mtime_ns) != (self.stat.st_size, self.stat.st_mtime_ns)

    def hand_on(self, descriptor: int) -> None:
        """Give an open file its labels (extended attributes of the user), permissions and times,
        as far as the file system goes."""
        if hasattr(os, "listxattr"):
            with suppress(OSError):
                for name in os.listxattr(self.path):
                    if name.startswith("user."):
                        with suppress(OSError):
                            os.setxattr(descriptor, name, os.getxattr(self.path, name))
        with suppress(OSError, AttributeError):  # neither FAT nor Windows has these permissions
            os.fchmod(descriptor, stat.S_IMODE(self.stat.st_mode) & 0o666)
        with suppress(OSError, TypeError):  # some mounts set no times, Windows by no descriptor
            os.utime(descriptor, ns=(self.stat.st_atime_ns, self.stat.st_mtime_ns))


def has_time_of(output: os.stat_result, source: os.stat_result) -> bool:
    """Whether an output has the time of its source, as its file system keeps times."""
    time, wanted = output.st_mtime_ns, source.st_mtime_ns
    return any(time == wanted - wanted % grain for grain in _GRAINS_NS)


def is_later(output: os.stat_result, source: os.stat_result) -> bool:
    """Whether an output was written after its source came to be what and where it is.

    By the time of the system, not that of the picture, which may be in the future or older than
    that of the file that it replaced.
    """
    return min(output.st_mtime_ns, output.st_ctime_ns) >= source.st_ctime_ns
