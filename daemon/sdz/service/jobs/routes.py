"""Routes on jobs."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from sdz import errors
from sdz.media import SDZ_TYPE
from sdz.service.http.routing import Access, Call, Gives, Routes
from sdz.service.jobs.book import JOBS
from sdz.service.jobs.shapes import JobList, JobQuery, JobView

BYTES_TYPE: Final = "application/octet-stream"

ROUTES: Final = Routes()


@ROUTES.add("GET", "/v1/jobs", "List jobs", Gives(JobList, "those that can still be asked about"))
async def list_jobs(call: Call) -> JobList:
    """Those that run and the last that ended."""
    return JobList(call.app[JOBS].all())


@ROUTES.add(
    "GET",
    "/v1/jobs/{id}",
    "How far a job is",
    Gives(JobView, "the job"),
    query=JobQuery,
    refuses=(errors.NoSuchJob,),
)
async def get_job(call: Call) -> JobView:
    """How far a job is, now or when it has ended."""
    return await call.app[JOBS].wait(call.path_word("id"), call.query.wait_s)


@ROUTES.add(
    "GET",
    "/v1/jobs/{id}/result",
    "What a job made",
    Gives(about="the file, as the request itself would have been answered", media=(SDZ_TYPE,)),
    refuses=(errors.NoSuchJob,),
)
async def get_result(call: Call) -> web.Response:
    """What a job made; it can be fetched again for some minutes, that of background work not."""
    result = call.app[JOBS].result(call.path_word("id"))
    headers = {"Cache-Control": "no-store", **result.headers}
    return web.Response(body=result.data, content_type=result.media_type, headers=headers)


@ROUTES.add(
    "GET",
    "/v1/jobs/{id}/source",
    "What a job is made of",
    Gives(about="the picture that was sent, where it was to be kept", media=(BYTES_TYPE,)),
    access=Access.LOCAL,
    refuses=(errors.NoSuchJob,),
)
async def get_source(call: Call) -> web.Response:
    """The picture that was sent, for the dashboard that shows it again."""
    data = call.app[JOBS].source(call.path_word("id"))
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=data, content_type=BYTES_TYPE, headers=headers)


@ROUTES.add(
    "DELETE",
    "/v1/jobs/{id}",
    "Cancel a job",
    Gives(JobView, "the job, ended"),
    refuses=(errors.NoSuchJob,),
)
async def cancel_job(call: Call) -> JobView:
    """End a job."""
    return await call.app[JOBS].cancel(call.path_word("id"))
