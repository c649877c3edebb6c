"""Encodes as jobs, and what is said of a result in headers."""

from __future__ import annotations

import json
import time
from typing import Any

from aiohttp import web

from sdz.engine.jobs import EncodeJob, JobResult, Priority
from sdz.media import SDZ_TYPE
from sdz.printable import printable
from sdz.progress import Progress, seconds_left
from sdz.service.engine import ENGINE, RESULTS
from sdz.service.jobs.book import JOBS, Result, Tell
from sdz.service.jobs.shapes import JobView
from sdz.service.pictures import inspect as pictures

LONGEST_NAME = 255


def begin_encode(app: web.Application, data: bytes, query: Any) -> JobView:
    """Begin to encode a picture file as ``EncodeQuery`` says; the job that does."""
    job = EncodeJob(data, query.wish())
    priority = Priority.BACKGROUND if query.background else Priority.ENCODE

    async def work(tell: Tell) -> Result:
        began: float | None = None

        def on_progress(at: Progress) -> None:
            nonlocal began
            began = began or time.monotonic()
            left_s = seconds_left(at.share, time.monotonic() - began)
            tell(
                doing=at.doing,
                attempt=at.attempt,
                done=at.done,
                total=at.total,
                share=round(at.share, 3),
                left_s=None if left_s is None else round(left_s, 1),
            )

        tell(doing="waiting for its turn")
        result = await app[ENGINE].run(job, priority=priority, on_progress=on_progress)
        app[RESULTS][type(job).__name__, result.rung, result.device] += 1
        return Result(result.data, SDZ_TYPE, {**report_of(result), **how(result)})

    name = printable(query.name[:LONGEST_NAME]) or "picture"
    source = data if query.keep_source else None
    # A watched folder's thousands must not push out what a person waits for.
    once = priority is Priority.BACKGROUND
    return app[JOBS].begin("encode", name, work, attended=True, once=once, source=source)


def how(result: JobResult) -> dict[str, str]:
    """How a result came about. A rung other than the first is a fallback, and is said."""
    return {
        "Sdz-Device": result.device,
        "Sdz-Rung": result.rung,
        "Sdz-Seconds": f"{result.seconds:.3f}",
    }


def report_of(result: JobResult) -> dict[str, str]:
    """The file's own report as headers."""
    header = pictures.read_header(result.data, 2**32)
    headers = {
        "Sdz-Model": header.model.name,
        "Sdz-Width": str(header.width),
        "Sdz-Height": str(header.height),
    }
    if header.report is not None:
        headers["Sdz-Score"] = f"{header.report.score:.2f}"
        headers["Sdz-Worst-Region"] = f"{header.report.worst:.2f}"
        headers["Sdz-Psnr"] = f"{header.report.psnr:.2f}"
    notes = result.meta.get("notes")
    if notes:
        headers["Sdz-Notes"] = json.dumps(list(notes))  # ASCII by JSON's own escapes
    return headers
