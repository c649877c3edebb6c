"""Web sites for browsers to visit: one server, any names, what was asked of it kept."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

STRICT = "default-src 'none'; img-src 'self'; script-src 'self'; media-src 'self'; frame-src 'self'"


@dataclass
class Answer:
    """What a path is answered with."""

    body: bytes = b""
    type: str | None = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request."""

    host: str
    path: str
    cookie: str
    referer: str


class Server(ThreadingHTTPServer):
    """Takes all that a page asks for at once, and is not surprised when a browser hangs up."""

    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Site:
    """Paths and their answers, the same under every host name. ``asked``: all requests so far."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each body waits 40 ms for its head to be told

            def do_GET(self) -> None:
                asked = Asked(
                    self.headers.get("Host", ""),
                    self.path,
                    self.headers.get("Cookie", ""),
                    self.headers.get("Referer", ""),
                )
                site.asked.append(asked)
                found = site.answers.get(self.path) or site.answers.get(urlsplit(self.path).path)
                answer = found(asked) if callable(found) else found
                answer = answer or Answer(b"nothing here", "text/plain", 404)
                self.send_response(answer.status)
                if answer.type:
                    self.send_header("Content-Type", answer.type)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *words: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def __enter__(self) -> Site:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str, host: str = "gallery.example") -> str:
        """The address of a path."""
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, html: str, csp: str = STRICT) -> str:
        """Put up a page and return its address."""
        headers = {"Content-Security-Policy": csp} if csp else {}
        text = f"<!doctype html><meta charset=utf-8><title>t</title>{html}"
        self.answers[path] = Answer(text.encode(), headers=headers)
        return self.url(path)

    def script(self, path: str, text: str) -> None:
        """Put up a script."""
        self.answers[path] = Answer(text.encode(), "text/javascript")

    def sdz(
        self, path: str, data: bytes, kind: str | None = "application/x-sdz", **more: str
    ) -> None:
        """Put up a file; ``more`` are headers, with _ for -."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        self.answers[path] = Answer(data, kind, headers=headers)

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(urlsplit(asked.path).path == path for asked in self.asked)
