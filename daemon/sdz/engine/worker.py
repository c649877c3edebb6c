"""The work itself, in the child: decodes, encodes, models. The one owner of the device, and of
torch where a model needs it.

One thread uses the device; beside a card, the symbols of the next batch are read meanwhile.
Finished pixels are written to picture files in a few others, so that the next picture need not wait
for a PNG. Encodes are done side by side, as many as processors and memory allow.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from sdz import models
from sdz.codec.autoencoder import Described
from sdz.container import Header
from sdz.engine import memory
from sdz.engine.ahead import Ahead
from sdz.engine.conditions import Conditions
from sdz.engine.decoding import Decoding, side_by_side
from sdz.engine.devices import choose_device, device_is_lost, in_threads
from sdz.engine.encoding import encode, need_of
from sdz.engine.jobs import NO_MEDIA_TYPE, DecodeJob, EncodeJob, JobResult, LoadJob, UnloadJob
from sdz.engine.ladder import Climbed, Ladder, Rung, Setting, Work
from sdz.engine.limits import memory_limit
from sdz.engine.pool import Load, Pool
from sdz.engine.room import Room, SideBySide
from sdz.engine.server import Order, Server
from sdz.engine.settings import ChildConfig
from sdz.errors import JobCancelled, OutOfMemory
from sdz.extras import version_of
from sdz.printable import printable_lines
from sdz.processors import processors, sharing
from sdz.progress import hearing, seldom
from sdz.stopping import Stopped

Made = tuple[bytes, str, dict[str, Any]]
"""(data, media type, meta) of a job's result."""

_SAVERS: Final = max(1, min(4, os.cpu_count() or 1))
_IN_SAVING: Final = 2 * _SAVERS  # pictures that may be held as pixels
_DEVICE_LOST: Final = 70
_SAID_EVERY_S: Final = 0.1


