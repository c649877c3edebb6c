"""What the daemon counts, and how Prometheus reads it.

Counting is a dictionary; prometheus-client is imported by the first who asks for the figures.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sdz.engine.status import EngineStatus
    from sdz.service.pictures.cache import PictureCache
    from sdz.service.watches.shapes import WatchRow

SECONDS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class Tally:
    """Counts since the start. Seconds are kept as a histogram for each route."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str, int]] = Counter()
        self.refusals: Counter[str] = Counter()
        self.cache: Counter[str] = Counter()
        self.results: Counter[tuple[str, str, str]] = Counter()
        self.under_way = 0
        self._buckets: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request is done. ``route``: the path as it was declared, not as it was sent."""
        self.answers[method, route, status] += 1
        counts = self._buckets.setdefault(route, [0] * (len(SECONDS) + 1))
        counts[bisect.bisect_left(SECONDS, seconds)] += 1
        self._sums[route] = self._sums.get(route, 0.0) + seconds

    def refused(self, code: str) -> None:
        """One request was answered with a problem."""
        self.refusals[code] += 1

    def engine_result(self, kind: str, rung: str, device: str) -> None:
        """The engine gave a result, by that rung on that device."""
        self.results[kind, rung, device] += 1

    def histogram(self) -> Iterator[tuple[str, list[tuple[str, float]], float]]:
        """(route, cumulated buckets, sum of seconds)."""
        for route, counts in self._buckets.items():
            total, rows = 0, []
            for bound, count in zip((*map(str, SECONDS), "+Inf"), counts, strict=True):
                total += count
                rows.append((bound, float(total)))
            yield route, rows, self._sums[route]


def render(
    tally: Tally, engine: EngineStatus, cache: PictureCache, watches: Sequence[WatchRow] = ()
) -> tuple[bytes, str]:
    """(body, content type) in Prometheus's text format."""
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(tally, engine, cache, watches))
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


class _Collector:
    """The figures of one moment as Prometheus's families."""

    def __init__(
        self, tally: Tally, engine: EngineStatus, cache: PictureCache, watches: Sequence[WatchRow]
    ) -> None:
        self._tally, self._engine, self._cache = tally, engine, cache
        self._watches = watches

    def collect(self) -> Iterator[Any]:
        """Called by prometheus-client."""
        yield from self._service()
        yield from self._engine_families()
        yield from self._watch_families()

    def _service(self) -> Iterator[Any]:
        from prometheus_client.core import HistogramMetricFamily

        tally = self._tally
        yield _counter("sdz_answers", "Answers sent", ("method", "route", "status"), tally.answers)
        refusals = {(code,): count for code, count in tally.refusals.items()}
        yield _counter("sdz_refusals", "Answers that were problems", ("code",), refusals)
        looks = {(result,): count for result, count in tally.cache.items()}
        yield _counter("sdz_cache_lookups", "Looks into the cache", ("result",), looks)
        seconds = HistogramMetricFamily(
            "sdz_answer_seconds", "From request to answer", labels=("route",)
        )
        for route, buckets, total in tally.histogram():
            seconds.add_metric((route,), buckets, total)
        yield seconds
        yield _gauge("sdz_requests_under_way", "Requests being answered", tally.under_way)
        yield _gauge("sdz_cache_bytes", "Decoded pictures on the disk", self._cache.bytes)
        yield _gauge("sdz_cache_pictures", "Decoded pictures on the disk", len(self._cache))
        yield _gauge("sdz_cache_errors", "Pictures that could not be kept", self._cache.errors)

    def _engine_families(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        engine, counters = self._engine, self._engine.counters
        yield _counter(
            "sdz_engine_results",
            "Results by the way they came about; anything but the first rung is a fallback",
            ("kind", "rung", "device"),
            self._tally.results,
        )
        waiting = GaugeMetricFamily("sdz_engine_jobs", "Jobs", labels=("priority", "state"))
        for state, jobs in (("queued", engine.queued), ("running", engine.running)):
            for priority, count in jobs.items():
                waiting.add_metric((priority, state), count)
        yield waiting
        memory = GaugeMetricFamily("sdz_engine_bytes", "Memory of a process", labels=("lane",))
        for process in engine.processes:
            memory.add_metric((process.lane,), process.resident_bytes)
        yield memory
        yield _gauge("sdz_engine_models", "Models in memory", len(engine.models))
        happened = {
            (name,): getattr(counters, name)
            for name in ("failed", "cancelled", "joined", "retries", "crashes", "starts", "batches")
        }
        yield _counter("sdz_engine_events", "What happened in the engine", ("what",), happened)
        failures = {(rung,): count for rung, count in counters.out_of_memory.items()}
        yield _counter("sdz_engine_out_of_memory", "By what was tried", ("rung",), failures)

    def _watch_families(self) -> Iterator[Any]:
        """By the folder's id: paired clients read these, and need not know where folders lie."""
        from prometheus_client.core import GaugeMetricFamily

        files = GaugeMetricFamily(
            "sdz_watch_files", "Files of a watched folder", labels=("folder", "state")
        )
        saved = GaugeMetricFamily(
            "sdz_watch_saved_bytes", "Sources less outputs of all that is done", labels=("folder",)
        )
        oldest = GaugeMetricFamily(
            "sdz_watch_oldest_waiting_seconds", "Age of the oldest that waits", labels=("folder",)
        )
        well = GaugeMetricFamily(
            "sdz_watch_up", "1 where the folder is watched as usual", labels=("folder", "state")
        )
        for row in self._watches:
            for state in WATCH_STATES:
                files.add_metric((row.id, state), getattr(row, state))
            saved.add_metric((row.id,), row.saved_bytes)
            oldest.add_metric((row.id,), row.oldest_waiting_s)
            well.add_metric((row.id, row.state), row.state in ("watching", "polling"))
        yield from (files, saved, oldest, well)


WATCH_STATES: Final = (
    "waiting",
    "settling",
    "running",
    "done",
    "refused",
    "failed",
    "bad",
    "undone",
)


def _counter(name: str, about: str, labels: tuple[str, ...], rows: dict[Any, int]) -> Any:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(name, about, labels=labels)
    for key, value in rows.items():
        family.add_metric([str(word) for word in key], value)
    return family


def _gauge(name: str, about: str, value: float) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(name, about, value=value)
