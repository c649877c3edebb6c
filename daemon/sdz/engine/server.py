"""The child's side of the frames: orders in by a thread of their own, answers out from any thread.

Knows neither torch nor pictures: what an order means is the business of the ``Worker``.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Final, Protocol

from sdz.engine.jobs import Job, JobResult, restore
from sdz.engine.protocol import BrokenFrame, Frame, dump_error, pack_head, read_frame
from sdz.printable import printable
from sdz.progress import Progress

_PARENT_IS_GONE: Final = 0


@dataclass(frozen=True, slots=True)
class Order:
    """A job, and the number under which its answer is expected."""

    number: int
    job: Job


class Worker(Protocol):
    """What does the work; every method but ``run``'s answers is called from one thread."""

    def about(self) -> dict[str, Any]:
        """What the hello says: ``device`` and more."""

    def run(self, orders: Sequence[Order]) -> None:
        """Do orders that may be done together, and see to it that each is answered."""

    def memory(self) -> dict[str, Any]:
        """The values of a memory frame: models, resident_bytes, changes."""

    def rest_s(self) -> float | None:
        """How long it may sleep before ``tidy`` has something to do; None: as long as it likes."""

    def tidy(self) -> bool:
        """Let go of what has not been used for long; whether there was any."""


class Server:
    """Reads frames, has batches done one after another, sends answers."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source, self._target = source, target
        self._sending = threading.Lock()
        self._inbox: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._cancelling = threading.Lock()
        self._at_cancel: dict[int, Callable[[], object]] = {}

    @classmethod
    def on_standard_streams(cls) -> Server:
        """Take standard input and output for frames; what is printed from now on goes to stderr."""
        source, target = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        return cls(os.fdopen(source, "rb"), os.fdopen(target, "wb", buffering=0))

    def listen(self) -> None:
        """Start reading. When the other side closes, this process ends at once."""
        threading.Thread(target=self._listen, name="engine-frames", daemon=True).start()

    def _listen(self) -> None:
        try:
            while (frame := read_frame(self._source.read)) is not None:
                if frame.header["type"] == "cancel":
                    self._cancel(frame.header["id"])
                else:
                    self._inbox.put(frame)
        except BrokenFrame as error:
            print(printable(f"engine: {error}"), file=sys.stderr)
        # Nobody is left to answer to, and tidying up is the system's business: torch takes
        # seconds for it.
        os._exit(_PARENT_IS_GONE)

    def _cancel(self, number: int) -> None:
        with self._cancelling:
            self._cancelled.add(number)
            call = self._at_cancel.get(number)
        if call is not None:
            call()

    def serve(self, worker: Worker) -> None:
        """Say hello, then do what comes, for ever."""
        self.send({"type": "hello", **worker.about()})
        while True:
            try:
                frame = self._inbox.get(timeout=worker.rest_s())
            except queue.Empty:
                if worker.tidy():
                    self.send({"type": "memory", **worker.memory()})
                continue
            orders = _orders(frame)
            worker.run(orders)
            self.send({"type": "memory", **worker.memory()})
            self.send({"type": "ready"})

    # --- answers ------------------------------------------------------------------------------

    def is_cancelled(self, number: int) -> bool:
        """Whether nobody waits for an order any more."""
        return number in self._cancelled

    @contextmanager
    def at_cancel(self, number: int, call: Callable[[], object]) -> Iterator[None]:
        """Call ``call``, from another thread, when the order is cancelled within the block."""
        with self._cancelling:
            late = number in self._cancelled
            self._at_cancel[number] = call
        if late:
            call()
        try:
            yield
        finally:
            del self._at_cancel[number]

    def done(self, number: int, result: JobResult, out_of_memory: Sequence[str] = ()) -> None:
        """Answer an order with its result."""
        header = {
            "type": "done",
            "id": number,
            "media_type": result.media_type,
            "meta": result.meta,
            "rung": result.rung,
            "device": result.device,
            "seconds": result.seconds,
            "out_of_memory": list(out_of_memory),
        }
        self._cancelled.discard(number)
        self.send(header, result.data)

    def failed(self, number: int, error: BaseException, out_of_memory: Sequence[str] = ()) -> None:
        """Answer an order with an error."""
        self._cancelled.discard(number)
        header = {"type": "failed", "id": number, "error": dump_error(error)}
        self.send({**header, "out_of_memory": list(out_of_memory)})

    def cancelled(self, number: int) -> None:
        """Answer an order that was cancelled."""
        self._cancelled.discard(number)
        self.send({"type": "cancelled", "id": number})

    def progress(self, number: int, at: Progress) -> None:
        """Say how far an order is."""
        self.send({"type": "progress", "id": number, "at": asdict(at)})

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Send a frame, whole."""
        with self._sending:
            try:
                _write_all(self._target, pack_head(header, len(body)))
                _write_all(self._target, body)
            except OSError:
                os._exit(_PARENT_IS_GONE)


def _write_all(target: BinaryIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[target.write(left) :]


def _orders(frame: Frame) -> list[Order]:
    orders, start = [], 0
    for header in frame.header["jobs"]:
        body = frame.body[start : start + header["bytes"]]
        start += header["bytes"]
        orders.append(Order(header["id"], restore(header, body)))
    return orders
