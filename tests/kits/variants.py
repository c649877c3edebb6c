"""Many different files from one."""

from __future__ import annotations

from dataclasses import replace

from sdz import container
from sdz.container import Chunk


def copies(data: bytes, number: int, word: str) -> list[bytes]:
    """Files that differ, with the same picture: each has a chunk of its own that readers skip."""
    whole = container.unpack(data)
    return [
        container.pack(replace(whole, extra=(Chunk("z", f"{word} {n}".encode()),)))
        for n in range(number)
    ]
