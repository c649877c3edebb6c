"""Many different files from one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sdz import container
from sdz.container import Chunk


def copies(data: bytes, number: int, word: str) -> list[bytes]:
    """Files that differ, with the same picture: each has a chunk of its own that readers skip."""
    whole = container.unpack(data)
    return [
        container.pack(replace(whole, extra=(Chunk("z", f"{word} {n}".encode()),)))
        for n in range(number)
    ]


def earlier_edition() -> bytes:
    """A file of lite-1's first edition, 320 x 213, whose weights the daemon has and no browser."""
    return (Path(__file__).parents[1] / "golden/lite-1-edition-1.sdz").read_bytes()
