"""A folder to watch, with a journal of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import send2trash.plat_other as freedesktop
from watch_kit import Folder


@pytest.fixture(autouse=True)
def trash_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trash of the test's own: ``Trash`` in the folder that this is. None sees the user's."""
    home = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    # send2trash has read the environment when it was loaded.
    monkeypatch.setattr(freedesktop, "XDG_DATA_HOME", str(home).encode())
    monkeypatch.setattr(freedesktop, "HOMETRASH_B", str(home / "Trash").encode())
    monkeypatch.setattr(freedesktop, "get_dev", lambda _: 1)  # /tmp may be on another disk
    monkeypatch.setattr("send2trash.send2trash", freedesktop.send2trash)
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    root, home = tmp_path / "in", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    made = Folder(root, home)
    yield made
    for journal in made.journals:
        journal.close()
