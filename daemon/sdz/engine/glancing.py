"""Previews, in a child of their own without torch: light, started at once, and held to limits.

A preview is a few milliseconds for a picture that somebody made, and as long as its maker likes for
one that was made to do harm: 40 bytes asked for 4.4 GB. Here both time and memory are bounded
by what the header says, and a child that takes more, or works for nobody, is killed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from sdz import container
from sdz.codec.score_map import as_digits, cells_in
from sdz.engine import memory
from sdz.engine.images import write_image
from sdz.engine.jobs import NO_MEDIA_TYPE, JobResult, PreviewJob, ScoresJob
from sdz.engine.limits import hold_time, little_memory
from sdz.engine.server import Order, Server
from sdz.errors import TooCostly
from sdz.media import MEDIA_TYPES
from sdz.pictures import preview, score_map

# The least is for what every preview takes, the rest ten times what was measured of photographs
# (two cores, 2.2 us a byte; 25 ns a symbol of a page that is blank; 5 bytes a symbol).
LEAST_S: Final = 2.0
_TIDY_S: Final = 1.0
S_PER_BYTE: Final = 2e-5
S_PER_SYMBOL: Final = 1e-7
MOST_SYMBOLS: Final = 1 << 24
"""Of a picture that has more (20 megapixels) only as many are decoded: its first channels, which
lite-1 has in the order of what they carry."""
LEAST_BYTES: Final = 256 << 20
BYTES_PER_SYMBOL: Final = 8


def cost_of(data: bytes) -> tuple[float, int]:
    """(seconds, bytes of memory) that the preview of a file may take. Raises FormatError."""
    channels, rows, columns = container.read_header(data).latent_shape
    symbols = channels * rows * columns
    seconds = LEAST_S + S_PER_BYTE * len(data) + S_PER_SYMBOL * min(symbols, MOST_SYMBOLS)
    return seconds, LEAST_BYTES + BYTES_PER_SYMBOL * symbols


def draw(job: PreviewJob) -> JobResult:
    """The small picture as a file. Raises FormatError, NoPreview, UnknownModel, WeightsMismatch."""
    began = time.perf_counter()
    _, rows, columns = container.read_header(job.data).latent_shape
    few = max(1, MOST_SYMBOLS // (rows * columns))
    if job.channels is not None:
        few = min(few, job.channels)
    pixels = np.asarray(preview(job.data, channels=few, alpha=job.alpha))
    data, width, height = write_image(pixels, job.format, max_side=job.max_side, stored=job.stored)
    meta = {"width": width, "height": height}
    seconds = time.perf_counter() - began
    return JobResult(data, MEDIA_TYPES[job.format], meta, "single", "cpu", seconds)


def read_scores(job: ScoresJob) -> JobResult:
    """The map of scores, as digits. Raises FormatError."""
    began = time.perf_counter()
    classes = score_map(job.data)
    assert classes is not None
    meta = {"cell": container.CELL, "rows": classes.shape[0], "columns": classes.shape[1]}
    digits = as_digits(classes).encode()
    seconds = time.perf_counter() - began
    return JobResult(digits, NO_MEDIA_TYPE, meta, "single", "cpu", seconds)


class Glancer:
    """See ``server.Worker``."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._untidy = False

    def about(self) -> dict[str, Any]:
        """What there is: a processor."""
        return {"device": "cpu", "pid": os.getpid(), "resident_bytes": memory.resident_bytes()}

    def memory(self) -> dict[str, Any]:
        """No models, ever."""
        return {"models": [], "resident_bytes": memory.resident_bytes(), "changes": []}

    def rest_s(self) -> float | None:
        """Memory is given back a while after the last: between two it would be asked for anew."""
        return _TIDY_S if self._untidy else None

    def tidy(self) -> bool:
        """Give memory back."""
        self._untidy = False
        memory.trim()
        return True

    def run(self, orders: Sequence[Order]) -> None:
        """Do them one by one."""
        for order in orders:
            try:
                self._server.done(order.number, self._do(order))
            except MemoryError:
                self._server.failed(order.number, TooCostly("memory"))
            except Exception as error:
                self._server.failed(order.number, error)
        self._untidy = True

    def _do(self, order: Order) -> JobResult:
        match order.job:
            case PreviewJob() as job:
                seconds, more = cost_of(job.data)
                hold_time(seconds)
                with little_memory(more):
                    return draw(job)
            case ScoresJob() as job:
                cells = cells_in(container.read_header(job.data))
                hold_time(LEAST_S + S_PER_BYTE * len(job.data) + S_PER_SYMBOL * cells)
                with little_memory(LEAST_BYTES + BYTES_PER_SYMBOL * cells):
                    return read_scores(job)
            case other:
                raise TypeError(type(other).__name__)
