"""Several sources of a batch at a time, by threads: what takes the time leaves the interpreter
free (torch, the entropy coder, a daemon's answer), and one loaded model serves them all.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from sdz.commands.console import say
from sdz.commands.rows import Row, Task, Work, settle

AHEAD = 2
"""How many sources a job are planned, at work or waiting to be reported at any time. More than
one, so that a slow picture does not hold the others up at once; few, so that memory stays flat."""


def rows(sources: Iterable[str], work: Work, jobs: int) -> Iterator[Row]:
    """The row of each source, in order. ``work`` is called in this thread, so that
    two sources with one output are told apart by their order; what it returns runs in others."""
    waiting: deque[Future[Row]] = deque()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="sdz-batch")
    try:
        for source in sources:
            waiting.append(_begin(pool, source, work))
            if len(waiting) >= AHEAD * jobs:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)
    except KeyboardInterrupt:
        # What has not begun is dropped and what is at work is awaited: a thread cannot be stopped
        # in its middle, and its picture is worth having; it is written, so it is said and counted.
        say("sdz: stopping after the pictures at work", sys.stderr)
        pool.shutdown(wait=True, cancel_futures=True)
        yield from [future.result() for future in waiting if not future.cancelled()]
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _first(waiting: deque[Future[Row]]) -> Row:
    """The first one's row. It stays in line until it is there, whatever comes between."""
    row = waiting[0].result()
    waiting.popleft()
    return row


def _begin(pool: ThreadPoolExecutor, source: str, work: Work) -> Future[Row]:
    planned: list[Task] = []

    def plan() -> Row:
        found = work(source)
        if callable(found):
            planned.append(found)
            return {}
        return found

    row = settle(source, plan)
    if planned:
        return pool.submit(settle, source, planned[0])
    settled: Future[Row] = Future()
    settled.set_result(row)
    return settled
