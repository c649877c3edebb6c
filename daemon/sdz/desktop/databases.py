"""The desktop's own databases, made by its own tools from the files that are installed.

Each tool reads the sources in a folder and writes what programs look things up in beside them.
What a tool made where nothing was before is ours to take away with the last source; where
others have sources there too, the tool is run again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RunTool = Callable[[list[str]], str | None]
"""Runs a command; None, or why it failed."""

TOOL_S = 120.0


@dataclass(frozen=True, slots=True)
class DesktopDatabase:
    """``tool FOLDER`` makes ``index`` from ``sources``; ``package``: where the tool is from."""

    tool: str
    folder: str
    sources: str
    index: str
    package: str


MIME: Final = DesktopDatabase(
    "update-mime-database", "mime", "packages/*.xml", "mime.cache", "shared-mime-info"
)
APPLICATIONS: Final = DesktopDatabase(
    "update-desktop-database", "applications", "*.desktop", "mimeinfo.cache", "desktop-file-utils"
)
DATABASES: Final = (MIME, APPLICATIONS)
ICON_TOOLS: Final = ("gtk-update-icon-cache", "gtk4-update-icon-cache")


def run_tool(command: list[str]) -> str | None:
    """Run one of the tools, with its words kept from the terminal."""
    if shutil.which(command[0]) is None:
        return "it was not found"
    try:
        done = subprocess.run(command, capture_output=True, timeout=TOOL_S, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    words = done.stderr.decode(errors="replace").strip().splitlines()
    return None if done.returncode == 0 else (words[-1] if words else f"code {done.returncode}")


def refresh(database: DesktopDatabase, data: Path, run: RunTool) -> tuple[str | None, list[str]]:
    """Run the tool; (why it failed or None, the paths it made that were not there before)."""
    folder = data / database.folder
    before = set(folder.rglob("*"))
    failure = run([database.tool, str(folder)])
    return failure, sorted(str(path) for path in set(folder.rglob("*")) - before)


def is_all_ours(database: DesktopDatabase, data: Path, generated: Iterable[str]) -> bool:
    """Whether there is nothing left in a database but what we had made of our own files."""
    folder = data / database.folder
    index = str(folder / database.index)
    return not any(folder.glob(database.sources)) and (
        index in generated or not Path(index).exists()
    )


def refresh_icons(data: Path, run: RunTool) -> tuple[str, str | None] | None:
    """Let programs see that the icons changed; (the tool, why it failed) if one had to be run.

    Without a cache they read the folder itself when its time has changed; a cache is not made
    where there was none, since from then on it would hide icons that come later.
    """
    theme = data / "icons" / "hicolor"
    if not theme.is_dir():
        return None
    os.utime(theme)
    if not (theme / "icon-theme.cache").exists():
        return None
    for tool in ICON_TOOLS:
        if (failure := run([tool, "-q", "-t", "-f", str(theme)])) != "it was not found":
            return tool, failure
    return ICON_TOOLS[0], "it was not found"
