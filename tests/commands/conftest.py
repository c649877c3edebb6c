"""The command line, called as a function; pictures and files for it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import drawn
import pytest

from sdz.cli import main

Sdz = Callable[..., int]


@pytest.fixture
def sdz() -> Sdz:
    """Run the command line with these words; its exit code, also of argparse's own exits."""

    def run(*words: object) -> int:
        try:
            return main([str(word) for word in words])
        except SystemExit as stop:
            return int(stop.code or 0)

    return run


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A PNG of 64x48 pixels, larger than its .sdz."""
    path = tmp_path / "photo.png"
    path.write_bytes(drawn.as_file(drawn.scene(48, 64)))
    return path


@pytest.fixture(scope="session")
def sdz_bytes() -> bytes:
    """A .sdz of the built-in model, 64x48 pixels."""
    from sdz import encode

    return encode(drawn.as_file(drawn.scene(48, 64)), quality=40)


@pytest.fixture
def packed(tmp_path: Path, sdz_bytes: bytes) -> Path:
    path = tmp_path / "packed.sdz"
    path.write_bytes(sdz_bytes)
    return path


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Make these bytes the standard input."""

    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    return give


@pytest.fixture(autouse=True)
def quiet_while_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine any command may take ten seconds, and would say so among what is tested."""
    monkeypatch.setattr("sdz.commands.waiting.LINE_EVERY_S", float("inf"))
