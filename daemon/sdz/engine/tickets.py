"""A job on its way: its lane, its place, and what it could be run together with.

There are four lanes, each worked off by a process of its own: ``view`` is what somebody is
waiting for in front of a page, ``work`` is encoding and whatever has background priority,
``search`` is encoding at high effort, which takes minutes where the others take a second,
``glance`` are previews, which need no torch.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from sdz import container
from sdz.engine.jobs import DecodeJob, EncodeJob, Job, PreviewJob, Priority, ScoresJob
from sdz.engine.settings import LaneName

BATCH_SIDE: Final = 48
"""Latents a side up to which pictures are decoded together; larger ones are tiled anyway."""


class TicketState(enum.Enum):
    """Where a ticket is on its way."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


@dataclass(eq=False, slots=True)
class Ticket:
    """A job on its way, and how many callers wait for it.

    key: equal keys mean equal results. together: decodes with an equal value may be one batch.
    pixels: what it adds to a batch. deadline: a reading of the clock. alone: with no
    other any more, since it was among several when the process crashed.
    """

    number: int
    job: Job
    lane: LaneName
    priority: Priority
    size: int
    key: Hashable | None = None
    together: Hashable | None = None
    pixels: int = 0
    deadline: float | None = None
    waiters: int = 1
    attempts: int = 0
    alone: bool = False
    state: TicketState = TicketState.QUEUED


@dataclass(frozen=True, slots=True)
class BatchLimit:
    """How many pictures, and pixels of them together, may be decoded at once."""

    count: int = 1
    pixels: int = 0


def lane_of(job: Job, priority: Priority) -> LaneName:
    """The lane that does ``job``."""
    if isinstance(job, EncodeJob):
        return "search" if job.wish.effort == "high" else "work"
    if isinstance(job, PreviewJob | ScoresJob):
        return "glance"
    if isinstance(job, DecodeJob) and priority is not Priority.VIEW:
        return "work"
    return "view"


def together(job: Job) -> tuple[Hashable | None, int]:
    """What a job has in common with those it could be a batch with, and the pixels it adds.

    Reads the header of a decode, and so raises FormatError for what is no ``.sdz`` file.
    """
    if not isinstance(job, DecodeJob):
        return None, 0
    header = container.read_header(job.data)
    shape = header.latent_shape
    if header.tiling is not None or max(shape[1:]) > BATCH_SIDE:
        return None, 0
    return (header.model, header.weights, shape), header.width * header.height
