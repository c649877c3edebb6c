"""An environment that has what pyproject.toml asks for and nothing else: no torch, no diffusers."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"^[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==")


def needed() -> set[str]:
    """The distributions that a plain ``pip install sdz`` brings, with all that these need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: set[str] = set()
    left = list(project["dependencies"])
    while left:
        requirement = left.pop()
        match = _NAME.match(requirement)
        assert match
        name = re.sub(r"[-_.]+", "-", match[0]).lower()
        if name in found or _EXTRA.search(requirement):
            continue
        try:
            requires = distribution(name).requires
        except ImportError:  # for another system, or another Python
            continue
        found.add(name)
        left += requires or []
    return found


def make(folder: Path) -> Path:
    """The environment in ``folder``; its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in needed():
        one = distribution(name)
        for top in {Path(str(file)).parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
            source = Path(str(one.locate_file(top)))
            if not (packages / top).exists():
                (packages / top).symlink_to(source)
    (packages / "sdz.pth").write_text(f"{ROOT / 'daemon'}\n", encoding="utf-8")
    return folder / "bin" / "python"
