"""A child without torch: does what the first stream of a decode tells it to; see ``StubWorker``."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sdz import container
from sdz.engine.child import main
from sdz.engine.jobs import DecodeJob, EncodeJob, JobResult, PreviewJob
from sdz.engine.server import Order, Server
from sdz.engine.settings import ChildConfig
from sdz.errors import BadSymbols, DeviceMissing
from sdz.progress import Progress

STUCK_S = 3600.0


class StubWorker:
    """Words it knows, each with what may follow after a blank:

    echo TEXT: answers. log PATH TEXT: the same, and adds TEXT as a line to PATH. fail: BadSymbols.
    bug: an error nobody planned for. crash: ends without an answer. crash-once PATH, wait-once
    PATH: the same, or waits for its cancellation, unless PATH exists, which it then does. wait:
    for its cancellation. wait-for PATH: for a file. stuck: sees nothing. over-time PATH: a line to
    PATH, then killed as by the system. An encode of the bytes "wait" waits for its cancellation,
    of "crash" ends the process, of "beside PATH" leaves room for others while it waits: for ever,
    or once PATH exists, for PATH.go. Any other is answered.
    """

    def __init__(self, config: ChildConfig, server: Server) -> None:
        self._lane, self._server = config.lane, server

    def about(self) -> dict[str, Any]:
        return {"device": "cpu", "resident_bytes": 1000}

    def memory(self) -> dict[str, Any]:
        model = {"name": "stub", "device": "cpu", "bytes": 7, "idle_s": 0.0}
        return {"models": [model], "resident_bytes": 2000, "changes": []}

    def rest_s(self) -> float | None:
        return None

    def tidy(self) -> bool:
        return False

    def run(self, orders: Sequence[Order]) -> None:
        if isinstance(orders[0].job, EncodeJob):
            word, _, rest = orders[0].job.data.decode().partition(" ")
            if word == "wait":
                self._wait(orders[0], 1)
            elif word == "beside":
                rest = "" if _first_time(rest) else rest + ".go"
                threading.Thread(target=self._wait_for, args=(orders[0], 1, rest)).start()
            elif word == "crash":
                self._crash(orders[0], 1)
            else:
                self._answer(orders[0], b"encoded", 1)
            return
        if not isinstance(orders[0].job, DecodeJob | PreviewJob):
            self._server.send({"type": "memory", **self.memory()})
            self._answer(orders[0], b"", 1)
            return
        for order in orders:
            assert isinstance(order.job, DecodeJob | PreviewJob)
            stream = container.unpack(order.job.data).streams[0].data
            word, *rest = stream.decode().split(" ", 2)
            getattr(self, "_" + word.replace("-", "_"))(order, len(orders), *rest)

    def _answer(self, order: Order, data: bytes, together: int) -> None:
        meta = {"pid": os.getpid(), "lane": self._lane, "together": together, "unloaded": True}
        rung = "batch" if together > 1 else "single"
        self._server.done(order.number, JobResult(data, "image/png", meta, rung, "cpu", 0.25))

    def _echo(self, order: Order, together: int, text: str = "") -> None:
        self._answer(order, text.encode(), together)

    def _log(self, order: Order, together: int, path: str, text: str) -> None:
        with Path(path).open("a") as file:
            file.write(text + "\n")
        self._answer(order, text.encode(), together)

    def _fail(self, order: Order, _: int) -> None:
        self._server.failed(order.number, BadSymbols("the stub", 1, 2), ("single", "tiles"))

    def _bug(self, order: Order, _: int) -> None:
        self._server.failed(order.number, ZeroDivisionError("by nought"))

    def _crash(self, _order: Order, _: int) -> None:
        os._exit(9)

    def _crash_once(self, order: Order, together: int, path: str) -> None:
        if not _first_time(path):
            self._answer(order, b"second", together)
            return
        os._exit(9)

    def _wait_once(self, order: Order, together: int, path: str) -> None:
        if _first_time(path):
            self._wait(order, together)
        else:
            self._answer(order, b"second", together)

    def _wait(self, order: Order, _: int) -> None:
        self._server.progress(order.number, Progress("decoding", 0.5, 0, 1, 2))
        pause = threading.Event()
        while not self._server.is_cancelled(order.number):
            pause.wait(0.002)
        self._server.cancelled(order.number)

    def _wait_for(self, order: Order, together: int, path: str) -> None:
        self._server.progress(order.number, Progress("decoding", 0.5, 0, 1, 2))
        pause = threading.Event()
        while not (path and Path(path).exists()):
            pause.wait(0.002)
        self._answer(order, b"went on", together)

    def _over_time(self, _order: Order, _: int, path: str) -> None:
        with Path(path).open("a") as file:
            file.write("over time\n")
        os.kill(os.getpid(), signal.SIGXCPU)

    def _stuck(self, order: Order, _: int) -> None:
        self._server.progress(order.number, Progress("decoding", 0.5, 0, 1, 2))
        time.sleep(STUCK_S)


def _first_time(path: str) -> bool:
    try:
        Path(path).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def make(config: ChildConfig, server: Server) -> StubWorker:
    match sys.argv[1:-1]:
        case ["silent"]:
            time.sleep(STUCK_S)
        case ["dead"]:
            os._exit(4)
        case ["dead-once", path] if _first_time(path):
            os._exit(4)
        case ["unable"]:
            raise DeviceMissing("cuda", ("cpu",))
        case ["nonsense"]:
            os.write(1, b"printed, not framed\n")  # goes to stderr by now
    return StubWorker(config, server)


if __name__ == "__main__":
    main(make)
