"""Stores in memory for one test, and pictures in them."""

from __future__ import annotations

import secrets
from pathlib import Path

import drawn
import pytest

from sdz.distributed.stores import Store


@pytest.fixture(params=["file", "memory"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty folder: of this machine, or of a store that keeps objects."""
    if request.param == "file":
        return str(tmp_path / "place")
    return f"memory://{secrets.token_hex(8)}"


@pytest.fixture
def store(address: str) -> Store:
    return Store(address)


@pytest.fixture
def album(address: str) -> Store:
    """Pictures and what is none, in folders of a store."""
    store = Store(f"{address}/album")
    for seed, name in enumerate(("a.png", "summer/b.PNG", "summer/deep/c.png", ".hidden/d.png")):
        store.write(name, drawn.as_file(drawn.scene(48, 64, seed)))
    store.write("notes.txt", b"no picture")
    store.write("summer/bad.jpg", b"no picture either")
    return store
