"""One folder that the daemon watches: begun, begun again whatever happens, told of, ended."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sdz.errors import BadOption, SdzError
from sdz.making.maker import Maker
from sdz.progress import Progress
from sdz.service.watches.shapes import FILE_STATES, WISHES, WatchRequest, WatchRow
from sdz.watch import amend
from sdz.watch.claim import DAEMON, Claim
from sdz.watch.folder import FolderOptions
from sdz.watch.inbox import FilesRetried, RescanWanted
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import FileRow
from sdz.watch.pausing import is_paused, pause, resume
from sdz.watch.telling.news import News, shown
from sdz.watch.telling.notifications import Round, RoundCounter
from sdz.watch.telling.report import FolderState, FolderStatus, Undone, WatchEvent
from sdz.watch.telling.stages import Stages
from sdz.watch.telling.status import folder_status, notes_of
from sdz.watch.watcher import Watcher
from sdz.watch.work import Work

LOG: Final = logging.getLogger("sdz.watch")
AGAIN_S: Final = (5.0, 300.0)
"""Pause before a folder is tried again, and the longest that it grows to."""

NOTES: Final = 100
"""Files that did not become a ``.sdz`` and are named."""

_COUNTS: Final = (*FILE_STATES, "saved_bytes")  # members of a row as the watcher has them
_STEADY: Final = (
    "out",
    "model",
    "originals",
    "kept",
    *WISHES,
)  # members of a row that no event repeats


class WatchedFolder:
    """A folder with its watcher. ``kept``: it is watched again after a restart.

    publish: is given an event's members, at most once a second. on_round: a round of it is over.
    """

    def __init__(
        self,
        request: WatchRequest,
        options: FolderOptions,
        maker: Maker,
        journal: Journal,
        *,
        kept: bool,
        publish: Callable[[dict[str, Any]], None],
        on_round: Callable[[FolderOptions, Round], None],
    ) -> None:
        self.request, self.options, self.kept = request, options, kept
        self.claim = Claim(options.root)
        self.work = Work(
            options, maker, journal, publish=self._on_event, on_progress=self._on_progress
        )
        self.watcher = Watcher(self.work)
        self._publish, self._on_round = publish, on_round
        self._news = News(self.status, self._on_status)
        self._rounds = RoundCounter()
        self._stages = Stages(options.root)
        self._task: asyncio.Task[None] | None = None
        self._trouble = ""

    @property
    def id(self) -> str:
        """The name under which the folder is known."""
        return self.claim.id

    async def acquire(self) -> None:
        """Become the one that watches it. Raises FolderWatched."""
        if self.claim.is_held:
            return
        taking = asyncio.ensure_future(asyncio.to_thread(self.claim.acquire, DAEMON))
        try:
            await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.wait([taking])  # a thread goes on; ``end`` lets go of what it took
            taking.exception()
            raise

    def begin(self) -> None:
        """Watch it, for ever."""
        self._task = asyncio.create_task(self._keep_on(), name=f"watch-{self.id}")

    async def end(self) -> None:
        """Watch it no longer, and let others."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._news.close()
        self.claim.release()

    def status(self) -> FolderStatus:
        """How it stands, from the journal."""
        return folder_status(self.work.journal, self.options.root, time.time())

    def notes(self) -> list[FileRow]:
        """Its files that did not become a ``.sdz``, the last ones first."""
        return notes_of(self.work.journal, self.options.root, NOTES)

    def retry(self, paths: list[str] | None) -> int:
        """Try files again; how many. Raises BadOption for a path outside."""
        root = self.options.root
        files = None if paths is None else [_inside(root, path) for path in paths]
        count = amend.retry(self.work.journal, root, files)
        self.watcher.inbox.post(FilesRetried())
        return count

    def undo(self, count: int) -> list[Undone]:
        """Bring originals back."""
        return amend.undo(self.work.journal, self.options.root, count)

    def pause(self) -> None:
        """Have it wait."""
        pause(self.options.root)
        self.watcher.inbox.post(FilesRetried())

    def resume(self) -> None:
        """Have it go on."""
        resume(self.options.root)
        self.watcher.inbox.post(FilesRetried())

    def rescan(self) -> None:
        """Look at everything again soon."""
        self.watcher.inbox.post(RescanWanted())

    async def row(self) -> WatchRow:
        """How it stands."""
        try:
            status = await asyncio.to_thread(self.status)
        except SdzError as error:  # the journal; that is no reason to be silent of other folders
            status = FolderStatus(self.options.root, FolderState.STOPPED, str(error))
        return self._row(status)

    async def _keep_on(self) -> None:
        pause_s, longest_s = AGAIN_S
        while True:
            try:
                await self.acquire()
                self._trouble = ""
                LOG.info("watching", extra={"fields": {"root": shown(self.options.root)}})
                await self.watcher.run()
            except (SdzError, OSError) as error:
                self._trouble = str(error)
            except Exception as error:  # a fault of ours ends neither the daemon nor the watch
                self._trouble = f"internal error, please report it: {type(error).__name__}"
                LOG.exception("fault")
            fields = {"root": shown(self.options.root), "why": self._trouble}
            LOG.warning("not watched for now", extra={"fields": fields})
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, longest_s)

    def _on_event(self, event: WatchEvent) -> None:
        self._rounds.on_event(event)
        self._stages.on_event(event)
        self._news.on_event(event)

    def _on_progress(self, path: Path, at: Progress) -> None:
        """The engine tells it in the loop."""
        self._stages.hear(path, at)
        self._news.again()

    def _on_status(self, status: FolderStatus, files: dict[str, Any]) -> None:
        row = self._row(status)
        changing = {name: getattr(row, name) for name in row.__slots__ if name not in _STEADY}
        self._publish({**changing, **files})
        over = self._rounds.ended(status)
        if over is not None:
            self._on_round(self.options, over)

    def _row(self, status: FolderStatus) -> WatchRow:
        options = self.options
        state, reason = status.state, self._trouble or status.reason
        if self._trouble:
            state = FolderState.STOPPED
        elif state is FolderState.STOPPED and self._task is not None:
            state, reason = FolderState.STARTING, ""  # it has just begun, or begins again
        return WatchRow(
            id=self.id,
            root=shown(options.root),
            state=str(state),
            reason=shown(reason),
            oldest_waiting_s=round(status.oldest_waiting_s, 1),
            **{name: getattr(status, name) for name in _COUNTS},
            out=None if options.out is None else shown(options.out),
            model=options.wish.model,
            originals="trash" if options.originals == "trash" else "keep",
            kept=self.kept,
            paused=is_paused(options.root),
            percent=status.percent,
            per_minute=status.per_minute,
            left_s=self._left_s(status),
            in_work=[shown(name) for name in status.in_work],
            stages={shown(name): words for name, words in self._stages.words().items()},
            **{name: getattr(options.wish, name) for name in WISHES},
            not_trashed=status.not_trashed,
            unfinished=status.unfinished,
            hindrance=shown(status.hindrance),
            left_alone=dict(status.left_alone),
        )

    def _left_s(self, status: FolderStatus) -> float | None:
        """By the pace of what is done; a large one in work may take longer than that."""
        if status.left_s is None:
            return None
        return round(max(status.left_s, self._stages.left_s()), 1)


def _inside(root: Path, path: str) -> Path:
    """A path below ``root``, given from there. Raises BadOption."""
    whole = Path(root, path)
    if "\0" in path or ".." in whole.parts or not whole.is_relative_to(root) or whole == root:
        raise BadOption("paths", "names below the folder", "another")
    return whole
