"""The integers of a ``.sdz`` file: little-endian fixed widths and varints, read inside bounds.

A varint is LEB128: seven bits a byte, least significant first, bit 7 set on all but the last
byte. Only the shortest form is accepted, so that a number has one spelling and a file that was
read can be written again byte for byte.
"""

from __future__ import annotations

from typing import Final

from sdz.errors import BadField, Truncated

VARINT_BYTES: Final = 5
VARINT_MAX: Final = 2**32 - 1


class Cursor:
    """Walks through ``data`` without copying it; every read names what it reads.

    Raises `Truncated` where fewer bytes are left than a read needs.
    """

    __slots__ = ("_at", "_view")

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(data).cast("B")
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self._view) - self._at

    def take(self, count: int, what: str) -> memoryview:
        """The next ``count`` bytes, as a view of the data."""
        if count > self.left:
            raise Truncated(what, count, self.left)
        self._at += count
        return self._view[self._at - count : self._at]

    def number(self, width: int, what: str) -> int:
        """An unsigned little-endian integer of ``width`` bytes."""
        return int.from_bytes(self.take(width, what), "little")

    def varint(self, what: str) -> int:
        """A varint, 0 to 2^32 - 1; `BadField` if it is longer than it need be, or larger."""
        start, value = self._at, 0
        for index in range(VARINT_BYTES):
            byte = self.number(1, what)
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                if value <= VARINT_MAX and (byte or not index):
                    return value
                break
        found = self._view[start : self._at].hex(" ")
        raise BadField(what, "a varint below 2^32 in its shortest form", found)


def varint(value: int, what: str) -> bytes:
    """The varint of ``value``; `BadField` outside 0 to 2^32 - 1."""
    if not 0 <= value <= VARINT_MAX:
        raise BadField(what, f"0 to {VARINT_MAX}", value)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
