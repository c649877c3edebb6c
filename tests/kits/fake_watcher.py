"""A watcher without files or a journal, for tests of the service: it does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from sdz.watch.folder import FolderOptions
from sdz.watch.telling.report import FolderState, FolderStatus, Publish, Undone, WatchEvent


class FakeWatcher:
    """Notes what it is asked. ``failures``: what its runs raise, one after the other."""

    made: ClassVar[list[FakeWatcher]] = []
    failures: ClassVar[list[Exception]] = []

    def __init__(
        self, options: FolderOptions, encoder: Any, journal: Any, *, publish: Publish
    ) -> None:
        self.options, self.encoder, self.journal, self.publish = options, encoder, journal, publish
        self.runs = self.ended = self.rescans = 0
        self.retried: list[list[Path] | None] = []
        self.undone: list[int] = []
        self.stands = FolderStatus(options.root, FolderState.WATCHING)
        self.made.append(self)

    async def run(self) -> None:
        self.runs += 1
        try:
            if self.failures:
                raise self.failures.pop(0)
            await asyncio.Event().wait()
        finally:
            self.ended += 1

    def status(self) -> FolderStatus:
        return self.stands

    def retry(self, paths: Iterable[Path] | None = None) -> int:
        self.retried.append(None if paths is None else list(paths))
        return 2

    def undo(self, count: int) -> list[Undone]:
        self.undone.append(count)
        return [
            Undone(self.options.root / "a.png", True),
            Undone(self.options.root / "b.png", False, "it is not in the trash any more"),
        ]

    def rescan(self) -> None:
        self.rescans += 1

    def stand(self, **counts: Any) -> None:
        self.stands = replace(self.stands, **counts)

    def event(self, kind: str, name: str, **facts: Any) -> None:
        self.publish(WatchEvent(kind, self.options.root, self.options.root / name, kind, **facts))
