"""Several sources of a batch at a time, by threads: what takes the time leaves the interpreter
free (torch, the entropy coder, a daemon's answer), and one loaded model serves them all.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sdz.commands.console import say
from sdz.commands.rows import Row, Task, Work, settle

AHEAD = 2
"""How many sources a job are planned, at work or waiting to be reported at any time. More than
one, so that a slow picture does not hold the others up at once; few, so that memory stays flat."""


def rows(sources: Iterable[str], work: Work, jobs: int) -> Iterator[Row]:
    """The row of each source, in order. ``work`` is called in this thread, so that
    two sources with one output are told apart by their order; what it returns runs in others."""
    waiting: deque[Future[Row]] = deque()
    with _threads(jobs) as pool:
        for source in sources:
            waiting.append(_begin(pool, source, work))
            if len(waiting) >= AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


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


@contextmanager
def _threads(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """At an early end what has not begun is dropped and what is at work is awaited: a thread cannot
    be stopped in its middle, and its picture is worth having."""
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="sdz-batch")
    try:
        yield pool
    except KeyboardInterrupt:
        say("sdz: stopping after the pictures at work", sys.stderr)
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
