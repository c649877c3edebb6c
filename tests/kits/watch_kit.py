"""What the tests of watched folders share: quick encoders, drawn pictures, conditions to wait for.

Light to import: the tests that kill a watcher start hundreds of processes with it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdz import container
from sdz.container import Header, Model, Report, SdzFile, Stream
from sdz.errors import NotSmaller, UnreadableImage
from sdz.making.maker import Made
from sdz.progress import Progress, hand_on
from sdz.watch import amend
from sdz.watch.folder import FolderOptions
from sdz.watch.inbox import FilesRetried, Inbox, Message, RescanWanted
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import State
from sdz.watch.names import PART_PREFIX, is_candidate
from sdz.watch.once import empty
from sdz.watch.plan import plan
from sdz.watch.telling.report import FolderStatus, PlannedFile, Summary, Undone, WatchEvent
from sdz.watch.telling.status import folder_status
from sdz.watch.watcher import Watcher
from sdz.watch.work import Work, ignore
from sdz.wish import Wish

PATIENCE_S = 60.0
PICTURES = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"GIF8", b"BM", b"II*\0", b"MM\0*")


def quick_sdz(data: bytes, size: int = 60, model: str = "lite-1", score: float = 80.0) -> bytes:
    """A file in perfect order whose stream is a hash: the same for the same source."""
    mark = (hashlib.sha256(data).digest() * (size // 32 + 1))[:size]
    wanted = Model.of(model, 192, 16)
    header = Header(
        width=16,
        height=16,
        model=wanted,
        weights=b"\0" * 8,
        step=0,
        report=Report(score, score, 30),
    )
    return container.pack(SdzFile(header, (Stream(0, mark),)))


@dataclass
class QuickEncoder:
    """Counts, and can be told to fail. ``fail``: is asked before each encode and may raise.

    go: while it is clear, nothing that has begun comes to its end.
    """

    go: asyncio.Event = field(default_factory=asyncio.Event)
    size: int = 60
    score: float = 80.0
    fail: Callable[[bytes], None] = lambda _: None
    encoded: list[str] = field(default_factory=list)
    asked: list[Wish] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self.go.set()

    async def make(self, data: bytes, wish: Wish) -> Made:
        self.asked.append(wish)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            hand_on(Progress("coding", 0.5, 2))
            await self.go.wait()
            self.fail(data)
            if not data.startswith(PICTURES):
                raise UnreadableImage("cannot identify image file")
            made = quick_sdz(data, self.size, wish.model, self.score)
            if len(made) >= len(data):
                raise NotSmaller(len(made), len(data))
            self.encoded.append(hashlib.sha256(data).hexdigest())
            return Made(made)
        finally:
            self.at_once -= 1


@dataclass
class Clock:
    """Time that passes only when it is told to, on top of what really passes if ``real``."""

    offset: float = 0.0
    real: bool = True
    start: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return (time.time() if self.real else self.start) + self.offset


class CountedInbox(Inbox):
    """Counts how often the loop has asked for messages, which it does once a turn."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0

    async def take(self, patience_s: float) -> list[Message]:
        self.turns += 1
        return await super().take(patience_s)


class Watched(Watcher):
    """A watcher, and at hand besides all that can be asked about its folder."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.inbox: CountedInbox = CountedInbox()

    @property
    def journal(self) -> Journal:
        return self.work.journal

    def status(self) -> FolderStatus:
        return folder_status(self.journal, self.work.options.root, self.work.clock())

    async def empty(self) -> Summary:
        return await empty(self.work)

    def plan(self) -> AsyncGenerator[PlannedFile, None]:
        return plan(self.work)

    def retry(self, paths: Iterable[Path] | None = None) -> int:
        count = amend.retry(self.journal, self.work.options.root, paths, self.work.clock)
        self.inbox.post(FilesRetried())
        return count

    def undo(self, count: int, paths: Collection[Path] | None = None) -> list[Undone]:
        return amend.undo(self.journal, self.work.options.root, count, paths, self.work.clock)

    def rescan(self) -> None:
        self.inbox.post(RescanWanted())


@dataclass
class Folder:
    """A watched folder of a test: everything quick, one journal beside it."""

    root: Path
    home: Path
    encoder: QuickEncoder = field(default_factory=QuickEncoder)
    clock: Clock = field(default_factory=Clock)
    events: list[WatchEvent] = field(default_factory=list)
    heard: list[tuple[Path, Progress]] = field(default_factory=list)
    journals: list[Journal] = field(default_factory=list)

    def journal(self) -> Journal:
        self.journals.append(Journal(self.home / "journal.sqlite"))
        return self.journals[-1]

    def watcher(self, encoder: Any = None, **options: Any) -> Watched:
        on_step = options.pop("on_step", ignore)
        options = {"settle_s": 0.1, "rescan_s": 3600.0, **options}
        work = Work(
            FolderOptions(self.root, **options),
            encoder or self.encoder,
            self.journal(),
            clock=self.clock,
            chance=lambda: 0.5,
            publish=self.publish,
            tick_s=0.05,
            on_step=on_step,
            on_progress=lambda path, at: self.heard.append((path, at)),
        )
        return Watched(work)

    def publish(self, event: WatchEvent) -> None:
        assert asyncio.get_running_loop(), "told of in a thread"
        self.events.append(event)

    def states(self) -> dict[str, State]:
        """State by path, relative to the root."""
        with Journal(self.home / "journal.sqlite") as journal:
            rows = journal.files.rows(self.root)
            return {os.fspath(row.path.relative_to(self.root)): row.state for row in rows}

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


@asynccontextmanager
async def running(watcher: Watched) -> AsyncIterator[Watched]:
    """The watcher at work; what it raises fails the test."""
    task = asyncio.create_task(watcher.run())
    try:
        yield watcher
    finally:
        if task.done():
            task.result()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """Wait until ``condition`` holds; what it gave."""
    end = time.monotonic() + patience_s
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"never came true: {condition.__doc__ or condition}")
        await asyncio.sleep(0.02)
    return found


async def some_turns(watcher: Watched, count: int = 4) -> None:
    """Until the loop has looked that many times more, at all that it would do something about."""
    end = watcher.inbox.turns + count
    await until(lambda: watcher.inbox.turns >= end)


async def at_rest(watcher: Watched) -> None:
    """Until a scan has ended and nothing is waiting or running."""

    def idle() -> bool:
        status = watcher.status()
        busy = status.waiting + status.running + status.failed
        return status.last_scan is not None and not busy

    await until(idle)


def outputs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.sdz") if path.is_file())


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(PART_PREFIX)]


def hashes(folder: Path) -> dict[Path, str]:
    """Of all pictures, to see that none was touched."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if is_candidate(path.name) and path.is_file()
    }


def require_one_good_output_each(folder: Folder, out: Path | None = None) -> int:
    """Every source is done with one output that is right, or refused; no other output is there.

    Returns how many outputs there are.
    """
    with Journal(folder.home / "journal.sqlite") as journal:
        rows = list(journal.files.rows(folder.root))
    made = {}
    for row in rows:
        assert row.state in (State.DONE, State.REFUSED), (row.path, row.state, row.reason)
        if row.state is State.DONE:
            assert row.output is not None
            assert row.output not in made, f"{row.output} is of {made[row.output]} and {row.path}"
            made[row.output] = row.path
            assert row.output.read_bytes() == quick_sdz(row.path.read_bytes()), row.path
    assert {row.path for row in rows} == set(hashes(folder.root))
    assert outputs(out or folder.root) == sorted(made)
    assert leftovers(folder.root) == []
    return len(made)
