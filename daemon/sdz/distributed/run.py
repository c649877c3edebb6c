"""A batch as a dataset of Ray: rows of pictures through a pool of actors, records out of it.

Ray moves names and records only; actors read and write the pictures themselves. When a node
dies, Ray gives what its actors had in hand to others.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from sdz import children
from sdz.distributed.actor import Encoding, write_item
from sdz.distributed.manifest import Record, merge, write_part
from sdz.distributed.plan import Plan, digest_of, intentions, make_plan
from sdz.distributed.stores import Store
from sdz.errors import ClusterFailed, ExtraMissing, PlaceUnusable
from sdz.wish import Wish

HERE: Final = "local"
"""The address that means: a cluster of this machine alone, for this batch."""

MOST_AT_ONCE: Final = 32
"""Pictures an actor is given at once; after so many it writes a part of the manifest."""
_SHARES: Final = 8  # of the work that an actor gets at least, so that all end at about one time


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What is asked for. jobs: actors; None: one for each GPU, or for each ``cpus`` processors
    where there is no GPU. force: outputs that are in the way are replaced."""

    source: str
    target: str
    wish: Wish
    address: str = HERE
    jobs: int | None = None
    cpus: int = 1
    force: bool = False


class Run:
    """A batch that is planned; ``plan`` says what there is to do. Iterating does it and gives the
    records, of what was refused too. Ended at any point, a later one goes on from there."""

    def __init__(self, batch: BatchRequest) -> None:
        self.batch = batch
        self._ray = _import_ray()
        self._source, self._target = Store(batch.source), Store(batch.target)
        if not self._source.exists():
            raise PlaceUnusable(batch.source, "there is no such folder")
        self._digest = digest_of(batch.wish)
        records = merge(self._target)
        self.plan: Plan = make_plan(
            self._source, self._target, self._digest, records, force=batch.force
        )

    def __iter__(self) -> Iterator[Record]:
        """Do it. Raises ClusterFailed."""
        write_part(self._target, "plan", 0, intentions(self.plan, self._digest))
        write_part(self._target, "plan", 1, self.plan.refused)
        yield from self.plan.refused
        try:
            if self.plan.items:
                yield from self._encoded()
        finally:
            merge(self._target)
            self._target.sweep(item.output for item in self.plan.items)

    def _encoded(self) -> Iterator[Record]:
        batch, ray = self.batch, self._ray
        with _cluster(ray, batch.address):
            gpus = int(ray.cluster_resources().get("GPU", 0))
            cpus = int(ray.cluster_resources().get("CPU", 1))
            jobs = batch.jobs or gpus or max(1, cpus // batch.cpus)
            at_once = max(1, min(MOST_AT_ONCE, len(self.plan.items) // (jobs * _SHARES)))
            # Blocks and not batches: a block is what is done again when its node dies.
            rows = [{"item": write_item(item)} for item in self.plan.items]
            dataset = ray.data.from_items(rows, override_num_blocks=-(-len(rows) // at_once))
            encoded = dataset.map_batches(
                Encoding,
                fn_constructor_args=(
                    self._source.address,
                    self._target.address,
                    asdict(batch.wish),
                    self._digest,
                    "cuda" if gpus else "cpu",
                    batch.cpus,
                ),
                batch_size=None,
                batch_format="numpy",
                compute=ray.data.ActorPoolStrategy(min_size=1, max_size=jobs, initial_size=jobs),
                num_cpus=batch.cpus,
                num_gpus=1 if gpus else 0,
            )
            try:
                for row in encoded.iter_rows():
                    yield Record.from_line(row["record"])
            except ray.exceptions.RayError as error:
                raise ClusterFailed(batch.address, _first_line(error)) from error


def _import_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    # Its core writes errors about itself to the terminal, through whatever is shown there.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import pyarrow  # type: ignore[import-untyped]  # noqa: F401 - of Ray's data
        import ray
        import ray.data
    except ImportError as error:
        raise ExtraMissing("ray", error.name or "ray") from error
    return ray


@contextmanager
def _cluster(ray: Any, address: str) -> Iterator[None]:
    """Connected to the cluster, and in the end no longer."""
    joined = not ray.is_initialized()
    if joined:
        try:
            # Ray has workers look for modules where the driver stands when it joins.
            with contextlib.chdir(children.WORKING_FOLDER):
                ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError, OSError) as error:
            raise ClusterFailed(address, _first_line(error)) from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield
    finally:
        if joined:
            ray.shutdown()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
