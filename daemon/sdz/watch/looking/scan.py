"""The truth: what is in a folder now, told to the journal.

Runs in a thread. Nothing is kept for each file: a folder's entries go to the journal in batches,
which compares them with what it knows. Symbolic links are never followed, neither to files nor to
folders, so that there are no loops, and nothing outside the root is touched. Folders that cannot
be read are counted and skipped: what the journal knows of them is kept.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final

from sdz.names import kind_left_alone
from sdz.watch.journal.database import JournalFull
from sdz.watch.journal.rows import Identity
from sdz.watch.names import PART_PREFIX, is_candidate, is_part, is_passed_over, part_token
from sdz.watch.work import Work

BATCH: Final = 512

Entry = tuple[bytes, Identity]


@dataclass(slots=True)
class Seen:
    """What a scan came across. swept: temporary files of an earlier watcher that were removed."""

    folders: int = 0
    files: int = 0
    news: int = 0
    unreadable: int = 0
    swept: int = 0
    first_unreadable: str = ""
    left_alone: Counter[str] = field(default_factory=Counter)

    @property
    def facts(self) -> dict[str, Any]:
        """What the journal keeps of a scan of everything: columns of ``RootRow``."""
        return {"hindrance": self.hindrance, "left_alone": self.left_alone}

    @property
    def hindrance(self) -> str:
        """Which folders could not be looked into, for people; empty where all could."""
        if not self.unreadable:
            return ""
        count = f"{self.unreadable} folder{'s' if self.unreadable > 1 else ''} cannot be read"
        return f"{count}, so what is in there is left alone: {self.first_unreadable}"


class Scan:
    """One way through a folder, as its options say.

    sweep: an earlier watcher's temporary files are removed on the way. stop: asked between folders.
    """

    def __init__(
        self, work: Work, *, sweep: bool = False, stop: Callable[[], bool] = lambda: False
    ) -> None:
        self.work, self._root, self._seen = work, work.options.root, work.journal.seen
        self._sweep_token = part_token(self._root) if sweep else None
        self._stop = stop

    def all(self) -> Seen:
        """Look at everything, and note what is no longer there."""
        seen = self.under(self._root)
        if not self._stop():
            self._note_lost_folders()
            self._seen.prune(self._root, self.work.clock())
        return seen

    def under(self, folder: Path) -> Seen:
        """Look at a folder of the root and all below it."""
        seen = Seen()
        waiting = [folder]
        while waiting and not self._stop():
            waiting += self._folder(waiting.pop(), seen)
        return seen

    def file(self, path: Path) -> Seen:
        """Look at one path of the root, whatever it is."""
        seen = Seen()
        relative = path.relative_to(self._root)
        if any(is_passed_over(part) for part in relative.parts) or self._is_out(path):
            return seen
        folder = _raw(relative.parent)
        try:
            stat = path.lstat()
        except OSError:
            if is_candidate(path.name):
                self._seen.mark_gone(self._root, folder, [os.fsencode(path.name)])
            elif self._seen.count_in(self._root, _raw(relative)):
                self._seen.mark_gone(self._root, _raw(relative))
            return seen
        if os.path.isdir(path) and not path.is_symlink():  # noqa: PTH112
            return self.under(path)
        if is_candidate(path.name) and S_ISREG(stat.st_mode):
            self._note(folder, [(os.fsencode(path.name), Identity.of(stat))], seen)
        return seen

    def _folder(self, folder: Path, seen: Seen) -> list[Path]:
        """Note the files of one folder; its subfolders."""
        relative = _raw(folder.relative_to(self._root))
        subfolders: list[Path] = []
        batch: list[Entry] = []
        count = 0
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(PART_PREFIX):
                        self._sweep(entry, seen)
                        continue
                    found = _look(entry)
                    if found is None:
                        if kind := _other_kind(entry):
                            seen.left_alone[kind] += 1
                        continue
                    if isinstance(found, Identity):
                        batch.append((os.fsencode(entry.name), found))
                        if len(batch) == BATCH:
                            count += len(batch)
                            self._note(relative, batch, seen)
                            batch.clear()
                    elif not self._is_out(Path(entry.path)):
                        subfolders.append(Path(entry.path))
        except JournalFull:
            raise
        except (FileNotFoundError, NotADirectoryError):  # gone meanwhile
            return []
        except OSError as error:  # not ours to read, which says nothing about its files
            seen.unreadable += 1
            why = (error.strerror or str(error)).lower()
            seen.first_unreadable = seen.first_unreadable or f"{folder}: {why}"
            return []
        self._note(relative, batch, seen)
        seen.folders += 1
        if self._seen.count_in(self._root, relative) > count + len(batch):
            self._note_lost(folder, relative)
        return subfolders

    def _note(self, folder: bytes, batch: list[Entry], seen: Seen) -> None:
        batch.sort()  # in the order of names, which decides who gets a name that several want
        seen.files += len(batch)
        seen.news += self._seen.note(
            self._root, folder, batch, self.work.clock(), self.work.options.settle_s
        )

    def _note_lost(self, folder: Path, relative: bytes) -> None:
        """Some files of a folder are not there any more: which?"""
        after = b""
        while names := self._seen.names_in(self._root, relative, after, BATCH):
            after = names[-1]
            gone = [name for name in names if _is_lost(folder / os.fsdecode(name))]
            if gone:
                self._seen.mark_gone(self._root, relative, gone)

    def _note_lost_folders(self) -> None:
        for relative in self._seen.folders(self._root):
            if _is_lost(self._root / os.fsdecode(relative)):
                self._seen.mark_gone(self._root, relative)

    def _sweep(self, entry: os.DirEntry[str], seen: Seen) -> None:
        if self._sweep_token is not None and is_part(entry.name, self._sweep_token):
            with suppress(OSError):
                Path(entry.path).unlink()
                seen.swept += 1

    def _is_out(self, path: Path) -> bool:
        out = self.work.options.out
        return out is not None and path.is_relative_to(out)


def sweep_out(out: Path, token: str) -> int:
    """Remove an earlier watcher's temporary files from a folder for outputs; how many."""
    swept = 0
    for folder, _, names in os.walk(out):
        for name in names:
            if is_part(name, token):
                with suppress(OSError):
                    Path(folder, name).unlink()
                    swept += 1
    return swept


