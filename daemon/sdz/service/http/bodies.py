"""Reading the body of a request: within its bytes and its time, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from sdz.config import ServiceSettings
from sdz.errors import BadBody, BodyTooLarge, BodyTooSlow, TooManyRequests, WrongContentType


async def read_body(request: web.Request, limits: ServiceSettings, limit: int) -> bytes:
    """All of the body, at most ``limit`` bytes.

    Raises BodyTooLarge (by the declared length before anything is read, else as soon as it is
    exceeded), BodyTooSlow, BadBody, or WrongContentType for a compressed one.
    """
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", ""):
        # A few kilobytes may inflate to gigabytes; pictures are compressed already.
        raise WrongContentType(("content that is not compressed again",), encoding[:40])
    declared = request.content_length
    if declared is not None and declared > limit:
        raise BodyTooLarge(limit)
    if "Expect" in request.headers:
        await _continue(request)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_timeout_s):
            while chunk := await _next_chunk(request, limits.body_stall_s):
                size += len(chunk)
                if size > limit:
                    raise BodyTooLarge(limit)
                chunks.append(chunk)
    except TimeoutError:
        raise BodyTooSlow(limits.body_timeout_s) from None
    except (aiohttp.ClientPayloadError, web.RequestPayloadError, HttpProcessingError) as error:
        raise BadBody("it is cut short or not framed as HTTP asks") from error
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _next_chunk(request: web.Request, stall_s: float) -> bytes:
    try:
        async with asyncio.timeout(stall_s):
            return await request.content.readany()
    except TimeoutError:
        raise BodyTooSlow(stall_s) from None


async def wait_with_continue(request: web.Request) -> None:
    """Replaces aiohttp's answer to ``Expect``, which comes before any check of ours."""


async def _continue(request: web.Request) -> None:
    """Ask for the body, now that its sender was let in and its length is known."""
    if request.headers["Expect"].lower() == "100-continue" and request.version >= (1, 1):
        # aiohttp would say it before the guard was asked; see wait_with_continue.
        writer = request.writer
        await writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        writer.output_size = 0


class Gate:
    """How many requests, and how many bytes of bodies, may be under way at once.

    What is over the limit is refused at once and told to come again, rather than kept waiting:
    whoever asks knows best whether the answer is still wanted.
    """

    def __init__(self, requests: int, body_bytes: int) -> None:
        self._requests, self._bytes = requests, body_bytes
        self.requests = 0
        self.bytes = 0

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Room for one request with a body of ``size`` bytes. Raises TooManyRequests."""
        if self.requests >= self._requests or self.bytes + size > self._bytes:
            raise TooManyRequests
        self.requests += 1
        self.bytes += size
        try:
            yield
        finally:
            self.requests -= 1
            self.bytes -= size


LIMITS: Final = web.AppKey("limits", ServiceSettings)
GATE: Final = web.AppKey("gate", Gate)
