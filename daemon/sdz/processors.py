"""How many processors the work of this thread may keep busy: all, unless somebody shares them out.

    with sharing(lambda: 1):        # another picture is at work beside this one
        ...
            threads = threads_here()

It is asked anew for every step, so that who is left alone soon has all of them. Nothing that is
computed depends on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SHARE: ContextVar[Callable[[], int] | None] = ContextVar("processors", default=None)


def processors() -> int:
    """How many there are for this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def threads_here() -> int:
    """The most threads that what this thread does now may use, of which it is one."""
    share = _SHARE.get()
    return processors() if share is None else max(1, share())


@contextmanager
def sharing(share: Callable[[], int]) -> Iterator[None]:
    """Have what this thread does within the block use ``share()`` threads at most."""
    token = _SHARE.set(share)
    try:
        yield
    finally:
        _SHARE.reset(token)
