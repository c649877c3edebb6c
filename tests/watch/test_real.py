"""With the real encoder: the pictures are still there when their .sdz is decoded."""

from __future__ import annotations

import asyncio
from collections import Counter

import numpy as np
from drawn import as_file, scene
from PIL import Image
from quick_pictures import pictures
from watch_kit import Folder, hashes, leftovers, outputs, running, until

import sdz
from sdz.container import Box, unpack
from sdz.making.here import Here
from sdz.making.maker import Made
from sdz.watch.journal.rows import State
from sdz.wish import Wish


class RealEncoder:
    """lite-1 in this process, in a thread."""

    async def make(self, data: bytes, wish: Wish) -> Made:
        return await asyncio.to_thread(Here().make, data, wish)


async def test_pictures_there_and_pictures_copied_in(folder: Folder) -> None:
    pictures(folder.root, 40)
    (folder.root / "scene.png").write_bytes(as_file(scene(96, 128)))
    (folder.root / "cut.jpg").write_bytes(as_file(scene(64, 64), "JPEG")[:-40] + b"\xff\xd9")
    (folder.root / "text.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more of it")
    # A single pixel is smaller as a GIF than any .sdz.
    (folder.root / "flat.gif").write_bytes(as_file(np.full((1, 1, 3), 7, np.uint8), "GIF"))
    before = hashes(folder.root)
    watcher = folder.watcher(RealEncoder(), wish=Wish(quality=50))
    async with running(watcher) as one:
        later = pictures(folder.root / "later", 40, first=40)
        await until(lambda: len(folder.states()) == 84)
        await until(lambda: not one.status().running and one.status().waiting <= 1, 300.0)
    assert {
        path: digest for path, digest in hashes(folder.root).items() if path in before
    } == before
    states = folder.states()
    assert states.pop("text.png") is State.SETTLING  # a whole PNG has an end
    assert states["flat.gif"] is State.REFUSED
    assert states["scene.png"] is State.DONE
    counts = Counter(states.values())
    assert counts[State.DONE] + counts[State.REFUSED] + counts[State.BAD] == 83
    assert counts[State.DONE] >= 41
    assert leftovers(folder.root) == []
    assert len(outputs(folder.root)) == counts[State.DONE]
    for row in watcher.journal.files.rows(folder.root, [State.DONE]):
        assert row.output is not None
        assert row.output.stat().st_size < row.path.stat().st_size
        with Image.open(row.path) as source:
            assert sdz.decode(row.output).size == source.size
            near = np.asarray(sdz.decode(row.output), float) - np.asarray(source.convert("RGB"))
        assert np.sqrt((near**2).mean()) < 40, row.path
    assert any(row.path in later for row in watcher.journal.files.rows(folder.root))


async def test_a_least_score_is_kept_or_the_file_is_left_alone(folder: Folder) -> None:
    pictures(folder.root, 4)
    watcher = folder.watcher(RealEncoder(), wish=Wish(min_score=60.0))
    summary = await watcher.empty()
    assert summary.done + summary.refused == 4
    assert summary.failed == 0
    for path in outputs(folder.root):
        assert sdz.info(path)["report"]["ssimulacra2"] >= 60.0
    for note in summary.notes:
        assert note.code in ("score-not-reached", "not-smaller")


async def test_regions_are_kept_in_a_folder_too(folder: Folder) -> None:
    (folder.root / "scene.png").write_bytes(as_file(scene(96, 128)))
    wish = Wish(quality=20, keep="16,8,64,48")
    summary = await folder.watcher(RealEncoder(), wish=wish).empty()
    assert summary.done == 1
    [path] = outputs(folder.root)
    kept = unpack(path.read_bytes()).kept
    assert kept is not None
    assert [region.box for region in kept.regions] == [Box(16, 8, 64, 48)]
    shown = np.asarray(sdz.decode(path)).astype(int)
    inside = (slice(12, 52), slice(20, 76))
    assert np.abs(shown - scene(96, 128))[inside].mean() < 4
