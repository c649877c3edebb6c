"""How fast a folder is worked off: told by what the journal says of the last minutes."""

from __future__ import annotations

from quick_pictures import pictures
from watch_kit import Folder, running, until

from sdz.watch.journal.database import Database
from sdz.watch.telling.pace import WINDOW_S, pace_of


async def test_the_pace_is_that_of_the_last_minutes(folder: Folder) -> None:
    pictures(folder.root, 4)
    await folder.watcher().empty()
    database = Database(folder.home / "journal.sqlite")
    now = 1_000_000.0
    for number, ago in enumerate((WINDOW_S + 900, 90, 60, 30), 1):
        with database.write() as db:
            db.execute("UPDATE files SET changed = ? WHERE id = ?", (now - ago, number))
    database.close()
    journal = folder.journal()
    pace = pace_of(journal, folder.root, 10, now)
    assert pace == (1.3, 450.0, ())  # two in the 90 s since the first of them
    assert pace_of(journal, folder.root, 0, now).left_s is None
    assert pace_of(journal, folder.root, 10, now + 2 * WINDOW_S)[:2] == (0.0, None)


async def test_what_is_in_work_is_named_and_counted(folder: Folder) -> None:
    folder.encoder.go.clear()
    pictures(folder.root, 3)
    watcher = folder.watcher(jobs=1)
    async with running(watcher):
        await until(lambda: watcher.status().running == 1)
        status = watcher.status()
        assert status.percent == 0.0
        assert len(status.in_work) == 1
        assert (folder.root / status.in_work[0]).exists()
        folder.encoder.go.set()
        await until(lambda: watcher.status().done == 3)
        assert watcher.status().percent is None
