"""File systems on which not everything that is written causes an event."""

from __future__ import annotations

from pathlib import Path
from typing import Final

# File systems that other machines, or the other side of a virtual machine, write to unseen.
_UNSEEING: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs"}
    | {"nfs4", "ocfs2", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"}
)
_SEEING_FUSE: Final = frozenset(
    {"fuseblk", "fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.gocryptfs"}
)


def unseeing(root: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Why events of ``root`` would not tell everything, from its file system; empty if they do."""
    kind = file_system(root, mounts)
    if kind in _UNSEEING or (kind.startswith("fuse.") and kind not in _SEEING_FUSE):
        return f"on {kind} what other machines write causes no events"
    return ""


def file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that ``path`` is on, as the kernel names it, or empty."""
    best, kind = -1, ""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        words = line.split(" ")
        if len(words) < 3:
            continue
        place = Path(_unescape(words[1]))
        # The last one that covers a place hides those below it.
        if path.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), words[2]
    return kind


def _unescape(text: str) -> str:
    """Spaces and the like are octal in /proc/mounts."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text
