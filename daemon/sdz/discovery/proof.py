"""Credentials, and the proof that the daemon gives before it is shown a token."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client is given, once: its id, its token, and the key (hex) for ``prove``."""

    client: str
    token: str
    key: str


def prove(key: str, port: int, nonce: str) -> str:
    """What the daemon answers to a challenge, hex.

    HMAC-SHA-256 under the client's key of ``sdz-hello:PORT:NONCE``. The port is in it so that
    another program, having taken the daemon's usual port, cannot pass the challenge on to the
    daemon on another one.
    """
    message = f"sdz-hello:{port}:{nonce}".encode()
    return hmac.new(bytes.fromhex(key), message, hashlib.sha256).hexdigest()
