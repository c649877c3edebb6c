"""CONTRIBUTING's map is the tree: what it names is there, and what is there is named."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "daemon" / "sdz"
ENTRY = re.compile(r"`([\w./]+(?:/|\.\w+))`")


def part(begins: str, ends: str) -> str:
    return PAGE.split(begins, 1)[1].split(ends, 1)[0]


def test_the_map_names_every_part_of_the_package() -> None:
    rows = [row for row in part("## The house", "**Where").splitlines() if row.startswith("| `")]
    named = {name.rstrip("/") for row in rows for name in ENTRY.findall(row.split(" | ")[0])}
    found = {
        path.name
        for path in PACKAGE.iterdir()
        if (path / "__init__.py").is_file() or (path.suffix == ".py" and path.stem[:2] != "__")
    }
    assert named == found


def test_where_to_look_is_there() -> None:
    paths = ENTRY.findall(part("**Where is it changed?**", "**Walls."))
    folders = [path for path in paths if "/" in path]
    assert len(folders) > 10
    assert [path for path in folders if not (ROOT / path).exists()] == []
