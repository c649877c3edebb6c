"""What was made of what: ``.sdz-publish.json`` in the folder for outputs.

    {"version": 1,
     "pictures": {"img/photo.jpg": {"sha256": ..., "recipe": ..., "outputs": [...], ...}},
     "files": {"img/photo.sdz": ["<sha256>"]}}

A file is ours where its digest is in ``files``. A digest is noted before its file is written, and
the one before it forgotten afterwards: ended at any point, the next run knows its own.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sdz.errors import BadPublished
from sdz.files import write_aside
from sdz.locks import ThreadLock

NAME: Final = ".sdz-publish.json"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Output:
    """A file that is offered: its path from the folder for outputs, and what is known of it."""

    file: str
    kind: str
    width: int
    height: int
    bytes: int
    score: float
    quality: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class PictureRecord:
    """What was made of a source, and of which version of it. width, height: of the widest."""

    sha256: str
    source_bytes: int
    recipe: str
    base: str
    width: int
    height: int
    outputs: tuple[Output, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of_values(cls, values: dict[str, Any]) -> PictureRecord:
        """What ``asdict`` gave. Raises TypeError, KeyError."""
        outputs = tuple(Output(**one) for one in values["outputs"])
        return cls(**{**values, "outputs": outputs, "notes": tuple(values["notes"])})


class Manifest:
    """The list of one folder; from any thread. Raises BadPublished where it cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock = ThreadLock()
        self._pictures: dict[str, PictureRecord] = {}
        self._files: dict[str, list[str]] = {}
        try:
            self._read(json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadPublished(str(self._path), str(error)) from error

    def _read(self, values: dict[str, Any]) -> None:
        if values["version"] != VERSION:
            raise ValueError(f"of version {values['version']}, {VERSION} is read")
        pictures = values["pictures"].items()
        self._pictures = {name: PictureRecord.of_values(one) for name, one in pictures}
        self._files = {str(file): list(digests) for file, digests in values["files"].items()}

    def record(self, source: str) -> PictureRecord | None:
        """What was made of a source before."""
        return self._pictures.get(source)

    def keep(self, source: str, record: PictureRecord) -> None:
        """Remember what was made of a source, once its files are there."""
        with self._lock:
            self._pictures[source] = record
            self._save()

    def is_ours(self, file: str, digest: str) -> bool:
        """Whether a file of that name and digest is one that was written here."""
        return digest in self._files.get(file, ())

    def begin(self, digests: dict[str, str]) -> None:
        """These files are about to be written."""
        with self._lock:
            for file, digest in digests.items():
                known = self._files.setdefault(file, [])
                if digest not in known:
                    known.append(digest)
            self._save()

    def settle(self, digests: dict[str, str]) -> None:
        """They are there. Saved with whatever is saved next."""
        with self._lock:
            self._files.update({file: [digest] for file, digest in digests.items()})

    def close(self) -> None:
        """Save what was settled last."""
        with self._lock:
            self._save()

    def files(self) -> list[str]:
        """All that was ever written here."""
        return sorted(self._files)

    def _save(self) -> None:
        pictures = {name: asdict(one) for name, one in sorted(self._pictures.items())}
        values = {"version": VERSION, "pictures": pictures, "files": self._files}
        text = json.dumps(values, indent=1, sort_keys=True)
        data = f"{text}\n".encode()
        if not self._path.exists() or self._path.read_bytes() != data:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_aside(self._path, data, durable="content")


def digest_of(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
