"""Files that only their owner can read."""

from __future__ import annotations

from pathlib import Path

from sdz.files import write_aside


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all; its folder is made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_aside(path, text.encode(), durable="content", mode=0o600)
