"""The port: the wanted one, or the next that is free; and who has it, where that can be seen."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sdz.errors import NoFreePort

ADDRESS: Final = "127.0.0.1"
_LISTENING: Final = "0A"


def bind(port: int, tries: int, taken: Callable[[int], None]) -> socket.socket:
    """A socket bound to ``port`` of 127.0.0.1 or to one of the ports after it.

    ``taken`` is told each port that another program has. Raises NoFreePort.
    """
    last = min(port + tries - 1, 65535) if port else 0
    for candidate in range(port, last + 1):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform == "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # A port that a daemon just left can be had at once; one that is listened to cannot.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((ADDRESS, candidate))
            # Only listening takes the port for sure: two sockets may be bound to it before.
            sock.listen(1024)
        except OSError as error:
            sock.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            taken(candidate)
            continue
        sock.setblocking(False)
        return sock
    raise NoFreePort(port, last)


def owner_of(port: int, proc: Path = Path("/proc")) -> str:
    """Who listens on a port, for people: ``nginx (process 812)``, or as much as can be seen."""
    inodes = _listening_inodes(port, proc)
    if not inodes:
        return "another program"
    for folder in proc.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # another user's, or gone meanwhile
            if any(_target(link) in inodes for link in (folder / "fd").iterdir()):
                name = (folder / "comm").read_text(encoding="utf-8").strip()
                return f"{name} (process {folder.name})"
    return "another user's program"


def _target(link: Path) -> str:
    """Where a link points; nowhere if it has gone, as the folder's own descriptor has."""
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _listening_inodes(port: int, proc: Path) -> set[str]:
    """``socket:[inode]`` of the sockets that listen on a port, as links in /proc name them."""
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if int(words[1].rpartition(":")[2], 16) == port and words[3] == _LISTENING:
                found.add(f"socket:[{words[9]}]")
    return found
