"""What lies in a watched folder and is no picture: left alone, and counted, to be said."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sdz.names import kind_left_alone
from sdz.watch.names import is_passed_over

MOST_ENTRIES: Final = 200_000
"""So many are looked at: half a second. Beyond that the counts are of what came first."""


def left_alone(root: Path, out: Path | None = None) -> Counter[str]:
    """How many files of each kind (``media.OTHER_KINDS``) a watcher of ``root`` does not take.

    Without what is passed over, such as hidden files, and the folder for outputs.
    """
    return Counter(kind for _, kind in others(root, out))


def others(root: Path, out: Path | None = None) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Each of those files, and its kind."""
    waiting, looked_at = [os.fspath(root)], 0
    while waiting and looked_at < MOST_ENTRIES:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    looked_at += 1
                    if is_passed_over(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if out is None or Path(entry.path) != out:
                            waiting.append(entry.path)
                    elif (kind := kind_left_alone(entry.name)) and entry.is_file(
                        follow_symlinks=False
                    ):
                        yield entry, kind
        except OSError:  # gone, or not ours to read
            continue
