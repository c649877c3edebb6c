"""A small server on the loopback that speaks the part of the hub's protocol that a pull uses.

    GET  /api/models/{repo}/revision/{revision}?blobs=true    the listing, as JSON
    GET  /{repo}/resolve/{revision}/{path}    a file; Range is honoured
    GET  /cdn/{path}                          the same file, where large ones are redirected to

Faults are asked for by its fields, and every request is noted in ``requests``.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

REVISION = "0123456789abcdef0123456789abcdef01234567"


class HubServer(ThreadingHTTPServer):
    """Serves one repository's ``files`` (path to content) at ``endpoint``."""

    daemon_threads = True

    def __init__(self, repo: str, files: dict[str, bytes], revision: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repo, self.files, self.revision = repo, files, revision or REVISION
        self.requests: list[tuple[str, str, str | None]] = []
        self.cuts: list[int] = []
        """For each coming request for a large file: close the connection after so many bytes."""
        self.hold = threading.Event()
        """Unset: what follows the cut waits until it is set, instead of the connection closing."""
        self.hold.set()
        self.status: int | None = None
        self.refused = ""
        self.listing_instead: bytes | None = None
        self.honour_ranges = True
        self.redirect = False
        self.told_sha256: str | None = None
        self.sent_instead: dict[str, bytes] = {}
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> HubServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hold.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def listing(self) -> dict[str, object]:
        siblings = []
        for path, content in self.files.items():
            entry: dict[str, object] = {"rfilename": path, "size": len(content), "blobId": "0" * 40}
            if is_large(path):
                sha256 = self.told_sha256 or hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        return {"id": self.repo, "modelId": self.repo, "sha": self.revision, "siblings": siblings}

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""


def is_large(path: str) -> bool:
    """What the real hub keeps in its large file storage."""
    return not path.endswith((".json", ".md"))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubServer

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.server.requests.append((self.command, path, self.headers.get("Range")))
        if self.server.refused and path.endswith(self.server.refused):
            self._answer(403, b"", "text/plain")
        elif self.server.status is not None:
            self._answer(self.server.status, b'{"error": "as asked"}', "application/json")
        elif (
            path == f"/api/models/{self.server.repo}/revision/{self.server.revision}"
            and query.lower() == "blobs=true"
        ):
            told = self.server.listing_instead or json.dumps(self.server.listing()).encode()
            self._answer(200, told, "application/json")
        elif found := re.fullmatch(
            f"/{self.server.repo}/resolve/{self.server.revision}/(.+)", path
        ):
            if self.server.redirect and is_large(found[1]):
                self.send_response(302)
                self.send_header("Location", f"{self.server.endpoint}/cdn/{found[1]}")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._file(found[1])
        elif path.startswith("/cdn/"):
            self._file(path.removeprefix("/cdn/"))
        else:
            self._answer(404, b"", "text/plain")

    def _file(self, path: str) -> None:
        content = self.server.sent_instead.get(path, self.server.files[path])
        begin = 0
        if self.server.honour_ranges and (wanted := self.headers.get("Range")):
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
        cut = self.server.cuts.pop(0) if is_large(path) and self.server.cuts else None
        self.send_response(206 if begin else 200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", self.server.revision)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        body = content[begin:]
        self.wfile.write(body[:cut])
        if cut is not None:
            self.wfile.flush()
            if self.server.hold.is_set():
                self.close_connection = True
                return
            self.server.hold.wait(60)
            self.wfile.write(body[cut:])

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""
