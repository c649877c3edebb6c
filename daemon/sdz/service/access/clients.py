"""The clients that were let in: names, hashed tokens, the keys the daemon proves itself with.

One JSON file, readable by its owner alone, written whole or not at all. It holds the SHA-256 of
a token, never the token. The client key has to be kept as it is, since the daemon answers
challenges with it; it opens nothing. A revoked client keeps its line without its key, so that
it can be told that it was revoked rather than that it was never known.

The client ``local`` stands for programs of this machine's user. Its token is new with every
start and lies in a file of its own that only the user can read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import web

from sdz.discovery import Credentials
from sdz.errors import NoSuchClient, OutputError, TokenRevoked, TokenUnknown
from sdz.files import write_private

LOG: Final = logging.getLogger("sdz.service")
LOCAL: Final = "local"
REVOKED_KEPT: Final = 100
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client that is or was let in. ``origin``: of an extension; None for a program."""

    id: str
    name: str
    origin: str | None
    token_sha256: str
    key: str
    created: str
    revoked: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is the user's own command line."""
        return self.id == LOCAL


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Clients:
    """The clients of one daemon, in memory and in ``path``."""

    def __init__(self, path: Path, now: Callable[[], str] = _now) -> None:
        self._path, self._now = path, now
        self._clients: dict[str, KnownClient] = {}
        if path.exists():
            self._clients = self._read()

    def _read(self) -> dict[str, KnownClient]:
        """Those in the file; one that cannot be used is moved away, and nobody is let in by it."""
        try:
            fields = json.loads(self._path.read_bytes())
            return {row["id"]: KnownClient(**row) for row in fields["clients"]}
        except (ValueError, KeyError, TypeError, AttributeError):
            aside = self._path.with_suffix(".damaged")
            self._path.replace(aside)
            said = "clients: unreadable; all must be paired again"
            LOG.error(said, extra={"fields": {"moved_to": str(aside)}})
            return {}

    def active(self) -> list[KnownClient]:
        """Those that are let in, oldest first, without ``local``."""
        return [
            client
            for client in self._clients.values()
            if client.revoked is None and not client.is_local
        ]

    def find(self, client_id: str) -> KnownClient | None:
        """The client with that id, if it is let in."""
        client = self._clients.get(client_id)
        return client if client is not None and client.revoked is None else None

    def knows_origin(self, origin: str) -> bool:
        """Whether a client was paired from that origin."""
        return any(client.origin == origin for client in self.active())

    def authenticate(self, token: str) -> KnownClient:
        """The client whose token this is. Raises TokenUnknown or TokenRevoked."""
        digest = digest_of(token)
        found: KnownClient | None = None
        for client in self._clients.values():  # all of them, so that time tells nothing
            if hmac.compare_digest(client.token_sha256, digest):
                found = client
        if found is None:
            raise TokenUnknown
        if found.revoked is not None:
            raise TokenRevoked
        return found

    def admit(self, name: str, origin: str | None) -> Credentials:
        """Let a new client in; its name gets a number where another has it already."""
        names = {client.name for client in self.active()} | {LOCAL}
        free, number = name, 1
        while free in names:
            number += 1
            free = f"{name} {number}"
        credentials = Credentials(
            secrets.token_hex(8), secrets.token_urlsafe(32), secrets.token_hex(32)
        )
        self._add(credentials, free, origin)
        try:
            self._save()
        except OSError as error:  # a full disk, for one: who is not on it is not let in
            del self._clients[credentials.client]
            reason = error.strerror or str(error)
            raise OutputError("the list of clients", reason.lower()) from error
        return credentials

    def admit_local(self) -> Credentials:
        """New credentials for the user's own programs; they are good until the next ones."""
        credentials = Credentials(LOCAL, secrets.token_urlsafe(32), secrets.token_hex(32))
        self._add(credentials, LOCAL, None)
        return credentials

    def revoke(self, name_or_id: str) -> KnownClient:
        """End a client, at once and for good. Raises NoSuchClient."""
        for client in self.active():
            if name_or_id in (client.id, client.name):
                ended = replace(client, revoked=self._now(), key="")
                self._clients[client.id] = ended
                self._save()
                return ended
        raise NoSuchClient(name_or_id)

    def _add(self, credentials: Credentials, name: str, origin: str | None) -> None:
        self._clients[credentials.client] = KnownClient(
            id=credentials.client,
            name=name,
            origin=origin,
            token_sha256=digest_of(credentials.token),
            key=credentials.key,
            created=self._now(),
        )

    def _save(self) -> None:
        revoked = [client.id for client in self._clients.values() if client.revoked]
        for forgotten in revoked[:-REVOKED_KEPT]:
            del self._clients[forgotten]
        rows = [asdict(client) for client in self._clients.values() if not client.is_local]
        write_private(self._path, json.dumps({"version": _VERSION, "clients": rows}, indent=1))


CLIENTS: Final = web.AppKey("clients", Clients)


def digest_of(secret: str) -> str:
    """What is kept of a token, a key or a cookie: its SHA-256, hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
