"""The list of what was installed: the only things that may be taken away again.

    {"version": 1,
     "files": {PATH: SHA-256},   written by us, as they were then
     "generated": [PATH],        made by the desktop's own tools when we ran them
     "folders": [PATH],          that were not there before, outermost first
     "magic_sha256": "...",      of the block in ~/.magic, as it was then
     "magic_created": true}      whether that file was not there before

Written before the first file, so that an installation that was cut short can be removed too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sdz.errors import OutputError
from sdz.files import write_aside

VERSION = 1


@dataclass(slots=True)
class Manifest:
    """What was installed. Paths as text, so that it is what the file holds."""

    files: dict[str, str] = field(default_factory=dict)
    generated: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    magic_sha256: str = ""
    magic_created: bool = False

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"version": VERSION, **asdict(self)}, indent=1) + "\n"
        write_aside(path, text.encode(), durable="no")


def load(path: Path) -> Manifest | None:
    """The manifest, or None where there is none. Raises OutputError for one that is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        version = found.pop("version")
        if version != VERSION:
            raise OutputError(str(path), f"it is of version {version}; update sdz")
        manifest = Manifest(**found)
        lists = (manifest.generated, manifest.folders, list(manifest.files))
        if not all(isinstance(item, str) for items in lists for item in items):
            raise TypeError("a path that is none")
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = "it is damaged; delete it, and the files of sdz beside it by hand"
        raise OutputError(str(path), reason) from error
    return manifest


def sha256(content: bytes) -> str:
    """As the manifest has it."""
    return hashlib.sha256(content).hexdigest()
