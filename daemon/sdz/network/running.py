"""Threads for a job of the library: the caller's and others beside it.

A thread that finds nothing to do sleeps a moment, which leaves the processor to those that have: no
thread ever spins or holds what another waits for, so busy processors cost time and no more.
"""

from __future__ import annotations

import threading
import time

from sdz.network.library import NOTHING_READY, STOPPED, Bytes, Library
from sdz.stopping import Stop, Stopped, heeded

NAP_S = 0.0001
"""About what a row of a 768 pixels wide picture takes in one stage."""
MOST_USEFUL = 8
"""Stages of lite-1's decoder that take about as long as each other: more threads find nothing."""


def run(library: Library, rooms: list[Bytes], threads: int) -> None:
    """Finish the jobs in ``rooms`` by ``threads`` threads, of which the caller's is one.

    Raises Stopped where what this thread heeds was set before the end.
    """
    given, own = heeded(), Stop()
    stop = given or own

    def work(mine: list[Bytes]) -> None:
        for room in mine:
            while library.work(room, stop.address) == NOTHING_READY:
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
    if any(library.work(room, stop.address) == STOPPED for room in rooms):
        raise Stopped
