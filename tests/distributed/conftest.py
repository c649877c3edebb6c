"""Places in memory for one test, and pictures in them."""

from __future__ import annotations

import secrets
from pathlib import Path

import drawn
import pytest

from sdz.distributed.places import Place


@pytest.fixture(params=["file", "memory"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty folder: of this machine, or of a store that keeps objects."""
    if request.param == "file":
        return str(tmp_path / "place")
    return f"memory://{secrets.token_hex(8)}"


@pytest.fixture
def place(address: str) -> Place:
    return Place(address)


@pytest.fixture
def album(address: str) -> Place:
    """Pictures and what is none, in folders of a place."""
    place = Place(f"{address}/album")
    for seed, name in enumerate(("a.png", "summer/b.PNG", "summer/deep/c.png", ".hidden/d.png")):
        place.write(name, drawn.as_file(drawn.scene(48, 64, seed)))
    place.write("notes.txt", b"no picture")
    place.write("summer/bad.jpg", b"no picture either")
    return place
