"""A thousand pictures are no flood of events, and nothing is told twice or not at all."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sdz.watch.telling.news import MOST_FILES, PAUSE_S, News, shown
from sdz.watch.telling.notifications import Round, RoundCounter
from sdz.watch.telling.report import FolderState, FolderStatus, WatchEvent

ROOT = Path("/pictures")


def event(kind: str, name: str = "", **facts: Any) -> WatchEvent:
    return WatchEvent(kind, ROOT, ROOT / name if name else None, kind, **facts)


class Told:
    """News with a clock of its own; sleeping moves it, once the test lets it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []
        self.events: list[dict[str, Any]] = []
        self.go = asyncio.Event()
        self.go.set()
        self.broken = 0
        self.news = News(self.status, self.publish, clock=lambda: self.now, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await self.go.wait()
        self.now += seconds

    def status(self) -> FolderStatus:
        if self.broken:
            self.broken -= 1
            raise OSError("the journal")
        return FolderStatus(ROOT, FolderState.WATCHING)

    def publish(self, status: FolderStatus, files: dict[str, Any]) -> None:
        assert status.root == ROOT
        self.events.append(files)

    async def settled(self) -> None:
        async with asyncio.timeout(120):
            while self.news._task is not None:
                await asyncio.sleep(0.001)


async def test_the_first_is_told_at_once_and_the_next_a_second_later() -> None:
    told = Told()
    told.news.on_event(event("done", "a.png", bytes_before=9, bytes_after=4))
    await told.settled()
    assert told.pauses == [0.0]
    told.news.on_event(event("started", "b.png"))
    await told.settled()
    assert told.pauses == [0.0, PAUSE_S]
    assert [len(told_of["files"]) for told_of in told.events] == [1, 0]
    assert told.events[0]["files"][0] == {
        "path": "/pictures/a.png",
        "state": "done",
        "code": "",
        "reason": "",
        "bytes_before": 9,
        "bytes_after": 4,
    }
    told.now += 60
    told.news.on_event(event("scan"))
    await told.settled()
    assert told.pauses[-1] == 0.0


async def test_a_thousand_pictures_are_one_event() -> None:
    told = Told()
    told.go.clear()
    for number in range(1000):
        told.news.on_event(event("started", f"{number}.png"))
        told.news.on_event(event("done" if number % 300 else "bad", f"{number}.png", reason="why"))
    told.go.set()
    await told.settled()
    [only] = told.events
    assert len(only["files"]) == MOST_FILES
    assert only["left_out"] == 1000 - MOST_FILES
    assert [file["state"] for file in only["files"][:5]] == ["bad"] * 4 + ["done"]


async def test_many_files_together_are_told_as_the_folder() -> None:
    told = Told()
    told.news.on_event(event("bad", reason="20000 empty files"))
    await told.settled()
    [file] = told.events[0]["files"]
    assert (file["path"], file["reason"]) == ("/pictures", "20000 empty files")


async def test_of_a_file_the_last_is_told() -> None:
    told = Told()
    told.go.clear()
    told.news.on_event(event("failed", "a.png", reason="busy"))
    told.news.on_event(event("done", "a.png"))
    told.go.set()
    await told.settled()
    assert [file["state"] for file in told.events[0]["files"]] == ["done"]


async def test_what_goes_wrong_is_logged_and_the_next_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = Told()
    told.broken = 1
    told.news.on_event(event("done", "a.png"))
    await told.settled()
    assert "the journal" in caplog.text
    told.news.on_event(event("done", "b.png"))
    await told.settled()
    assert [file["path"] for file in told.events[0]["files"]] == ["/pictures/b.png"]


async def test_nothing_is_told_after_the_end() -> None:
    told = Told()
    told.go.clear()
    told.news.on_event(event("done", "a.png"))
    await asyncio.sleep(0)
    await told.news.close()
    await told.news.close()
    assert told.events == []


def test_names_of_any_bytes_are_json() -> None:
    text = shown(Path("a\udcff\u2028.png"))
    assert json.loads(json.dumps(text, ensure_ascii=False).encode()) == "a\\udcff\u2028.png"


# --- batches ------------------------------------------------------------------------------------

BUSY = FolderStatus(ROOT, FolderState.WATCHING, waiting=1)
RUNNING = FolderStatus(ROOT, FolderState.WATCHING, running=1)
IDLE = FolderStatus(ROOT, FolderState.WATCHING)


def test_a_batch_is_over_once_when_nothing_waits() -> None:
    counter = RoundCounter()
    assert counter.ended(IDLE) is None  # nothing has happened
    counter.on_event(event("done", "a", bytes_before=3_000_000, bytes_after=500_000))
    counter.on_event(event("failed", "b"))
    counter.on_event(event("failed", "b"))
    counter.on_event(event("failed", "c"))
    counter.on_event(event("refused", "d"))
    assert counter.ended(BUSY) is None
    assert counter.ended(RUNNING) is None
    counter.on_event(event("done", "c", bytes_before=10, bytes_after=4))
    batch = counter.ended(IDLE)
    assert batch == Round(done=2, refused=1, failed=1, saved_bytes=2_500_006)
    assert batch.sentence(ROOT) == "2 pictures in pictures: 2.5 MB saved (1 left alone, 1 failed)"
    assert counter.ended(IDLE) is None


def test_failures_alone_are_no_batch() -> None:
    counter = RoundCounter()  # they are tried again, and again: nobody wants to hear of each
    counter.on_event(event("failed", "a"))
    assert counter.ended(IDLE) is None
    counter.on_event(event("done", "a", bytes_before=9, bytes_after=4))
    assert counter.ended(IDLE) == Round(done=1, refused=0, failed=0, saved_bytes=5)
