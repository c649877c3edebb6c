"""A thousand pictures, and what they become: outputs or refusals, each once, no source touched."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path

from quick_pictures import pictures
from watch_kit import (
    Folder,
    at_rest,
    hashes,
    outputs,
    require_one_good_output_each,
    running,
)

from sdz.watch.journal.rows import State


async def test_a_thousand_there_at_start_and_a_thousand_copied_in_while_it_runs(
    folder: Folder, tmp_path: Path
) -> None:
    pictures(folder.root, 1000)
    elsewhere = tmp_path / "elsewhere"
    pictures(elsewhere, 1000, first=1000)
    watcher = folder.watcher(jobs=8)
    async with running(watcher):
        await asyncio.to_thread(shutil.copytree, elsewhere, folder.root / "copied")
        before = hashes(folder.root)
        await at_rest(watcher)
    assert hashes(folder.root) == before
    assert len(before) == 2000
    done = require_one_good_output_each(folder)
    states = Counter(folder.states().values())
    assert states[State.DONE] == done == len(outputs(folder.root))
    assert states[State.DONE] + states[State.REFUSED] == 2000
    assert len(folder.encoder.encoded) == len(set(folder.encoder.encoded)) == done
    assert folder.encoder.most_at_once <= 8
