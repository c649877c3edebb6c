"""A watcher without files or a journal, for tests of the service: it does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from sdz.progress import Progress
from sdz.watch.inbox import Message, RescanWanted
from sdz.watch.telling.report import FolderState, FolderStatus, Undone, WatchEvent
from sdz.watch.work import Work


class FakeWatcher:
    """Notes what it is asked. ``failures``: what its runs raise, one after the other."""

    made: ClassVar[list[FakeWatcher]] = []
    failures: ClassVar[list[Exception]] = []

    def __init__(self, work: Work) -> None:
        self.work, self.options, self.publish = work, work.options, work.publish
        self.runs = self.ended = 0
        self.retried: list[list[Path] | None] = []
        self.undone: list[int] = []
        self.posted: list[Message] = []
        self.stands = FolderStatus(work.options.root, FolderState.WATCHING)
        self.made.append(self)

    async def run(self) -> None:
        self.runs += 1
        try:
            if self.failures:
                raise self.failures.pop(0)
            await asyncio.Event().wait()
        finally:
            self.ended += 1

    @property
    def inbox(self) -> FakeWatcher:
        return self

    def post(self, message: Message) -> None:
        self.posted.append(message)

    @property
    def rescans(self) -> int:
        return self.posted.count(RescanWanted())

    def stand(self, **counts: Any) -> None:
        self.stands = replace(self.stands, **counts)

    def event(self, kind: str, name: str, **facts: Any) -> None:
        self.publish(WatchEvent(kind, self.options.root, self.options.root / name, kind, **facts))

    def progress(self, name: str, at: Progress) -> None:
        assert self.work.on_progress is not None
        self.work.on_progress(self.options.root / name, at)


class FakeAmend:
    """``sdz.watch.amend`` for those watchers."""

    @staticmethod
    def retry(_: Any, root: Path, paths: Iterable[Path] | None) -> int:
        of(root).retried.append(None if paths is None else list(paths))
        return 2

    @staticmethod
    def undo(_: Any, root: Path, count: int) -> list[Undone]:
        of(root).undone.append(count)
        return [
            Undone(root / "a.png", True),
            Undone(root / "b.png", False, "it is not in the trash any more"),
        ]


def folder_status(_: Any, root: Path, __: float) -> FolderStatus:
    return of(root).stands


def of(root: Path) -> FakeWatcher:
    """The last one that was made for a folder."""
    return [one for one in FakeWatcher.made if one.options.root == root][-1]
