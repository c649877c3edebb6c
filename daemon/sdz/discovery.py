"""What client and daemon know of each other: where the daemon is, and how it proves itself.

Two files in the daemon's folder, there as long as it runs, say where it is and what the user's own
programs show. They are written from the socket that was bound, and deleted at the end; after a kill
they are left, so a reader takes them as a hint and has the daemon prove itself before it is shown a
token. The standard library alone: a command that asks the daemon starts at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeVar

from sdz.files import write_private

Value = TypeVar("Value")

_WHERE: Final = "daemon.json"
_LOCAL: Final = "local.json"


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where a daemon is."""

    url: str
    pid: int
    version: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client is given, once: its id, its token, and the key (hex) for ``prove``."""

    client: str
    token: str
    key: str


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


def prove(key: str, port: int, nonce: str) -> str:
    """What the daemon answers to a challenge, hex.

    HMAC-SHA-256 under the client's key of ``sdz-hello:PORT:NONCE``. The port is in it so that
    another program, having taken the daemon's usual port, cannot pass the challenge on to the
    daemon on another one.
    """
    message = f"sdz-hello:{port}:{nonce}".encode()
    return hmac.new(bytes.fromhex(key), message, hashlib.sha256).hexdigest()