def candidates(root: Path, out: Path | None) -> Iterator[tuple[Path, Identity]]:
    """Pictures in a folder and below it as they are now, for who keeps no journal."""
    waiting = [root]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in found:
            look = _look(entry)
            if isinstance(look, Identity):
                yield Path(entry.path), look
            elif look is not None and not (out is not None and Path(entry.path) == out):
                waiting.append(Path(entry.path))


def _look(entry: os.DirEntry[str]) -> Identity | bool | None:
    """The identity of a picture, True for a folder to look into, None for everything else."""
    try:
        if is_candidate(entry.name) and entry.is_file(follow_symlinks=False):
            return Identity.of(entry.stat(follow_symlinks=False))
        if entry.is_dir(follow_symlinks=False) and not is_passed_over(entry.name):
            return True
    except OSError:  # gone meanwhile
        pass
    return None


def _other_kind(entry: os.DirEntry[str]) -> str | None:
    """What kind of file it is that is no picture to be taken, for those that are counted."""
    kind = kind_left_alone(entry.name)
    if not kind or is_passed_over(entry.name):
        return None
    try:
        return kind if entry.is_file(follow_symlinks=False) else None
    except OSError:  # gone meanwhile
        return None


def _raw(relative: Path) -> bytes:
    return b"" if relative == Path() else os.fsencode(relative)


def _is_lost(path: Path) -> bool:
    """Whether nothing is at ``path``; an error of the disk is not an answer."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
