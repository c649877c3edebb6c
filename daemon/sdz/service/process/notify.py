"""Telling systemd that the daemon is ready, alive, or stopping: its notify protocol.

A datagram of ``KEY=value`` lines to the socket that ``$NOTIFY_SOCKET`` names. Elsewhere, and
where there is none, nothing happens.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping


def notify(message: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send ``READY=1``, ``WATCHDOG=1`` or ``STOPPING=1``."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):  # Linux's abstract names begin with a NUL
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(address)
            sock.sendall(message.encode())
        except OSError:  # the manager has gone; that must not end the daemon
            return


def watchdog_pause_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between signs of life, half of what the manager waits; None: it waits for none."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or environ.get("WATCHDOG_PID", str(os.getpid())) != str(
        os.getpid()
    ):
        return None
    return int(microseconds) / 2e6


async def feed_watchdog() -> None:
    """Give signs of life for as long as the event loop turns."""
    pause_s = watchdog_pause_s()
    while pause_s is not None:
        notify("WATCHDOG=1")
        await asyncio.sleep(pause_s)
