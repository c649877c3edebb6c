"""``sdz watch --dry-run``: what would be saved, by encoding without writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdz.commands.console import DONE, SOME_FAILED
from sdz.commands.watch.encoder import encoding
from sdz.watch.journal.journal import Journal, journal_path
from sdz.watch.watcher import Watcher

if TYPE_CHECKING:
    from sdz.commands.watch.lines import Lines
    from sdz.config import Settings
    from sdz.watch.folder import FolderOptions


async def plan(
    folders: list[FolderOptions], settings: Settings, lines: Lines, *, no_daemon: bool
) -> int:
    """Say for each file what would become of it, and the sum. Exit code 1 if any would fail."""
    with Journal(journal_path()) as journal:
        async with encoding(settings, 1, no_daemon=no_daemon) as encoder:
            for folder in folders:
                watcher = Watcher(folder, encoder, journal)
                with lines.bar():
                    async for file in watcher.plan():
                        lines.planned(file)
    lines.end("if it were done: ")
    return SOME_FAILED if lines.any_failed else DONE
