"""Statistics and streams of docs/trained-coder.md, its sections 2 and 3, from the page alone."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Damaged(Exception):
    """The stream is refused."""


def read_statistics(data: bytes) -> dict[str, Ints]:
    """The arrays by name, and the counts under their letters."""
    version, c, n, h, g, levels, caution, memory = struct.unpack_from("<8H", data)
    assert version == 1
    m, pairs = c - n, n * (n - 1) // 2
    m_pairs = c * (c - 1) // 2 - pairs
    table = [
        ("near", "<i2", (n, 9, 7)),
        ("cross", "<i2", (pairs, 5)),
        ("own", "<i2", (n, h, 12)),
        ("earlier", "<i2", (pairs, h, 2)),
        ("pools", "<i2", (pairs, h)),
        ("share", "<i2", (n, h)),
        ("bias", "<i4", (n, h, 7)),
        ("out", "<i2", (n, h)),
        ("rest", "<i4", (n, 7)),
        ("plane_earlier", "<i2", (m_pairs, g, 2)),
        ("windows", "<i2", (m, g, 9)),
        ("plane_bias", "<i4", (m, g, 7)),
        ("ring", "<i2", (m, g)),
        ("half", "<i2", (m, g)),
        ("later", "<i4", (m, g)),
        ("plane_out", "<i2", (m, g)),
        ("plane_rest", "<i4", (m, 7)),
        ("rows", "<u2", (levels, 9, 33)),
        ("plane_rows", "<u2", (levels, 16)),
        ("shifts", "|u1", (levels,)),
        ("map", "<u2", (9,)),
    ]
    at, found = 16, {}
    for name, kind, shape in table:
        count = int(np.prod(shape))
        array = np.frombuffer(data, kind, count, at)
        found[name] = array.reshape(shape).astype(np.int64)
        at += array.nbytes
    assert at == len(data)
    for name, value in zip("CNHGL", (c, n, h, g, levels), strict=True):
        found[name] = np.int64(value)
    found["caution"], found["memory"] = np.int64(caution), np.int64(memory)
    return found


class Stream:
    def __init__(self, data: bytes) -> None:
        if not data:
            raise Damaged
        count, spared = 1 << (data[0] & 3), data[0] >> 2 & 3
        self.lean = (data[0] >> 4) - 16 * (data[0] >> 7)
        if count > 1 and spared:
            raise Damaged
        width = 4 - spared
        words = len(data) - 1 - count * width
        if words < 0 or words % 2:
            raise Damaged
        self.states = [
            int.from_bytes(data[1 + i * width : 1 + (i + 1) * width], "little")
            for i in range(count)
        ]
        if count > 1 and min(self.states) < 65536:
            raise Damaged
        self.words = list(struct.unpack(f"<{words // 2}H", data[len(data) - words :]))[::-1]
        self.turn = 0

    def choice(self, frequencies: list[int]) -> int:
        i = self.turn % len(self.states)
        self.turn += 1
        x = self.states[i]
        slot, start, number = x & 32767, 0, 0
        while slot >= start + frequencies[number]:
            start += frequencies[number]
            number += 1
        f = frequencies[number]
        x = f * (x >> 15) + slot - start
        if x < 65536 and self.words:
            x = x << 16 | self.words.pop()
        self.states[i] = x
        return number

    def raw(self, bits: int) -> int:
        i = self.turn % len(self.states)
        number = (self.states[i] & 32767) >> (15 - bits)
        f = 32768 >> bits
        self.turn += 1
        x = self.states[i]
        x = f * (x >> 15) + (x & 32767) - number * f
        if x < 65536 and self.words:
            x = x << 16 | self.words.pop()
        self.states[i] = x
        return number

    def close(self) -> None:
        first = 0 if len(self.states) == 1 else 65536
        if self.words or any(x != first for x in self.states):
            raise Damaged
