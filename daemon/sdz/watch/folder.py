"""What is watched, and how: one folder's options, checked."""

from __future__ import annotations

import hashlib
import math
import os
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from sdz.errors import BadOption, FolderUnfit
from sdz.processors import processors
from sdz.wish import Wish

MOST_JOBS: Final = 64


def usual_jobs() -> int:
    """Pictures at once that keep all processors busy, while one of them is read or written."""
    return min(max(2, processors()), MOST_JOBS)


class Originals(StrEnum):
    """What becomes of a source once its ``.sdz`` is written and verified."""

    KEEP = "keep"
    TRASH = "trash"  # the desktop's trash; ``undo`` brings it back


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """One watched folder. Paths are made absolute, and ``root`` free of symbolic links.

    out: None puts outputs beside their sources, else they are mirrored under that folder, which
    may lie inside ``root`` (it is then not watched) but may not be ``root``. min_saving: share of
    the source's bytes that must be saved, 0 (any) to under 1. settle_s: how long a file must
    not have changed. rescan_s: pause between whole scans. jobs: files encoded at once.

    The root need not be there (its disk may not be mounted yet): see ``require_root``. Raises
    FolderUnfit for a root or an out that is something else than a folder, BadOption for values.
    """

    root: Path
    out: Path | None = None
    wish: Wish = field(default_factory=Wish)
    originals: Originals = Originals.KEEP
    min_saving: float = 0.0
    settle_s: float = 2.0
    rescan_s: float = 300.0
    jobs: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", _resolved(self.root))
        object.__setattr__(self, "originals", _originals(self.originals))
        if self.out is not None:
            object.__setattr__(self, "out", _resolved(self.out))
            if self.out == self.root:
                raise FolderUnfit(
                    str(self.out), "it is the watched folder itself; leave the output folder out"
                )
        if self.root == Path(self.root.anchor):
            raise FolderUnfit(str(self.root), "it is the whole file system; name a folder in it")
        for name, value, low, high in (
            ("min saving", self.min_saving, 0.0, 0.999),
            ("settle", self.settle_s, 0.0, 3600.0),
            ("rescan", self.rescan_s, 1.0, 86400.0 * 7),
            ("jobs", self.jobs, 1, MOST_JOBS),
        ):
            if not (math.isfinite(value) and low <= value <= high):
                raise BadOption(name, f"{low:g} to {high:g}", value)
        if self.wish.allow_larger:
            raise BadOption("allow larger", "false for a watched folder", True)
        if self.wish.only != "any":
            raise BadOption("only", "any for a watched folder, which knows", self.wish.only)

    def require_root(self) -> None:
        """Raise FolderUnfit unless the root is there now: for a folder that a person has named."""
        if not self.root.is_dir():
            raise FolderUnfit(str(self.root), "there is no such folder; make it first")

    @property
    def outputs(self) -> Path:
        """The folder in and under which outputs are."""
        return self.root if self.out is None else self.out

    def folder_for(self, source: Path) -> Path:
        """The folder of a source's output."""
        return self.outputs / source.parent.relative_to(self.root)

    @property
    def asked(self) -> Wish:
        """The wish for each file: one picture, and where its original goes, all that it holds."""
        only = "whole" if self.originals is Originals.TRASH else "single"
        return replace(self.wish, only=only)

    @property
    def digest(self) -> str:
        """A short name of what decides whether a file is refused: the wish, and the saving."""
        facts = [self.wish.model, sorted(self.wish.facts().items()), self.min_saving]
        if self.originals is Originals.TRASH:
            facts.append(self.asked.only)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _originals(value: Originals | str) -> Originals:
    try:
        return Originals(value)
    except ValueError:
        raise BadOption("originals", "keep or trash", value) from None


def _resolved(path: Path) -> Path:
    """A path without links, of a folder or of nothing. Raises FolderUnfit."""
    try:
        path = Path(os.path.realpath(path))
        if path.exists() and not path.is_dir():
            raise FolderUnfit(str(path), "it is not a folder")
    except ValueError:  # a NUL, or half of a surrogate pair
        raise FolderUnfit(str(path), "it is no path") from None
    return path
