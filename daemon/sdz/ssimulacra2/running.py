"""A kind of work of a job, by several threads: each takes units until none are left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sdz.ssimulacra2.library import STOPPED, Job, Library
from sdz.stopping import Stop, Stopped, heeded

PIXELS_EACH = 1 << 16
"""A thread for fewer is not worth its start: they take half a millisecond."""


def threads_for(pixels: int, wanted: int) -> int:
    """How many threads are worth while for a picture."""
    return max(1, min(wanted, pixels // PIXELS_EACH))


def run(library: Library, job: Job, kind: int, threads: int) -> None:
    """Do all units of a kind by ``threads`` threads, of which the caller's is one.

    Raises Stopped where what the caller heeds (``stopping``) was set before the end.
    """
    stop = heeded() or Stop()
    job.stop, job.next = stop.address, 0
    if threads == 1:
        found = [library.work(job, kind)]
    else:
        with ThreadPoolExecutor(threads - 1, "sdz-measure") as pool:
            others = [pool.submit(library.work, job, kind) for _ in range(threads - 1)]
            found = [library.work(job, kind), *(other.result() for other in others)]
    if STOPPED in found:
        raise Stopped
