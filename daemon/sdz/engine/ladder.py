"""What is tried, and in which order, when memory does not suffice.

    batch    the pictures together, then halves of them
    single   one alone
    tiles    in smaller tiles, where that changes nothing, or its file is yet to be written
    evicted  the same after all other models have gone
    cpu      on the processor, where that is allowed

Pure: what runs, what releases memory and what evicts is given. Nothing is hidden: each item's
end names the rung that succeeded and those that failed.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeAlias, TypeVar

from sdz.engine.memory import is_out_of_memory
from sdz.errors import OutOfMemory

Item = TypeVar("Item")
Result = TypeVar("Result")

SHRINKS: Final = (2, 4)
"""What the side of a tile is divided by: a quarter of the memory, then a sixteenth at best."""


class Rung(enum.StrEnum):
    """A way of doing a job, by what had to be given up for it."""

    BATCH = "batch"
    SINGLE = "single"
    TILES = "tiles"
    EVICTED = "evicted"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Setting:
    """How to run: on ``device``, in tiles whose sides are divided by ``shrink``."""

    rung: Rung
    device: str
    shrink: int = 1


Work: TypeAlias = Callable[[Sequence[Item], Setting], Sequence[Result]]
"""Does items together as a setting says: a result for each."""


@dataclass(frozen=True, slots=True)
class Climbed(Generic[Item, Result]):
    """What became of one item: a value by ``rung`` or an error; ``failed``: rungs before that."""

    item: Item
    device: str
    rung: Rung | None = None
    value: Result | None = None
    error: OutOfMemory | None = None
    failed: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Ladder:
    """Runs work, and again with less memory where it did not suffice.

    release: return unused memory. evict: let other models go, and say whether there were any.
    tiles: whether the network can be run in smaller tiles.
    """

    device: str
    release: Callable[[], None]
    evict: Callable[[], bool]
    tiles: Callable[[], bool]
    allow_cpu: bool

    def climb(
        self, items: Sequence[Item], work: Work[Item, Result], failed: tuple[str, ...] = ()
    ) -> Iterator[Climbed[Item, Result]]:
        """What became of each item, as soon as it is known. Other errors pass through.

        failed: the rungs that were tried before.
        """
        rung = Rung.BATCH if len(items) > 1 else Rung.SINGLE
        values = self._attempt(items, work, Setting(rung, self.device))
        if values is not None:
            for item, value in zip(items, values, strict=True):
                yield Climbed(item, self.device, rung, value, failed=failed)
            return
        failed = (*failed, rung)
        if len(items) > 1:
            middle = (len(items) + 1) // 2
            for half in (items[:middle], items[middle:]):
                yield from self.climb(half, work, failed)
            return
        yield self._single(items, work, failed)

    def _single(
        self, items: Sequence[Item], work: Work[Item, Result], failed: tuple[str, ...]
    ) -> Climbed[Item, Result]:
        """One item that did not fit as it is."""
        (item,) = items
        for setting in self._further():
            values = self._attempt(items, work, setting)
            if values is not None:
                return Climbed(item, setting.device, setting.rung, values[0], failed=failed)
            failed = (*failed, setting.rung)
        tried = tuple(dict.fromkeys(failed))
        error = OutOfMemory(self.device, tried)
        return Climbed(item, self.device, error=error, failed=failed)

    def _further(self) -> Iterator[Setting]:
        """The settings after ``single``; evicting happens when its turn has come."""
        shrink = 1
        if self.tiles():
            for shrink in SHRINKS:
                yield Setting(Rung.TILES, self.device, shrink)
        if self.evict():
            yield Setting(Rung.EVICTED, self.device, shrink)
        if self.allow_cpu and self.device != "cpu":
            yield Setting(Rung.CPU, "cpu")

    def _attempt(
        self, items: Sequence[Item], work: Work[Item, Result], setting: Setting
    ) -> Sequence[Result] | None:
        """What ``work`` gives, or None where memory does not suffice."""
        try:
            return work(items, setting)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        # Only here, after the handler: until its end the error holds the frames that hold the
        # tensors, and nothing would be free.
        self.release()
        return None
