"""A HEIC whose picture is a grid of tiles that all are the same bytes of the file."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from inputs import heic

TILE = 448
_INNER = {b"meta": 4, b"iprp": 0, b"ipco": 0}


def grid_heic(columns: int, rows: int, said: tuple[int, int]) -> bytes:
    """columns x rows tiles of 448 pixels a side; ``said``: the size in its properties."""
    tile = heic(np.full((TILE, TILE, 3), 128, np.uint8))
    found = dict(_boxes(tile))
    coded = found[b"mdat"]
    config, size = found[b"hvcC"], struct.pack(">III", 0, TILE, TILE)
    grid = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, columns * TILE, rows * TILE)
    tiles = range(2, 2 + columns * rows)

    def meta(start: int) -> bytes:
        where = [(1, start, len(grid))]
        where += [(item, start + len(grid), len(coded)) for item in tiles]
        places = b"".join(struct.pack(">HHHII", item, 0, 1, at, n) for item, at, n in where)
        kinds = [(1, b"grid"), *((item, b"hvc1") for item in tiles)]
        infos = [_box(b"infe", struct.pack(">IHH4sB", 2 << 24, i, 0, kind, 0)) for i, kind in kinds]
        parts = struct.pack(">HH", 1, len(tiles)) + struct.pack(f">{len(tiles)}H", *tiles)
        properties = [
            _box(b"hvcC", config),
            _box(b"ispe", size),
            _box(b"ispe", struct.pack(">III", 0, *said)),
        ]
        has = struct.pack(">IIHBB", 0, 1 + len(tiles), 1, 1, 3)
        has += b"".join(struct.pack(">HBBB", item, 2, 0x81, 2) for item in tiles)
        return _box(
            b"meta",
            bytes(4)
            + _box(b"hdlr", struct.pack(">II4s13x", 0, 0, b"pict"))
            + _box(b"pitm", struct.pack(">IH", 0, 1))
            + _box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, len(where)) + places)
            + _box(b"iinf", struct.pack(">IH", 0, len(infos)) + b"".join(infos))
            + _box(b"iref", bytes(4) + _box(b"dimg", parts))
            + _box(b"iprp", _box(b"ipco", b"".join(properties)) + _box(b"ipma", has)),
        )

    kind = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    start = len(kind) + len(meta(0)) + 8
    return kind + meta(start) + _box(b"mdat", grid + coded)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + size]
        yield kind, content
        if kind in _INNER:
            yield from _boxes(content[_INNER[kind] :])
        at += max(size, 8)
