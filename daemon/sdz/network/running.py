"""Threads for a job of the library: the caller's and others beside it.

A thread that finds nothing to do sleeps a moment, which leaves the processor to those that have: no
thread ever spins or holds what another waits for, so busy processors cost time and no more.
"""

from __future__ import annotations

import threading
import time

import numpy as np
from numpy.typing import NDArray

from sdz.network.library import NOTHING_READY, STOPPED, Bytes, Library

NAP_S = 0.0001
"""About what a row of a 768 pixels wide picture takes in one stage."""
MOST_USEFUL = 8
"""Stages of lite-1's decoder that take about as long as each other: more threads find nothing."""


class Stopped(Exception):
    """The work was given up because the caller asked for it."""


class Stop:
    """A flag that ends the work it is given to within milliseconds. May be set from any thread."""

    def __init__(self) -> None:
        self.flag: NDArray[np.int32] = np.zeros(1, np.int32)

    def set(self) -> None:
        """Give up."""
        self.flag[0] = 1


def run(library: Library, rooms: list[Bytes], threads: int, stop: Stop | None) -> None:
    """Finish the jobs in ``rooms`` by ``threads`` threads, of which the caller's is one.

    Raises Stopped where ``stop`` was set before the end.
    """
    stop = stop or Stop()

    def work(mine: list[Bytes]) -> None:
        for room in mine:
            while library.work(room, stop.flag) == NOTHING_READY:
                time.sleep(NAP_S)

    shares = [rooms[index % len(rooms) :: threads] for index in range(threads)]
    others = [threading.Thread(target=work, args=(share,), daemon=True) for share in shares[1:]]
    try:
        for thread in others:
            thread.start()
        work(shares[0])
    except BaseException:
        stop.set()  # the others must not write into arrays that nobody holds any more
        raise
    finally:
        for thread in others:
            if thread.ident is not None:
                thread.join()
    if any(library.work(room, stop.flag) == STOPPED for room in rooms):
        raise Stopped
