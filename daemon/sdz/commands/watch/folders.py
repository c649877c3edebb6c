"""The three ways of ``sdz watch`` through folders that nobody else works in meanwhile."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sdz.commands.console import DONE, SOME_FAILED, say
from sdz.commands.waiting import resting
from sdz.commands.watch.lines import Lines
from sdz.config import Settings
from sdz.engine import Engine
from sdz.making.engine import EngineMaker
from sdz.making.first import DaemonFirst
from sdz.making.maker import WarmMaker
from sdz.watch.claim import COMMAND, Claim
from sdz.watch.folder import FolderOptions
from sdz.watch.journal.journal import Journal, journal_path
from sdz.watch.looking.others import left_alone
from sdz.watch.once import empty
from sdz.watch.plan import plan as planned
from sdz.watch.telling import notifications
from sdz.watch.telling.news import News
from sdz.watch.telling.notifications import RoundCounter
from sdz.watch.telling.report import FolderStatus, WatchEvent
from sdz.watch.telling.status import folder_status
from sdz.watch.watcher import Watcher
from sdz.watch.work import Work

if TYPE_CHECKING:
    from sdz.config import Settings
    from sdz.making.maker import WarmMaker


_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """What ``sdz watch`` was asked for, and where it is told of."""

    folders: tuple[FolderOptions, ...]
    settings: Settings
    lines: Lines
    no_daemon: bool


async def plan(order: Order, sample: int) -> int:
    """Say for each file what would become of it, and the sum. Exit code 1 if any would not be done.

    sample: how many pictures of each folder are encoded for it; 0: all.
    """
    lines, began = order.lines, time.monotonic()
    with Journal(journal_path()) as journal:
        async with making(order.settings, 1, no_daemon=order.no_daemon) as maker:
            for folder in order.folders:
                with lines.bar():
                    work = Work(
                        folder, maker, journal, publish=lines.event, on_progress=lines.heard
                    )
                    async with aclosing(planned(work, sample or None, lines.will_try)) as files:
                        async for file in files:
                            lines.planned(file)
    _count_others(order)
    lines.end_of_plan(time.monotonic() - began)
    return SOME_FAILED if lines.any_not_done else DONE


async def once(order: Order) -> int:
    """Do what is there, and say the sum. Exit code 1 if any failed or waits."""
    lines = order.lines
    async with _taken(order) as folders:
        with lines.bar():
            for folder in folders:
                warming = asyncio.create_task(_warm_when_needed(folder))
                try:
                    summary = await empty(folder.work)
                except asyncio.CancelledError:
                    lines.interrupted()
                    raise
                finally:
                    warming.cancel()
                    await asyncio.gather(warming, return_exceptions=True)
                await folder.news.close()
                folder.on_status(folder.status())
                lines.failures(summary)
                lines.total(summary)
    _count_others(order)
    lines.end(order.folders[0].root if len(order.folders) == 1 else None)
    return SOME_FAILED if lines.any_not_done else DONE


def _count_others(order: Order) -> None:
    for folder in order.folders:
        order.lines.others(left_alone(folder.root, folder.out))


async def _warm_when_needed(folder: _Folder) -> None:
    """Load the model while the first files settle: both take some two seconds."""
    while not (await asyncio.to_thread(folder.status)).waiting:
        await asyncio.sleep(_LOOK_S)
    await folder.warm()


async def for_ever(order: Order) -> int:
    """Watch until cancelled."""
    async with _taken(order) as folders:
        for folder in folders:
            say(f"sdz: watching {folder.work.options.root}; Ctrl-C ends it", sys.stderr)
        with order.lines.bar(), resting():
            tasks = [asyncio.create_task(Watcher(folder.work).run()) for folder in folders]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                order.lines.interrupted()
    return DONE


@dataclass(frozen=True, slots=True)
class _Folder:
    """What is done in a folder, and what tells of it. warm: has the model loaded."""

    work: Work
    news: News
    status: Callable[[], FolderStatus]
    on_status: Callable[[FolderStatus], None]
    warm: Callable[[], Awaitable[None]]


@asynccontextmanager
async def making(settings: Settings, at_once: int, *, no_daemon: bool) -> AsyncIterator[WarmMaker]:
    """The running daemon, or an engine that is started by the first picture."""
    from sdz.service.process.run import engine_config

    async with Engine(engine_config(settings)) as engine:
        own = EngineMaker(engine, at_once)
        if no_daemon:
            yield own
            return
        by_daemon = DaemonFirst(own)
        try:
            yield by_daemon
        finally:
            by_daemon.close()


@asynccontextmanager
async def _taken(order: Order) -> AsyncIterator[list[_Folder]]:
    """The folders, in none of which another process works meanwhile. Raises FolderWatched."""
    async with AsyncExitStack() as stack:
        for options in order.folders:
            claim = Claim(options.root)
            claim.acquire(COMMAND)
            stack.callback(claim.release)
        journal = stack.enter_context(Journal(journal_path()))
        most = max(options.jobs for options in order.folders)
        made_by = making(order.settings, most, no_daemon=order.no_daemon)
        maker = await stack.enter_async_context(made_by)
        notify = await stack.enter_async_context(_notices(order.settings.watch.notify))
        folders = []
        for options in order.folders:
            folder = _folder(options, maker, journal, order.lines, notify)
            stack.push_async_callback(folder.news.close)
            folders.append(folder)
        yield folders


def _folder(
    options: FolderOptions,
    maker: WarmMaker,
    journal: Journal,
    lines: Lines,
    notify: Callable[[str], None],
) -> _Folder:
    counter = RoundCounter()

    def publish(event: WatchEvent) -> None:
        counter.on_event(event)
        news.on_event(event)
        lines.event(event)

    def status() -> FolderStatus:
        return folder_status(journal, options.root, time.time())

    def on_status(status: FolderStatus) -> None:
        lines.status(status)
        over = counter.ended(status)
        if over is not None:
            notify(over.sentence(status.root))

    news = News(status, lambda status, _: on_status(status))
    work = Work(options, maker, journal, publish=publish, on_progress=lines.heard)
    return _Folder(work, news, status, on_status, lambda: maker.warm(options.wish.model))


@asynccontextmanager
async def _notices(wanted: bool) -> AsyncIterator[Callable[[str], None]]:
    """Shows notifications, where they are wanted; at the end the last has its time."""
    tasks: set[asyncio.Task[bool]] = set()

    def show(text: str) -> None:
        if wanted:
            task = asyncio.create_task(notifications.notify("sdz", text))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    yield show
    await asyncio.gather(*tasks)
