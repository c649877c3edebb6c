"""The work on one node: pictures by the engine, as in the daemon, so that results are the same.

The engine keeps the model in a child process: a picture that brings it down fails alone, memory
that does not suffice is dealt with, and this process loads no torch.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from sdz.distributed.manifest import Record, write_part
from sdz.distributed.plan import Item, digest_of, failure
from sdz.distributed.stores import Found, Store
from sdz.engine import Engine, EngineConfig, LoadJob, Priority
from sdz.errors import ChangedMeanwhile, ClusterFailed, SdzError
from sdz.making.engine import EngineMaker
from sdz.processors import processors
from sdz.wish import Wish

MORE_AT_A_TIME: Final = 1
"""Pictures an engine is given beyond those that it encodes side by side: one is read or written
while others are encoded."""

Rows = dict[str, Any]


class Encoding:
    """Encodes pictures of one store into another and writes a part of the manifest for every
    call. Made by Ray in a process of its own; told everything in plain values.

    wish: ``asdict`` of a ``Wish``. digest: its digest where the batch was planned, which must be
    the same here: another version or other weights would make other files.
    """

    def __init__(
        self, source: str, target: str, wish: Rows, digest: str, device: str, threads: int | None
    ) -> None:
        self._source, self._target = Store(source), Store(target)
        self._wish = Wish(**wish)
        self._digest = digest
        self._name, self._parts = uuid.uuid4().hex, 0
        if digest_of(self._wish) != digest:
            raise ClusterFailed("a node", f"it has another edition of {self._wish.model}")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="sdz-engine", daemon=True
        )
        self._thread.start()
        self._engine = Engine(EngineConfig(device=device, threads=threads, keep_alive_s=-1))
        self._at_once = (threads or processors()) + MORE_AT_A_TIME
        self._maker = EngineMaker(self._engine, self._at_once)
        self._wait(self._engine.__aenter__())
        self._wait(self._engine.run(LoadJob(self._wish.model), priority=Priority.ENCODE))

    def __call__(self, batch: Rows) -> Rows:
        """Do the pictures of ``batch["item"]`` (lines of JSON); ``record`` has how each went."""
        items = [read_item(line) for line in batch["item"]]
        records = self._wait(self._all(items))
        write_part(self._target, self._name, self._parts, records)
        self._parts += 1
        return {"record": [record.to_line() for record in records]}

    def close(self) -> None:
        """End the engine."""
        self._wait(self._engine.stop())
        self._wait(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _all(self, items: Iterable[Item]) -> list[Record]:
        turn = asyncio.Semaphore(self._at_once)

        async def one(item: Item) -> Record:
            async with turn:
                return await self._one(item)

        return await asyncio.gather(*map(one, items))

    async def _one(self, item: Item) -> Record:
        """One picture. What is wrong with it is in the record."""
        found = item.source
        try:
            data = await asyncio.to_thread(self._source.read, found.path)
            made = await self._maker.make(data, self._wish)
            if await asyncio.to_thread(self._source.find, found.path) != found:
                raise ChangedMeanwhile  # since it was planned, too
            origin = await asyncio.to_thread(self._source.origin, found.path)
            await asyncio.to_thread(self._target.write, item.output, made.data, origin)
        except (SdzError, OSError, MemoryError) as error:
            return failure(found, item.output, self._digest, error)
        report = made.report
        return Record(
            source=found.path,
            size=found.size,
            mark=found.mark,
            output=item.output,
            state="done",
            wish=self._digest,
            at=time.time(),
            bytes=len(made.data),
            score=report.score if report else None,
        )


def write_item(item: Item) -> str:
    """An item as a line of JSON."""
    return json.dumps(asdict(item))


def read_item(line: str) -> Item:
    """What ``write_item`` wrote."""
    facts = json.loads(line)
    return Item(Found(**facts["source"]), facts["output"])
