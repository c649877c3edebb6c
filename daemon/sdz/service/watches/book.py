"""The folders that the daemon watches: those that are kept over restarts, and those of one run.

Those that were asked for over HTTP are written down and watched again by the next daemon; those of
``sdz serve --watch`` are watched as long as that daemon runs.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from sdz.config import WatchSettings
from sdz.errors import BadOption, NoSuchWatch, SdzError
from sdz.files import write_private
from sdz.making.maker import Maker
from sdz.models import require_able
from sdz.service.watches.folder import AGAIN_S, WatchedFolder
from sdz.service.watches.shapes import WatchRequest, WatchRow, folder_options, stopped_row
from sdz.watch.claim import fit_root
from sdz.watch.folder import FolderOptions
from sdz.watch.journal.journal import Journal
from sdz.watch.telling import notifications
from sdz.watch.telling.news import shown
from sdz.watch.telling.notifications import Round

LOG: Final = logging.getLogger("sdz.watch")
_VERSION: Final = 1


class WatchBook:
    """All folders. ``file``: where those to keep are written. ``journal`` opens the journal, when
    the first folder is watched. ``publish`` is told of events. ``again_s``: pause before those that
    could not be begun are tried again, and the longest that it grows to."""

    def __init__(
        self,
        file: Path,
        settings: WatchSettings,
        maker: Maker,
        publish: Callable[[str, dict[str, Any]], None],
        journal: Callable[[], Journal],
        again_s: tuple[float, float] = AGAIN_S,
    ) -> None:
        self._file, self._settings, self._maker = file, settings, maker
        self._publish, self._make_journal = publish, journal
        self._journal: Journal | None = None
        self._folders: dict[str, WatchedFolder] = {}
        self._aside: dict[str, tuple[WatchRequest, WatchRow]] = {}  # kept, of no use at the moment
        self._again_s = again_s
        self._trying: asyncio.Task[None] | None = None
        self._notices: set[asyncio.Task[bool]] = set()
        self._changing = asyncio.Lock()

    async def open(self, folders: Iterable[Path] = ()) -> None:
        """Begin with the folders that were kept, and with these for this time."""
        wanted = [(request, True) for request in self._read()]
        wanted += [(WatchRequest(str(folder)), False) for folder in folders]
        for request, kept in wanted:
            try:
                folder = await self._prepare(request, Path(request.root), kept=kept)
            except SdzError as error:
                LOG.error("not watched", extra={"fields": {"why": str(error)}})
                row = stopped_row(request, self._settings, str(error), kept=kept)
                self._aside.setdefault(row.id, (request, row))
                continue
            if self._folders.setdefault(folder.id, folder) is folder:
                folder.begin()
        if self._aside:
            self._trying = asyncio.create_task(self._try_again(), name="watches-again")

    async def close(self) -> None:
        """End all. What is kept is watched again by the next daemon."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
        await asyncio.gather(*(folder.end() for folder in self._folders.values()))
        for notice in self._notices:
            notice.cancel()
        await asyncio.gather(*self._notices, return_exceptions=True)
        if self._journal is not None:
            self._journal.close()

    # --- what can be asked for ----------------------------------------------------------------

    async def add(self, request: WatchRequest) -> WatchRow:
        """Watch a folder from now on; one that is watched already gets these wishes instead.

        Raises FolderUnfit, FolderWatched, UnknownModel, BadOption.
        """
        request = replace(request, root=_at_home(request.root))
        if not Path(request.root).is_absolute():
            raise BadOption("root", "an absolute path, or one that begins with ~/", request.root)
        root = await asyncio.to_thread(fit_root, request.root)
        await asyncio.to_thread(require_able, request.model, request.effort)
        async with self._changing:
            folder = await self._prepare(request, root, kept=True)
            before = self._folders.get(folder.id)
            if before is None:
                await folder.acquire()
            elif before.options == folder.options:
                before.kept, before.request = True, request
                self._write()
                return await before.row()
            else:
                await before.end()
            self._folders[folder.id] = folder
            self._aside.pop(folder.id, None)
            folder.begin()
            self._write()
        return await folder.row()

    async def remove(self, watch: str) -> WatchRow:
        """Watch a folder no longer. Raises NoSuchWatch."""
        async with self._changing:
            if watch in self._aside:
                _, row = self._aside.pop(watch)
                self._write()
                return row
            folder = self.find(watch)
            row = await folder.row()
            await folder.end()
            del self._folders[watch]
            self._write()
        return row

    async def rows(self) -> list[WatchRow]:
        """How each of them stands, by path."""
        rows = [await folder.row() for folder in self._folders.values()]
        rows += [row for _, row in self._aside.values()]
        return sorted(rows, key=lambda row: row.root)

    def stopped(self, watch: str) -> WatchRow | None:
        """The folder with that id if it could not be begun."""
        return self._aside[watch][1] if watch in self._aside else None

    async def begun(self, watch: str) -> WatchedFolder:
        """The folder with that id; one that could not be begun is tried once more.

        Raises NoSuchWatch, or what still keeps it from being begun.
        """
        if watch in self._aside:
            async with self._changing:
                await self._begin_aside(watch)
        return self.find(watch)

    def find(self, watch: str) -> WatchedFolder:
        """The folder with that id. Raises NoSuchWatch."""
        if watch not in self._folders:
            raise NoSuchWatch(watch[:40])
        return self._folders[watch]

    # --- inside -------------------------------------------------------------------------------

    async def _prepare(self, request: WatchRequest, root: Path, *, kept: bool) -> WatchedFolder:
        # In a thread: it looks at the disk, which may be one that has to wake up first.
        options = await asyncio.to_thread(folder_options, request, root, self._settings)
        return WatchedFolder(
            request,
            options,
            self._maker,
            self._open_journal(),
            kept=kept,
            publish=lambda event: self._publish("watch", event),
            on_round=self._notify,
        )

    async def _try_again(self) -> None:
        """Begin with what could not be begun, until all could."""
        pause_s, longest_s = self._again_s
        while self._aside:
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, longest_s)
            for watch in list(self._aside):
                async with self._changing:
                    with suppress(SdzError):  # its row says so
                        await self._begin_aside(watch)

    async def _begin_aside(self, watch: str) -> None:
        """Begin with a folder that could not be begun, unless it was since. Raises why not."""
        if watch not in self._aside:
            return
        request, row = self._aside[watch]
        try:
            folder = await self._prepare(request, Path(request.root), kept=row.kept)
        except SdzError as error:
            self._aside[watch] = request, replace(row, reason=shown(str(error)))
            raise
        del self._aside[watch]
        if self._folders.setdefault(folder.id, folder) is folder:
            folder.begin()

    def _notify(self, options: FolderOptions, over: Round) -> None:
        """Say on the desktop that a round is over, where that is wanted."""
        if self._settings.notify:
            notice = asyncio.create_task(notifications.notify("sdz", over.sentence(options.root)))
            self._notices.add(notice)
            notice.add_done_callback(self._notices.discard)

    def _open_journal(self) -> Journal:
        if self._journal is None:
            self._journal = self._make_journal()
        return self._journal

    def _read(self) -> list[WatchRequest]:
        try:
            rows = json.loads(self._file.read_bytes())["watches"]
            return [WatchRequest.of(row) for row in rows]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError):
            aside = self._file.with_suffix(".damaged")
            LOG.error("watched folders: unreadable", extra={"fields": {"moved_to": str(aside)}})
            self._file.replace(aside)
            return []

    def _write(self) -> None:
        kept = [folder.request for folder in self._folders.values() if folder.kept]
        kept += [request for request, row in self._aside.values() if row.kept]
        rows = [request.values() for request in kept]
        write_private(self._file, json.dumps({"version": _VERSION, "watches": rows}, indent=1))


def _at_home(path: str) -> str:
    """A path with ``~`` as shells have it. Of this user alone: ``~other`` is left as it is."""
    return str(Path.home() / path[2:]) if path.startswith("~/") else path


WATCHES: Final = web.AppKey("watches", WatchBook)
