"""What is around the program: the daemon, who is paired, watched folders, the desktop."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sdz.client import Client
from sdz.commands.doctor.finding import Finding, broken, missing, works
from sdz.errors import DaemonError, DaemonNotRunning, SdzError
from sdz.version import __version__


def daemon() -> Iterator[Finding]:
    """The daemon, and what it alone can tell."""
    try:
        with Client.find() as client:
            status, clients, watches = client.status(), client.clients(), client.watches()
    except DaemonNotRunning:
        yield missing("daemon", "is not running", "sdz serve, or for good: sdz service install")
        yield missing("browsers", "are listed by the daemon alone")
        return
    except DaemonError as error:
        yield broken("daemon", str(error), "end it, and start it again by: sdz serve")
        return
    yield _running(status)
    yield _paired(clients)
    yield from map(_folder, watches)


def _running(status: dict[str, Any]) -> Finding:
    if status["version"] != __version__:
        says = f"is of version {status['version']}, this is {__version__}"
        return broken("daemon", says, "end it, and start it again by: sdz serve")
    device = status["engine"]["device"]
    where = f"on {device}" if device else "no model in memory"
    return works("daemon", f"{status['url']}, {where}")


def _paired(clients: list[dict[str, Any]]) -> Finding:
    if not clients:
        todo = "put the extension into the browser (docs/extension.md), then: sdz pair"
        return missing("browsers", "none is paired", todo)
    return works("browsers", "paired: " + ", ".join(row["name"] for row in clients))


def _folder(row: dict[str, Any]) -> Finding:
    stuck = row["failed"] + row["bad"]
    says = f"{row['root']}: {row['state']}, {row['done']} done"
    if row["reason"]:
        return broken("folder", f"{says}; {row['reason']}", f"sdz watch status {row['root']}")
    if stuck:
        return broken("folder", f"{says}, {stuck} failed", f"sdz watch status {row['root']}")
    return works("folder", says)


def system() -> Iterator[Finding]:
    """Whether the daemon is begun at login, and whether file managers know ``.sdz``."""
    from sdz.commands.service import unit_for

    unit = Path(unit_for(sys.platform).path)
    if unit.exists():
        yield works("at login", f"the daemon is started, by {unit}")
    else:
        yield missing("at login", "the daemon is not started", "sdz service install")
    if not sys.platform.startswith("linux"):
        return
    from sdz.desktop.entries import places_of
    from sdz.desktop.manifest import load

    try:
        there = load(places_of(os.environ, Path.home()).manifest) is not None
    except SdzError as error:
        yield broken("file manager", str(error))
        return
    if there:
        yield works("file manager", "knows .sdz: thumbnails and opening")
    else:
        yield missing("file manager", "does not know .sdz", "sdz desktop install")
