"""Where the daemon of this user is: two files in its folder, there as long as it runs.

They are written from the socket that was bound, and deleted at the end; after a kill they are
left, so a reader takes them as a hint and has the daemon prove itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeVar

from sdz.discovery.private import write_private
from sdz.discovery.proof import Credentials

Value = TypeVar("Value")

_WHERE: Final = "daemon.json"
_LOCAL: Final = "local.json"


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where a daemon is."""

    url: str
    pid: int
    version: str


def announce(folder: Path, discovery: Discovery, local: Credentials) -> None:
    """Write both files: where the daemon is, and what the user's programs need."""
    write_private(folder / _LOCAL, json.dumps(asdict(local)))
    write_private(folder / _WHERE, json.dumps(asdict(discovery)))


def withdraw(folder: Path) -> None:
    """Delete both files."""
    (folder / _WHERE).unlink(missing_ok=True)
    (folder / _LOCAL).unlink(missing_ok=True)


def discover(folder: Path) -> Discovery | None:
    """Where the daemon says it is; None if it says nothing."""
    return _read(folder / _WHERE, Discovery)


def local_credentials(folder: Path) -> Credentials | None:
    """What the user's own programs show; None if there is none."""
    return _read(folder / _LOCAL, Credentials)


def _read(path: Path, kind: type[Value]) -> Value | None:
    try:
        return kind(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
