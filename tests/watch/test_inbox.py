"""The inbox: every message once and in order, from any thread, whether or not anybody takes."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

from sdz.watch.inbox import (
    MOST_PATHS,
    EventsLost,
    FileEnded,
    Inbox,
    PathChanged,
    RescanWanted,
    ScanEnded,
)

PATIENCE_S = 60.0


def test_many_paths_become_one_message() -> None:
    inbox = Inbox()
    inbox.post(FileEnded())
    for number in range(MOST_PATHS + 1):
        inbox.post(PathChanged(f"/in/{number}.jpg"))
    inbox.post(PathChanged("/in/more.jpg"))
    assert inbox.drain() == [FileEnded(), EventsLost()]
    for name in ("b", "a", "a"):
        inbox.post(PathChanged(f"/in/{name}.jpg"))
    assert inbox.drain() == [PathChanged("/in/b.jpg"), PathChanged("/in/a.jpg")]
    assert inbox.drain() == []


def test_lost_events_speak_for_all_paths() -> None:
    inbox = Inbox()
    inbox.post(PathChanged("/in/a.jpg"))
    inbox.post(EventsLost())
    inbox.post(PathChanged("/in/b.jpg"))
    inbox.post(RescanWanted())
    assert inbox.drain() == [EventsLost(), RescanWanted()]


async def test_what_came_before_anybody_took_is_taken_at_once() -> None:
    inbox = Inbox()
    thread = threading.Thread(target=inbox.post, args=[ScanEnded()])
    thread.start()
    thread.join()
    async with asyncio.timeout(PATIENCE_S):
        assert await inbox.take(10 * PATIENCE_S) == [ScanEnded()]


async def test_a_thread_wakes_who_takes() -> None:
    inbox = Inbox()
    taking = asyncio.create_task(inbox.take(PATIENCE_S))
    await asyncio.sleep(0)
    await asyncio.to_thread(inbox.post, PathChanged("/in/a.jpg"))
    assert await taking == [PathChanged("/in/a.jpg")]


async def test_nothing_comes_in_time() -> None:
    assert await Inbox().take(0.001) == []


def test_posting_while_loops_come_and_go() -> None:
    """No thread ever meets a loop that is not there yet, or not any more."""
    inbox, stop = Inbox(), threading.Event()
    faults: list[BaseException] = []

    def post() -> None:
        try:
            while not stop.is_set():
                inbox.post(FileEnded())
        except BaseException as error:
            faults.append(error)

    async def take() -> None:
        async with asyncio.timeout(0.01):  # cancelled in the middle, as a watcher is
            while True:
                await inbox.take(PATIENCE_S)

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        with suppress(TimeoutError):
            asyncio.run(take())
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
