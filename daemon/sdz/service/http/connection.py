"""A connection to the daemon: what aiohttp would answer, log or wait for by itself is ours here.

aiohttp answers what is not HTTP with a page that names its version, and logs the bytes, in which
a token may be; and a request whose head never ends it waits for as long as for the next one.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from sdz.errors import InternalError, RequestError
from sdz.service.http.perimeter import stamp
from sdz.service.http.problems import answer_of
from sdz.service.http.traffic import Traffic

LOG: Final = logging.getLogger("sdz.service")


class Connection(web.RequestHandler):
    """Has ``head_s`` seconds for the head of a request, from its first byte on."""

    def __init__(self, server: web.Server, traffic: Traffic, head_s: float, **options: Any) -> None:
        super().__init__(server, access_log=None, **options)  # type: ignore[arg-type]
        self._traffic, self._head_s = traffic, head_s
        self._head_ends: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Have it parsed; while that gives no request, the time for one runs."""
        before = self._request_count
        super().data_received(data)
        if self._request_count != before:
            self._stop_waiting()
        elif self._head_ends is None and self._waiter is not None:  # else it is of a body
            self._head_ends = self._loop.call_later(self._head_s, self._give_up)

    def connection_lost(self, exc: BaseException | None) -> None:
        """It is over."""
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = web.HTTPInternalServerError.status_code,  # noqa: ARG002
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it quotes what was sent
    ) -> web.StreamResponse:
        """The answer to what is no request, or to a fault that nothing else has answered."""
        request_id = secrets.token_hex(6)
        if isinstance(exc, HttpProcessingError):
            error: RequestError | InternalError = RequestError("this is not HTTP as it should be")
            LOG.debug("malformed", extra={"fields": {"request": request_id}})  # anybody can, often
        else:
            error = InternalError(request_id)
            LOG.error("fault", exc_info=exc, extra={"fields": {"request": request_id}})
        self._traffic.refusals[error.code] += 1
        if request.writer.output_size > 0:
            raise ConnectionError("half of an answer is sent already")
        answer = answer_of(error)
        answer.headers["Sdz-Request"] = request_id
        stamp(answer)
        answer.force_close()
        return answer

    def log_exception(self, *args: Any, **named: Any) -> None:
        """Of a connection that cannot go on."""
        error = named.get("exc_info")
        if isinstance(error, HttpProcessingError | web.PayloadAccessError):
            LOG.debug("malformed body")  # its words quote what was sent
        else:
            LOG.error(*args, **named)

    def _give_up(self) -> None:
        self._head_ends = None
        self._traffic.refusals["head-too-slow"] += 1
        self.force_close()

    def _stop_waiting(self) -> None:
        if self._head_ends is not None:
            self._head_ends.cancel()
            self._head_ends = None
