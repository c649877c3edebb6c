"""Whose an output is that is there already: told by its time, which is that of its source."""

from __future__ import annotations

import os
from pathlib import Path

from sdz.media import SDZ_SUFFIX
from sdz.names import ending, stem
from sdz.origin import has_time_of


class Siblings:
    """The files that could have the same output: in one folder, with one stem. A command goes
    folder by folder, so one folder at a time is known."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._names: dict[tuple[str, bool], list[str]] = {}

    def has_another(self, source: Path, output: Path) -> bool:
        """Whether the name ``output`` is a sibling's of ``source``.

        What is there is that of the first, by name, that has its time. Where nothing is there yet,
        a name is left to an earlier one of the source's own time, for then no time would tell.
        """
        others = self._of(source)
        if len(others) < 2 or stem(output.name) != stem(source.name):
            return False
        try:
            there = (output if output.exists() else source).stat()
            owners = (name for name in others if has_time_of(there, (source.parent / name).stat()))
            return next(owners, source.name) != source.name
        except OSError:  # it has gone, and whoever works on it says so
            return False

    def _of(self, source: Path) -> list[str]:
        if source.parent != self._folder:
            self._folder, self._names = source.parent, {}
            try:
                for name in sorted(os.listdir(source.parent)):  # noqa: PTH208 - names alone
                    if ending(name):
                        self._names.setdefault(_kin(name), []).append(name)
            except OSError:
                pass
        return self._names.get(_kin(source.name), [])


def _kin(name: str) -> tuple[str, bool]:
    """What siblings have in common: the stem, and whether they are pictures or ``.sdz`` files."""
    return stem(name), ending(name) == SDZ_SUFFIX
