"""Stopping what a C library is at: C sees no signal of Python's, and runs as long as a file asks.

stop = Stop()
with heeding(stop):
    decode_symbols(...)     # ends with Stopped, within a row, once another thread has set it

What cannot be told to stop is left (``leaving``).
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Result = TypeVar("Result")


class Stopped(Exception):
    """A ``Stop`` was set: there is no result. Reaches nobody but who set it."""


class Stop:
    """A flag that the libraries look at once a row. Any thread may set it; it stays set."""

    def __init__(self) -> None:
        self._flag = ctypes.c_int32(0)

    @property
    def address(self) -> int:
        """Where the flag lies, good for as long as this object lives."""
        return ctypes.addressof(self._flag)

    @property
    def is_set(self) -> bool:
        """Whether it was set."""
        return bool(self._flag.value)

    def set(self) -> None:
        """Have all that heeds it end."""
        self._flag.value = 1


_HEEDED: ContextVar[Stop | None] = ContextVar("heeded", default=None)


def heeded() -> Stop | None:
    """What this thread's work heeds."""
    return _HEEDED.get()


@contextmanager
def heeding(stop: Stop | None) -> Iterator[None]:
    """Have what this thread's work within the block heed ``stop``, and nothing else."""
    token = _HEEDED.set(stop)
    try:
        yield
    finally:
        _HEEDED.reset(token)


def leaving(work: Callable[[], Result]) -> Result:
    """``work()``, seconds in a C library that heeds nothing, such as libaom writing a large AVIF:
    Ctrl-C leaves it where it is, to end with the process. It may touch nothing but its result.

    In other threads than the main one, which alone hears of Ctrl-C, it is simply done.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    done: Future[Result] = Future()

    def do() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=do, name="sdz-leaving", daemon=True).start()
    return done.result()
