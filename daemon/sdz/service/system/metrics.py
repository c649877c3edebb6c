"""The daemon's figures as Prometheus reads them.

To be imported by the first who asks for them: prometheus-client is what takes time at a start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from sdz.engine.status import EngineStatus
from sdz.service.http.traffic import Traffic
from sdz.service.pictures.cache import PictureCache
from sdz.service.watches.shapes import FILE_STATES, WatchRow


def render(figures: Figures) -> tuple[bytes, str]:
    """(body, content type) in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(figures)
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


@dataclass(frozen=True, eq=False, slots=True)  # a registry keeps it by its identity
class Figures:
    """The figures of one moment; ``results``: by kind of job, rung and device."""

    traffic: Traffic
    engine: EngineStatus
    results: Counter[tuple[str, str, str]]
    cache: PictureCache
    watches: Sequence[WatchRow]

    def collect(self) -> Iterator[Any]:
        """Prometheus's families; called by prometheus-client."""
        yield from self._service()
        yield from self._engine_families()
        yield from self._watch_families()

    def _service(self) -> Iterator[Any]:
        yield _counter(
            "sdz_answers", "Answers sent", ("method", "route", "status"), self.traffic.answers
        )
        refusals = {(code,): count for code, count in self.traffic.refusals.items()}
        yield _counter("sdz_refusals", "Answers that were problems", ("code",), refusals)
        looks = {(result,): count for result, count in self.cache.lookups.items()}
        yield _counter("sdz_cache_lookups", "Looks into the cache", ("result",), looks)
        seconds = HistogramMetricFamily(
            "sdz_answer_seconds", "From request to answer", labels=("route",)
        )
        for route, buckets, total in self.traffic.histogram():
            seconds.add_metric((route,), buckets, total)
        yield seconds
        yield _gauge("sdz_requests_under_way", "Requests being answered", self.traffic.under_way)
        yield _gauge("sdz_cache_bytes", "Decoded pictures on the disk", self.cache.bytes)
        yield _gauge("sdz_cache_pictures", "Decoded pictures on the disk", len(self.cache))
        yield _gauge("sdz_cache_errors", "Pictures that could not be kept", self.cache.errors)

    def _engine_families(self) -> Iterator[Any]:
        engine, counters = self.engine, self.engine.counters
        yield _counter(
            "sdz_engine_results",
            "Results by the way they came about; anything but the first rung is a fallback",
            ("kind", "rung", "device"),
            self.results,
        )
        jobs = {
            (priority, state): count
            for state, counts in (("queued", engine.queued), ("running", engine.running))
            for priority, count in counts.items()
        }
        yield _gauges("sdz_engine_jobs", "Jobs", ("priority", "state"), jobs)
        memory = {(process.lane,): process.resident_bytes for process in engine.processes}
        yield _gauges("sdz_engine_bytes", "Memory of a process", ("lane",), memory)
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
        each, by_state = self.watches, ("folder", "state")
        files = {(row.id, state): getattr(row, state) for row in each for state in FILE_STATES}
        yield _gauges("sdz_watch_files", "Files of a watched folder", by_state, files)
        saved = {(row.id,): row.saved_bytes for row in each}
        about = "Sources less outputs of all that is done"
        yield _gauges("sdz_watch_saved_bytes", about, ("folder",), saved)
        oldest = {(row.id,): row.oldest_waiting_s for row in each}
        about = "Age of the oldest that waits"
        yield _gauges("sdz_watch_oldest_waiting_seconds", about, ("folder",), oldest)
        well = {(row.id, row.state): row.state in ("watching", "polling") for row in each}
        yield _gauges("sdz_watch_up", "1 where the folder is watched as usual", by_state, well)


Rows = Mapping[tuple[Any, ...], float]
"""Figures by the values of their labels."""


def _counter(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> Any:
    return _filled(CounterMetricFamily(name, about, labels=labels), rows)


def _gauges(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> Any:
    return _filled(GaugeMetricFamily(name, about, labels=labels), rows)


def _gauge(name: str, about: str, value: float) -> Any:
    return GaugeMetricFamily(name, about, value=value)


def _filled(family: Any, rows: Rows) -> Any:
    for key, value in rows.items():
        family.add_metric([str(word) for word in key], value)
    return family
