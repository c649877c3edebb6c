"""Work for a device, by a thread of its own: one piece at it, and one that waits to be next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

_HELD: Final = 2


class Ahead:
    """Takes pieces of work in order. What they do with their errors is their business."""

    def __init__(self) -> None:
        self._room = threading.BoundedSemaphore(_HELD)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine-device")

    def put(self, work: Callable[[], object]) -> None:
        """Have it done; returns as soon as it is the next one, so that another can be prepared."""
        self._room.acquire()
        self._thread.submit(work).add_done_callback(lambda _: self._room.release())

    def wait(self) -> None:
        """Until all is done."""
        for _ in range(_HELD):
            self._room.acquire()
        self._room.release(_HELD)
