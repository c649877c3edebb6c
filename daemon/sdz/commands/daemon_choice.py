"""What ``sdz encode`` and ``sdz decode`` share: doing with a running daemon, or without."""

from __future__ import annotations

import argparse
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sdz.client import Client

_of_thread = threading.local()


def daemon_of_thread() -> Client | None:
    """The running daemon over a connection of this thread's own, as a connection answers one
    request after the other; None where none runs or can be trusted."""
    from sdz.client import Client, reach
    from sdz.errors import DaemonError

    if threading.current_thread() is threading.main_thread():
        return reach()
    if not hasattr(_of_thread, "client"):
        try:
            _of_thread.client = Client.find()
        except DaemonError:
            _of_thread.client = None
    client: Client | None = _of_thread.client
    return client


def add_no_daemon(parser: argparse.ArgumentParser) -> None:
    """Add ``--no-daemon``."""
    parser.add_argument(
        "--no-daemon",
        action="store_true",
        help="work in this process even if a daemon is running (its limits do not apply then)",
    )
