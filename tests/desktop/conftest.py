"""A home of their own for the desktop's files, and files of the type."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import drawn
import pytest

from sdz.desktop.entries import Places

TOOLS = ("update-mime-database", "update-desktop-database", "gio", "xdg-mime", "file")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A new user's, with nothing there."""
    home = tmp_path / "a user's home"
    home.mkdir()
    return Places(home, home / ".local" / "share")


@pytest.fixture
def tools() -> None:
    """The desktop's own tools are there."""
    if not sys.platform.startswith("linux"):
        pytest.skip("a desktop of freedesktop.org is needed")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    assert not missing, "run: scripts/setup --desktop"


@pytest.fixture(scope="session")
def sdz_bytes() -> bytes:
    """A picture of 768x512 pixels, so a preview of 96x64."""
    from sdz import encode

    return encode(drawn.as_file(drawn.scene(512, 768)), preset="small")


@pytest.fixture
def picture(tmp_path: Path, sdz_bytes: bytes) -> Path:
    path = tmp_path / "picture.sdz"
    path.write_bytes(sdz_bytes)
    return path


@pytest.fixture
def game(tmp_path: Path) -> Path:
    """What a game calls .sdz."""
    path = tmp_path / "game.sdz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("modinfo.lua", "return {}")
    return path
