"""Folders that wait because somebody said so: a file beside a folder's lock, so that it holds over
restarts, in any process, and for a folder that nobody watches at the moment.

Files under way come to their end; what is found meanwhile waits. ``--once`` asks nobody.
"""

from __future__ import annotations

from pathlib import Path

from sdz.home import watch_folder
from sdz.watch.claim import folder_id

WHY = "it was told to wait; it goes on by: sdz watch resume"


def pause(root: Path) -> bool:
    """Have a folder wait; False if it does already."""
    mark = _mark(root)
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = mark.exists()
    mark.touch()
    return not there


def resume(root: Path) -> bool:
    """Have it go on; False if it did not wait."""
    mark = _mark(root)
    there = mark.exists()
    mark.unlink(missing_ok=True)
    return there


def is_paused(root: Path) -> bool:
    """Whether a folder waits."""
    return _mark(root).exists()


def _mark(root: Path) -> Path:
    return watch_folder() / folder_id(root) / "paused"
