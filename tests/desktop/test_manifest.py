"""The list of what was installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdz.desktop.manifest import Manifest, load
from sdz.errors import OutputError


def test_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "sdz" / "desktop.json"
    assert load(path) is None
    manifest = Manifest({"/a": "1f"}, ["/b"], ["/c"], "2e", magic_created=True)
    manifest.save(path)
    assert load(path) == manifest
    assert [entry.name for entry in path.parent.iterdir()] == ["desktop.json"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 1, "unknown": 3}', '{"version": 1, "folders": [7]}', "\0"],
)
def test_damaged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "desktop.json"
    path.write_text(text)
    with pytest.raises(OutputError, match="it is damaged"):
        load(path)


def test_of_a_later_version(tmp_path: Path) -> None:
    path = tmp_path / "desktop.json"
    path.write_text('{"version": 2}')
    with pytest.raises(OutputError, match="version 2; update sdz"):
        load(path)
