"""Changing a file of a store so that it can be seen."""

from __future__ import annotations

import os
from pathlib import Path

from sdz.distributed.stores import Store


def touch(store: Store, path: str, data: bytes) -> None:
    """Write other contents, with another mark even where clocks are coarse."""
    before = store.find(path)
    store.write(path, data)
    local = Path(store.address) / path
    if local.exists():
        later = local.stat().st_mtime + 10
        os.utime(local, (later, later))
    assert store.find(path) != before
