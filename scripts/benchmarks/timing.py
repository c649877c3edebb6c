"""Time by the clock and by the processors: the least of several runs, taken by turns.

The least is what the machine needs, the rest is waiting. Time by the processors counts that of all
threads, and hardly changes when others use the machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Work = Callable[[], object]
Name = TypeVar("Name")


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of all processors together."""

    clock: float
    processors: float

    @property
    def ms(self) -> str:
        """Milliseconds: the clock's, and the processors' in brackets."""
        return f"{1000 * self.clock:.1f} ({1000 * self.processors:.1f})"


def least(works: Mapping[Name, Work], rounds: int) -> dict[Name, Spent]:
    """What each of ``works`` takes at least, the one after the other in every round."""
    found: dict[Name, list[Spent]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            found[name].append(_spent(work))
    return {name: over(each, min) for name, each in found.items()}


def over(spent: Sequence[Spent], reduce: Callable[[list[float]], float]) -> Spent:
    """The least or the median of several, each kind of time for itself."""
    return Spent(reduce([s.clock for s in spent]), reduce([s.processors for s in spent]))


def machine() -> str:
    """What else the machine was doing, for the reader of the times."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} processors, load {load} (1, 5 and 15 minutes)"


def _spent(work: Work) -> Spent:
    clock, processors = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - clock, time.process_time() - processors)
