"""Frames between the engine and its child processes, both ways, over a pair of pipes.

    4 header length | 8 body length | header: a JSON object | body: bytes

Lengths are big-endian. Nothing is pickled: what a child says is data, whatever it has become.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sdz.errors import JobFailed, SdzError

_PREFIX: Final = struct.Struct(">IQ")
MAX_HEADER_BYTES: Final = 1 << 24
MAX_BODY_BYTES: Final = 1 << 34


class Frame(NamedTuple):
    """A message: JSON values, and bytes that go with them."""

    header: dict[str, Any]
    body: bytes = b""


class BrokenFrame(Exception):
    """The other side ended in the middle of a frame, or does not speak this protocol."""


def pack_head(header: dict[str, Any], body_bytes: int) -> bytes:
    """All of a frame that comes before its body."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return _PREFIX.pack(len(text), body_bytes) + text


def read_frame(read: Callable[[int], bytes]) -> Frame | None:
    """The next frame, or None where the stream ends between two.

    ``read(n)`` blocks until it has n bytes, or fewer at the end of the stream. Raises
    BrokenFrame.
    """
    prefix = read(_PREFIX.size)
    if not prefix:
        return None
    header_bytes, body_bytes = _lengths(prefix)
    text, body = read(header_bytes), read(body_bytes)
    if len(text) < header_bytes or len(body) < body_bytes:
        raise BrokenFrame("the stream ended in the middle of a frame")
    return Frame(_header(text), body)


async def receive(stream: asyncio.StreamReader) -> Frame | None:
    """``read_frame`` for the asynchronous side."""
    try:
        prefix = await stream.readexactly(_PREFIX.size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BrokenFrame("the stream ended in the middle of a frame") from error
        return None
    header_bytes, body_bytes = _lengths(prefix)
    try:
        text = await stream.readexactly(header_bytes)
        body = await stream.readexactly(body_bytes)
    except asyncio.IncompleteReadError as error:
        raise BrokenFrame("the stream ended in the middle of a frame") from error
    return Frame(_header(text), body)


def _lengths(prefix: bytes) -> tuple[int, int]:
    if len(prefix) < _PREFIX.size:
        raise BrokenFrame("the stream ended in the middle of a frame")
    header_bytes, body_bytes = _PREFIX.unpack(prefix)
    if header_bytes > MAX_HEADER_BYTES or body_bytes > MAX_BODY_BYTES:
        raise BrokenFrame(f"a frame of {header_bytes} + {body_bytes} bytes is too long")
    return header_bytes, body_bytes


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except ValueError as error:
        raise BrokenFrame(f"a header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise BrokenFrame("a header is not an object")
    return header


# --- errors on their way through a frame --------------------------------------------------------


def dump_error(error: BaseException) -> dict[str, Any]:
    """An error as JSON values; one that is none of ours as JobFailed."""
    if not isinstance(error, SdzError):
        error = JobFailed(type(error).__name__, str(error))
    return error.to_values()


def load_error(values: dict[str, Any]) -> SdzError:
    """The error ``dump_error`` wrote: same class, message and facts."""
    return SdzError.of_values(values) or JobFailed(values["class"], values["message"])
