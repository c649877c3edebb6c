"""The daemon from another program: find it, have it prove itself, ask.

    with Client.find() as client:
        png = client.decode(sdz_bytes)

Synchronous, one connection, the standard library alone, so that a command that uses it starts
at once. Programs of the daemon's own user need no pairing: their token lies in a file that only
the user can read.
"""

from __future__ import annotations

import contextlib
import hmac
import http.client
import json
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote, urlencode, urlsplit

from sdz.discovery import Credentials, discover, local_credentials, prove
from sdz.errors import DaemonError, DaemonNotRunning, DaemonRefused, DaemonUnproven
from sdz.home import service_folder
from sdz.media import MEDIA_TYPES, SDZ_TYPE
from sdz.progress import Progress
from sdz.wish import HIGH_EFFORT_TIMES, without_defaults

HELLO_TIMEOUT_S: Final = 5.0
ANSWER_TIMEOUT_S: Final = 600.0
TOLD_EVERY_S: Final = 0.5


@cache
def reach() -> Client | None:
    """The daemon for a command that can do without one: None where none runs or can be trusted.

    Looked for once in a process; the connection is kept for all files of a command.
    """
    try:
        return Client.find()
    except DaemonError:
        return None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its bytes, and its headers by lower-case name."""

    data: bytes
    headers: Mapping[str, str]

    def json(self) -> dict[str, Any]:
        """The JSON object that the bytes are."""
        values: dict[str, Any] = json.loads(self.data)
        return values


class Client:
    """A connection to the daemon at ``url``, opened and proven by the first request."""

    def __init__(
        self, url: str, credentials: Credentials, timeout_s: float = ANSWER_TIMEOUT_S
    ) -> None:
        parts = urlsplit(url)
        self.url = url
        self._port = parts.port or 80
        self._credentials = credentials
        self._timeout_s = timeout_s
        self._host = parts.hostname or "127.0.0.1"
        self._connection: http.client.HTTPConnection | None = None
        self._aborted = False

    @classmethod
    def find(cls, folder: Path | None = None) -> Self:
        """The daemon of this user, or the one in ``folder``.

        Raises DaemonNotRunning, DaemonUnproven.
        """
        folder = folder or service_folder()
        discovery, credentials = discover(folder), local_credentials(folder)
        if discovery is None or credentials is None:
            raise DaemonNotRunning
        client = cls(discovery.url, credentials)
        client.connect()
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def abort(self) -> None:
        """End the request that another thread is waiting for; there it is DaemonNotRunning."""
        self._aborted = True  # it may be between two questions about a job
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def connect(self) -> None:
        """Connect, and have the daemon prove itself before it is shown the token.

        Raises DaemonNotRunning if nothing is there, DaemonUnproven if something else is.
        """
        if self._connection is not None:
            return
        connection = http.client.HTTPConnection(self._host, self._port, timeout=HELLO_TIMEOUT_S)
        nonce = secrets.token_urlsafe(24)
        query = urlencode({"client": self._credentials.client, "nonce": nonce})
        try:
            connection.request("GET", f"/v1/hello?{query}")
            reply = connection.getresponse()
            proof = json.loads(reply.read(4096))["proof"]
            expected = prove(self._credentials.key, self._port, nonce)
            if not hmac.compare_digest(str(proof).encode(), expected.encode()):
                raise DaemonUnproven(self.url)
        except ConnectionRefusedError:
            raise DaemonNotRunning(f"nothing answers at {self.url}") from None
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            connection.close()
            raise DaemonUnproven(self.url) from error
        except DaemonUnproven:
            connection.close()
            raise
        self._connection = connection

    # --- pictures ---

    def decode(
        self,
        data: bytes,
        format: str = "png",  # noqa: A002 - the word that the command line has for it
        *,
        max_side: int | None = None,
        preview: bool = False,
    ) -> bytes:
        """A ``.sdz`` file as a picture file: png, webp, jpeg or avif. Raises DaemonRefused."""
        query = {"max_side": max_side, "preview": 1 if preview else None}
        headers = {"Content-Type": SDZ_TYPE, "Accept": MEDIA_TYPES[format]}
        return self.ask("POST", "/v1/decode", query, data, headers).data

    def encode(self, data: bytes, **options: Any) -> Reply:
        """A picture file as a ``.sdz`` file; options as the query of /v1/encode.

        The reply's headers hold the report: ``sdz-score``, ``sdz-psnr`` and others.
        """
        headers = {"Content-Type": "application/octet-stream"}
        asked = without_defaults(options)
        patience = HIGH_EFFORT_TIMES if options.get("effort") == "high" else 1
        return self.ask("POST", "/v1/encode", asked, data, headers, patience)

    def encode_told(self, data: bytes, tell: Callable[[Progress], object], **options: Any) -> Reply:
        """As ``encode``, with ``tell`` told how far it is every half second; it is cancelled where
        that, or a signal, raises. Raises as ``encode`` does.
        """
        headers = {"Content-Type": "application/octet-stream"}
        asked = {**without_defaults(options), "later": True}
        job = self.ask("POST", "/v1/encode", asked, data, headers).json()
        path = f"/v1/jobs/{job['id']}"
        try:
            while job["state"] == "running":
                tell(
                    Progress(
                        *(job[name] for name in ("doing", "share", "attempt", "done", "total"))
                    )
                )
                if self._aborted:
                    raise DaemonNotRunning("it was not waited for")
                job = self.ask("GET", path, {"wait_s": TOLD_EVERY_S}).json()
        except BaseException:
            with contextlib.suppress(DaemonError):
                self.close()  # an answer may be under way on it
                self.ask("DELETE", path)
                self.close()
            raise
        if job["state"] != "done":
            raise DaemonRefused(job["error"] or "cancelled", job["detail"] or "it was cancelled")
        return self.ask("GET", f"{path}/result")

    def inspect(self, data: bytes, *, map: bool = False) -> dict[str, Any]:  # noqa: A002
        """What a ``.sdz`` file says of itself; ``map``: its map of scores, too, if it has one."""
        headers = {"Content-Type": SDZ_TYPE}
        query = {"map": True} if map else {}
        return self.ask("POST", "/v1/inspect", query, body=data, headers=headers).json()

    # --- the daemon ---

    def status(self) -> dict[str, Any]:
        """The daemon as it stands."""
        return self.get("/v1/status")

    def dashboard_address(self) -> str:
        """An address that opens the dashboard in a browser, once and within a minute."""
        url: str = self.ask("POST", "/v1/open").json()["url"]
        return url

    def open_pairing(self) -> dict[str, Any]:
        """A code for a new client."""
        return self.ask("POST", "/v1/pairing").json()

    def pairing_state(self) -> dict[str, Any]:
        """Whether somebody came in by the code."""
        return self.get("/v1/pairing")

    def close_pairing(self) -> None:
        """Void the code of ``open_pairing``."""
        self.ask("DELETE", "/v1/pairing")

    def clients(self) -> list[dict[str, Any]]:
        """Who is let in."""
        rows: list[dict[str, Any]] = self.get("/v1/clients")["clients"]
        return rows

    def revoke(self, name: str) -> dict[str, Any]:
        """End a client by its name or id."""
        return self.ask("DELETE", f"/v1/clients/{quote(name, safe='')}").json()

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at a path."""
        return self.ask("GET", path).json()

    def post(self, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Send a JSON object; the one that is answered."""
        return self.ask("POST", path, body=json.dumps(values).encode()).json()

    # --- watched folders ---

    def watches(self) -> list[dict[str, Any]]:
        """The folders that the daemon watches, and how far each is."""
        rows: list[dict[str, Any]] = self.get("/v1/watches")["watches"]
        return rows

    def watch(self, root: str, **options: Any) -> dict[str, Any]:
        """Have the daemon watch a folder; options as the body of POST /v1/watches."""
        return self.post("/v1/watches", {"root": root, **options})

    def unwatch(self, watch: str) -> dict[str, Any]:
        """Have the daemon watch a folder, by its id, no longer."""
        return self.ask("DELETE", f"/v1/watches/{quote(watch, safe='')}").json()

    # --- the way there and back ---

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float = 1,
    ) -> Reply:
        """One request. Query values of None are left out, and true is 1. The answer is waited for
        ``patience`` times as long as usual.

        Raises DaemonRefused with the code of the daemon's problem, DaemonNotRunning if the
        connection breaks.
        """
        self.connect()
        assert self._connection is not None
        wanted = {
            key: int(value) if isinstance(value, bool) else value
            for key, value in (query or {}).items()
            if value is not None
        }
        target = f"{path}?{urlencode(wanted)}" if wanted else path
        sent = {"Authorization": f"Bearer {self._credentials.token}", **(headers or {})}
        if method == "POST":
            sent.setdefault("Content-Type", "application/json")
        if self._connection.sock is not None:
            self._connection.sock.settimeout(patience * self._timeout_s)
        try:
            self._connection.request(method, target, body, sent)
            response = self._connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise DaemonNotRunning(f"it went away: {error}") from error
        if response.will_close:
            self.close()
        reply = Reply(data, {name.lower(): value for name, value in response.getheaders()})
        if reply.headers.get("content-type", "").startswith("application/problem+json"):
            problem = reply.json()
            raise DaemonRefused(problem["code"], problem["detail"])
        return reply
