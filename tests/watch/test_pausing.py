"""A folder that waits because somebody said so: nothing is begun, and it goes on where it was."""

from __future__ import annotations

from quick_pictures import pictures
from watch_kit import Folder, outputs, running, some_turns, until

from sdz.watch.pausing import pause, resume
from sdz.watch.telling.report import FolderState


async def test_a_folder_that_waits_begins_with_nothing(folder: Folder) -> None:
    pictures(folder.root, 3)
    pause(folder.root)
    watcher = folder.watcher()
    async with running(watcher):
        await until(lambda: watcher.status().state is FolderState.PAUSED)
        await some_turns(watcher)
        assert outputs(folder.root) == []
        assert "sdz watch resume" in watcher.status().reason
        told = len(folder.events)
        pictures(folder.root, 1, first=3)
        await until(lambda: folder.kinds()[told:])  # who shows the folder gets to know of it
        await until(lambda: watcher.status().waiting == 4)
        assert set(folder.kinds()[told:]) == {"found"}
        resume(folder.root)
        await until(lambda: len(outputs(folder.root)) == 4)
        await until(lambda: watcher.status().state is FolderState.WATCHING)
