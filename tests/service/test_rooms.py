"""The rooms of the service: each knows those that are listed here and no other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sdz import service

SERVICE = Path(service.__file__).parent
KNOWS = {
    "http": set[str](),
    "engine": set[str](),
    "asked": {"http"},
    "access": {"http"},
    "jobs": {"http"},
    "pictures": {"http", "engine", "asked", "jobs"},
    "models": {"http", "engine", "jobs"},
    "watches": {"http", "asked"},
    "dashboard": {"http", "access", "pictures"},
    "system": {"http", "engine", "access", "pictures", "watches"},
    "app": {
        *("http", "engine", "access", "pictures"),
        *("jobs", "models", "watches", "dashboard", "system"),
    },
    "process": {"app", "http", "access", "system"},
}


def rooms_of(path: Path) -> set[str]:
    """The rooms that a file imports from, its own not counted."""
    own = path.relative_to(SERVICE).parts[0].removesuffix(".py")
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[2] for name in names if name.startswith("sdz.service.")}
    return found - {own}


def test_every_room_is_listed() -> None:
    there = {path.stem for path in SERVICE.iterdir() if path.name[0] not in "_."}
    assert there == set(KNOWS)


@pytest.mark.parametrize("room", KNOWS)
def test_a_room_knows_no_other_than_it_may(room: str) -> None:
    files = [*(SERVICE / room).rglob("*.py"), *SERVICE.glob(f"{room}.py")]
    assert files
    assert {name for path in files for name in rooms_of(path)} <= KNOWS[room]


def test_no_room_is_in_a_circle() -> None:
    above: set[str] = set()
    for room, known in KNOWS.items():  # the order of the list is the order of the floors
        assert known <= above
        above.add(room)


def test_the_check_finds_what_it_should(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.SERVICE", tmp_path)
    (tmp_path / "http").mkdir()
    file = tmp_path / "http" / "routing.py"
    file.write_text("from sdz.service.http.fields import x\nimport sdz.errors\n")
    assert rooms_of(file) == set()
    file.write_text("def f():\n    from sdz.service import app\nimport sdz.service.watches.book\n")
    assert rooms_of(file) == {"app", "watches"}
