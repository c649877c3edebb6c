"""``sdz watch``: keep the pictures of folders as ``.sdz`` files; for ever, or once, or in words."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sdz.commands.config import parse_flags
from sdz.commands.console import DONE, SOME_FAILED, say
from sdz.commands.watch.encoder import WarmEncoder, encoding
from sdz.commands.watch.lines import Lines
from sdz.commands.watch.words import add_arguments as add_arguments
from sdz.commands.wishes import asked_of
from sdz.config import Settings, load_settings
from sdz.models import require_able
from sdz.service.watches.shapes import WatchRequest, folder_options
from sdz.watch.claim import COMMAND, Claim, fit_root
from sdz.watch.folder import FolderOptions
from sdz.watch.journal.journal import Journal, journal_path
from sdz.watch.telling import desktop
from sdz.watch.telling.news import News
from sdz.watch.telling.report import FolderStatus, WatchEvent
from sdz.watch.telling.rounds import RoundCounter
from sdz.watch.watcher import Watcher

TERMINATED: Final = 143
_LOOK_S: Final = 0.1


def run(args: argparse.Namespace) -> int:
    """Watch ``args.folders``; see ``sdz watch --help``."""
    settings = load_settings(parse_flags(args.settings)).settings
    require_able(args.model, args.effort)
    folders = [_options(name, args, settings) for name in args.folders]
    lines = Lines(as_json=args.json)
    if args.dry_run:
        from sdz.commands.watch.plan import plan

        work = plan(folders, settings, lines, no_daemon=args.no_daemon)
    elif args.once:
        work = _once(folders, settings, lines, no_daemon=args.no_daemon)
    else:
        work = _for_ever(folders, settings, lines, no_daemon=args.no_daemon)
    return _run_until_stopped(work)


def _options(name: str, args: argparse.Namespace, settings: Settings) -> FolderOptions:
    root = fit_root(name)
    request = WatchRequest(
        str(root),
        out=None if args.out_dir is None else str(Path(args.out_dir).absolute()),
        **asked_of(args),
        originals=args.originals,
        settle_s=args.settle,
        jobs=args.jobs,
    )
    return folder_options(request, root, settings.watch)


def _run_until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Run; SIGTERM ends it as Ctrl-C does, which comes out of here as KeyboardInterrupt."""

    async def main() -> int:
        task = asyncio.ensure_future(work)
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            print("sdz: stopped", file=sys.stderr)
            return TERMINATED

    return asyncio.run(main())


@dataclass(frozen=True, slots=True)
class _Watched:
    """A folder's watcher, and what tells of it."""

    watcher: Watcher
    news: News
    settle: Callable[[FolderStatus], None]
    warm: Callable[[], Awaitable[None]]


async def _once(
    folders: list[FolderOptions], settings: Settings, lines: Lines, *, no_daemon: bool
) -> int:
    failed = 0
    async with _watched(folders, settings, lines, no_daemon=no_daemon) as watched:
        with lines.bar():
            for one in watched:
                warming = asyncio.create_task(_warm_when_needed(one))
                try:
                    summary = await one.watcher.empty()
                finally:
                    warming.cancel()
                    await asyncio.gather(warming, return_exceptions=True)
                failed += summary.failed
                await one.news.close()
                one.settle(one.watcher.status())
                lines.failures(summary)
                lines.total(summary)
    lines.end()
    return SOME_FAILED if failed else DONE


async def _warm_when_needed(one: _Watched) -> None:
    """Load the model while the first files settle: both take some two seconds."""
    while not (await asyncio.to_thread(one.watcher.status)).waiting:
        await asyncio.sleep(_LOOK_S)
    await one.warm()


async def _for_ever(
    folders: list[FolderOptions], settings: Settings, lines: Lines, *, no_daemon: bool
) -> int:
    async with _watched(folders, settings, lines, no_daemon=no_daemon) as watched:
        for folder in folders:
            say(f"sdz: watching {folder.root}; Ctrl-C ends it", sys.stderr)
        with lines.bar():
            tasks = [asyncio.create_task(one.watcher.run()) for one in watched]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    return DONE


@asynccontextmanager
async def _watched(
    folders: list[FolderOptions], settings: Settings, lines: Lines, *, no_daemon: bool
) -> AsyncIterator[list[_Watched]]:
    """A watcher for each folder, none of which another process watches. Raises FolderWatched."""
    async with AsyncExitStack() as stack:
        for folder in folders:
            claim = Claim(folder.root)
            claim.acquire(COMMAND)
            stack.callback(claim.release)
        journal = stack.enter_context(Journal(journal_path()))
        at_once = max(folder.jobs for folder in folders)
        encoder = await stack.enter_async_context(encoding(settings, at_once, no_daemon=no_daemon))
        notify = await stack.enter_async_context(_notices(settings.watch.notify))
        watched = []
        for folder in folders:
            one = _watch(folder, encoder, journal, lines, notify)
            stack.push_async_callback(one.news.close)
            watched.append(one)
        yield watched


def _watch(
    folder: FolderOptions,
    encoder: WarmEncoder,
    journal: Journal,
    lines: Lines,
    notify: Callable[[str], None],
) -> _Watched:
    batch = RoundCounter()

    def publish(event: WatchEvent) -> None:
        batch.on_event(event)
        news.on_event(event)
        lines.event(event)

    def settle(status: FolderStatus) -> None:
        lines.status(status)
        over = batch.ended(status)
        if over is not None:
            notify(over.sentence(status.root))

    watcher = Watcher(folder, encoder, journal, publish=publish)
    news = News(watcher.status, lambda status, _: settle(status))
    return _Watched(watcher, news, settle, lambda: encoder.warm(folder.wish.model))


@asynccontextmanager
async def _notices(wanted: bool) -> AsyncIterator[Callable[[str], None]]:
    """Shows notifications, where they are wanted; at the end the last has its time."""
    tasks: set[asyncio.Task[bool]] = set()

    def show(text: str) -> None:
        if wanted:
            task = asyncio.create_task(desktop.notify("sdz", text))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    yield show
    await asyncio.gather(*tasks)
