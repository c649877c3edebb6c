"""Write an unpacked browser extension: scripts/extension_tree.py chromium|firefox FOLDER.

The one manifest in extension/manifest.base.json becomes a browser's: ``common`` with the browser's
part laid over it, permissions joined, the version from daemon/sdz/version.py. The decoder's parts
are built on the way; decoder/parts.json has their SHA-256.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import build_decoder

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "extension"
BROWSERS: Final = ("chromium", "firefox")
PARTS: Final = (
    "background",
    "decoder",
    "content",
    "typed",
    "shared",
    "viewer",
    "frame",
    "popup",
    "options",
    "pair",
    "welcome",
    "dashboard",
    "icons",
    "_locales",
)
NOT_SHIPPED: Final = shutil.ignore_patterns("*.d.ts", "library")


def version() -> str:
    """The project's version, from its one place."""
    text = (ROOT / "daemon/sdz/version.py").read_text()
    found = re.search(r'__version__ = "([0-9.]+)"', text)
    if found is None:
        raise SystemExit("daemon/sdz/version.py has no version of digits and dots")
    return found[1]


def manifest(browser: str) -> dict[str, Any]:
    """A browser's manifest."""
    base = json.loads((SOURCE / "manifest.base.json").read_text())
    whole = {"version": version()} | base["common"] | base[browser]
    whole["permissions"] = base["common"]["permissions"] + base[browser]["permissions"]
    return whole


def write(browser: str, folder: Path) -> Path:
    """Fill ``folder``, which is emptied first, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in PARTS:
        if (SOURCE / part).is_dir():
            # content/ is Chromium's page side; the other browser has no use for it.
            if part == "content" and browser != "chromium":
                continue
            shutil.copytree(SOURCE / part, folder / part, ignore=NOT_SHIPPED)
    build_decoder.build(folder / "decoder")
    text = json.dumps(manifest(browser), indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n")
    return folder


def main(words: list[str]) -> None:
    if len(words) != 2 or words[0] not in BROWSERS:
        raise SystemExit("usage: scripts/extension_tree.py chromium|firefox FOLDER")
    print(write(words[0], Path(words[1])))


if __name__ == "__main__":
    main(sys.argv[1:])