class ModelWorker:
    """See ``server.Worker``. load: name and device to an autoencoder. describe: what reads files
    with a header; raises where nothing does."""

    def __init__(
        self,
        config: ChildConfig,
        server: Server,
        load: Load = models.load,
        describe: Callable[[Header], Described] = models.describe_reader,
    ) -> None:
        self._config, self._server = config, server
        self._device = choose_device(config.device)
        self._pool = Pool(
            in_threads(load, config.threads),
            config.memory_budget_bytes,
            config.keep_alive_s,
            self._give_back,
        )
        self._describe = describe
        self._conditions = Conditions(server)
        self._savers = ThreadPoolExecutor(_SAVERS, thread_name_prefix="engine-save")
        self._room = threading.BoundedSemaphore(_IN_SAVING)
        self._device_work = Ahead()
        self._threads = config.threads or processors()
        most = self._threads if config.lane == "work" else 1
        room_bytes = memory_limit(config.memory_limit_bytes) // 2
        self._encodes = SideBySide(Room(most, room_bytes), self._threads)

    # --- what the server asks -----------------------------------------------------------------

    def about(self) -> dict[str, Any]:
        """Device, process and versions, for the hello."""
        return {
            "device": self._device,
            "pid": os.getpid(),
            "torch": version_of("torch"),
            "resident_bytes": memory.resident_bytes(),
        }

    def memory(self) -> dict[str, Any]:
        """The models there are, and what has changed since this was asked last."""
        names = ("kind", "model", "device", "bytes")
        return {
            "models": self._pool.snapshot(),
            "resident_bytes": memory.resident_bytes(),
            "changes": [
                dict(zip(names, change, strict=True)) for change in self._pool.take_changes()
            ],
        }

    def rest_s(self) -> float | None:
        """Until the next model may go."""
        return self._pool.next_expiry_s()

    def tidy(self) -> bool:
        """Let go of models that nobody has used for long."""
        return self._pool.expire()

    def run(self, orders: Sequence[Order]) -> None:
        """Do a batch of decodes, or one of anything else."""
        began = time.perf_counter()
        try:
            match orders[0].job:
                case DecodeJob():
                    self._decode(orders, began)
                case EncodeJob() as job:
                    self._encode(orders[0], job, began)
                case LoadJob() as job:
                    self._load(orders[0], job, began)
                case UnloadJob() as job:
                    meta = {"model": job.model, "unloaded": self._pool.unload(job.model)}
                    self._answer(orders[0], meta, began)
        except Exception as error:
            self._fail(orders, error)

    # --- decoding -----------------------------------------------------------------------------

    def _decode(self, orders: Sequence[Order], began: float) -> None:
        """Each picture is answered as soon as it is there; what fails, fails alone."""
        waiting = [opened for opened in side_by_side(self._open, orders) if opened is not None]
        if not waiting:
            return
        if self._device == "cpu":
            self._decode_opened(waiting, began)
        else:
            self._device_work.put(partial(self._decode_opened, waiting, began))

    def _decode_opened(self, waiting: list[Decoding], began: float) -> None:
        name = waiting[0].model
        ladder = self._ladder(name, lambda: self._conditions.exact.get(name, False))
        try:
            for climbed in ladder.climb(tuple(waiting), self._decode_together):
                waiting.remove(climbed.item)
                if climbed.error is not None:
                    self._server.failed(climbed.item.number, climbed.error, climbed.failed)
                else:
                    self._save(climbed, began)
        except Exception as error:
            self._fail([Order(item.number, item.job) for item in waiting], error)
        if self._device != "cpu":
            self._tell_memory()

    def _open(self, order: Order) -> Decoding | None:
        """The order's file with its integers decoded, or None: it has been answered."""
        try:
            assert isinstance(order.job, DecodeJob)
            with self._conditions.heeding(order.number):
                return Decoding.open(order.number, order.job, self._describe)
        except Exception as error:
            self._fail([order], error)
            return None

    def _decode_together(self, items: Sequence[Decoding], setting: Setting) -> Sequence[Any]:
        numbers = [item.number for item in items]
        with self._pool.lease(items[0].model, setting.device) as model:
            total = items[0].tiles(model) if setting.shrink == 1 else None
            guarded = self._conditions.guard(model, numbers, setting, total)
            with sharing(lambda: self._threads):
                return Decoding.run(items, guarded, self._conditions.heeding)

    def _save(self, climbed: Climbed[Decoding, Any], began: float) -> None:
        self._room.acquire()
        self._savers.submit(self._save_now, climbed, began).add_done_callback(
            lambda _: self._room.release()
        )

    def _save_now(self, climbed: Climbed[Decoding, Any], began: float) -> None:
        item = climbed.item
        try:
            if self._server.is_cancelled(item.number):
                self._server.cancelled(item.number)
                return
            assert climbed.value is not None
            data, media_type, meta = item.save(climbed.value)
            self._server.done(
                item.number, _result(climbed, data, media_type, meta, began), climbed.failed
            )
        except Exception as error:
            self._fail([Order(item.number, item.job)], error)

    def finish_saving(self) -> None:
        """Wait until all that has been decoded is written, and all encodes have ended."""
        self._encodes.room.wait_until_empty()
        self._device_work.wait()
        for _ in range(_IN_SAVING):
            self._room.acquire()
        self._room.release(_IN_SAVING)

    # --- encoding, loading --------------------------------------------------------------------

    def _encode(self, order: Order, job: EncodeJob, began: float) -> None:
        need = need_of(job, self._config.max_pixels)
        self._encodes.begin(need, partial(self._encode_now, order, job, began))

    def _encode_now(self, order: Order, job: EncodeJob, began: float) -> None:
        def made(setting: Setting, beside: int) -> list[Made]:
            with self._pool.lease(job.wish.model, setting.device) as model:
                guarded = self._conditions.guard(model, [order.number], setting, None)
                said = seldom(partial(self._server.progress, order.number), _SAID_EVERY_S)
                with self._conditions.heeding(order.number), hearing(said):
                    return [encode(job, guarded, self._config.max_pixels, beside)]

        def work(_: Sequence[Order], setting: Setting) -> list[Made]:
            first = setting.rung is Rung.SINGLE
            return self._encodes.run(partial(made, setting), self._give_back, beside_others=first)

        try:
            if self._server.is_cancelled(order.number):
                raise JobCancelled
            self._settle_one(order, job.wish.model, work, began)
        except Exception as error:
            self._fail([order], error)

    def _load(self, order: Order, job: LoadJob, began: float) -> None:
        def work(_: Sequence[Order], setting: Setting) -> list[Made]:
            with self._pool.lease(job.model, setting.device):
                pass
            return [(b"", NO_MEDIA_TYPE, {"model": job.model, "device": setting.device})]

        self._settle_one(order, job.model, work, began)

    def _settle_one(self, order: Order, name: str, work: Work[Order, Made], began: float) -> None:
        ladder = self._ladder(name, lambda: name in self._conditions.exact)
        for climbed in ladder.climb([order], work):
            self._tell_memory()
            if climbed.value is None:
                assert climbed.error is not None
                self._server.failed(order.number, climbed.error, climbed.failed)
            else:
                result = _result(climbed, *climbed.value, began)
                self._server.done(order.number, result, climbed.failed)

    def _answer(self, order: Order, meta: dict[str, Any], began: float) -> None:
        self._tell_memory()
        seconds = time.perf_counter() - began
        result = JobResult(b"", NO_MEDIA_TYPE, meta, "single", self._device, seconds)
        self._server.done(order.number, result)

    # --- what all share -----------------------------------------------------------------------

    def _ladder(self, name: str, tiles: Callable[[], bool]) -> Ladder:
        return Ladder(
            device=self._device,
            release=self._give_back,
            evict=lambda: self._pool.evict_others(name),
            tiles=tiles,
            allow_cpu=self._config.allow_cpu_fallback,
        )

    def _fail(self, orders: Sequence[Order], error: Exception) -> None:
        if isinstance(error, JobCancelled | Stopped):
            for order in orders:
                self._server.cancelled(order.number)
            return
        if memory.is_out_of_memory(error):
            error = OutOfMemory("cpu", ("single",))
        elif device_is_lost(error):
            # After such an error nothing runs in this process any more. A new one tries again.
            said = "".join(traceback.format_exception(error))
            print(printable_lines(said), end="", file=sys.stderr, flush=True)
            os._exit(_DEVICE_LOST)
        for order in orders:
            self._server.failed(order.number, error)

    def _tell_memory(self) -> None:
        self._server.send({"type": "memory", **self.memory()})

    def _give_back(self) -> None:
        memory.give_back(self._device)


def _result(
    climbed: Climbed[Any, Any], data: bytes, media_type: str, meta: dict[str, Any], began: float
) -> JobResult:
    assert climbed.rung is not None
    if climbed.failed:
        meta = {**meta, "out_of_memory": list(climbed.failed)}
    seconds = time.perf_counter() - began
    return JobResult(data, media_type, meta, str(climbed.rung), climbed.device, seconds)
