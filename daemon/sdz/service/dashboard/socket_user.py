"""Whose program is at the other end of a connection, where the system tells.

A one-time address passes through the command line of the browser, which other users of the
machine can read in the moment before it is spent. Linux says to which user a socket belongs,
so that there a key is spent by its own user alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from aiohttp import web

_LOOPBACK: Final = "0100007F"  # 127.0.0.1 as /proc/net/tcp spells it on little-endian machines
_ROOT: Final = 0


def is_foreign(request: web.Request) -> bool:
    """Whether another user's program sent this; False where that cannot be told."""
    if sys.platform != "linux" or request.transport is None:
        return False
    own = request.transport.get_extra_info("sockname")
    peer = request.transport.get_extra_info("peername")
    if not own or not peer:
        return False
    uid = uid_of(peer[1], own[1])
    # Root can read everything as it is, and relays of containers and virtual machines are its.
    return uid is not None and uid not in (_ROOT, os.getuid())


def uid_of(from_port: int, to_port: int, proc: Path = Path("/proc")) -> int | None:
    """The user of the socket on 127.0.0.1 that is connected so; None if there is none to see."""
    here, there = f"{_LOOPBACK}:{from_port:04X}", f"{_LOOPBACK}:{to_port:04X}"
    try:
        lines = (proc / "net" / "tcp").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if words[1:3] == [here, there]:
            return int(words[7])
    return None
