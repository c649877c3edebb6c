"""What HTTP counts: requests under way, answers, refusals, seconds."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterator
from typing import Final

from aiohttp import web

SECONDS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class Traffic:
    """Counts since the start. Seconds are kept as a histogram for each route."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str, int]] = Counter()
        self.refusals: Counter[str] = Counter()
        self.under_way = 0
        self._buckets: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request is done. ``route``: the path as it was declared, not as it was sent."""
        self.answers[method, route, status] += 1
        counts = self._buckets.setdefault(route, [0] * (len(SECONDS) + 1))
        counts[bisect.bisect_left(SECONDS, seconds)] += 1
        self._sums[route] = self._sums.get(route, 0.0) + seconds

    def histogram(self) -> Iterator[tuple[str, list[tuple[str, float]], float]]:
        """(route, cumulated buckets, sum of seconds)."""
        for route, counts in self._buckets.items():
            total, rows = 0, []
            for bound, count in zip((*map(str, SECONDS), "+Inf"), counts, strict=True):
                total += count
                rows.append((bound, float(total)))
            yield route, rows, self._sums[route]


TRAFFIC: Final = web.AppKey("traffic", Traffic)
