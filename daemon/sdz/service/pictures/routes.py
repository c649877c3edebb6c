"""Routes on pictures: decode, encode, inspect. Each takes bytes, never a path or an address."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from sdz import errors
from sdz.container.summary import summarize
from sdz.engine.jobs import DecodeJob, EncodeJob, JobResult, PreviewJob, Priority, ScoresJob
from sdz.errors import SdzError
from sdz.media import MEDIA_TYPES, SDZ_IMAGE_TYPE, SDZ_TYPE
from sdz.models import require_reader
from sdz.service.engine import ENGINE, RESULTS
from sdz.service.http.bodies import LIMITS
from sdz.service.http.negotiate import choose_format, entity_tag, has_already
from sdz.service.http.routing import Call, Gives, Routes, Takes
from sdz.service.jobs.shapes import JobView
from sdz.service.pictures import inspect as pictures
from sdz.service.pictures import previews
from sdz.service.pictures.cache import CACHE, CachedPicture, picture_key
from sdz.service.pictures.encodes import begin_encode, how, report_of
from sdz.service.pictures.shapes import (
    DecodeQuery,
    EncodeQuery,
    Info,
    InspectQuery,
    PreviewsQuery,
)

_CACHE_CONTROL: Final = "private, no-cache"  # may be kept, but ask: a 304 costs next to nothing

_WORK_REFUSALS: Final = (
    errors.ModelError,
    errors.EngineError,
    errors.TookTooLong,
)

_HOW_HEADERS: Final = (
    ("Sdz-Device", "where it was done"),
    ("Sdz-Rung", "how: anything but batch or single is a fallback for want of memory"),
    ("Sdz-Seconds", "how long that took, without waiting"),
)

_SDZ_FILE: Final = Takes((SDZ_TYPE, SDZ_IMAGE_TYPE))

ROUTES: Final = Routes()


@ROUTES.add(
    "POST",
    "/v1/decode",
    "Decode a .sdz file",
    Gives(
        about="the picture, in the format that Accept likes best",
        media=tuple(MEDIA_TYPES.values()),
        headers=(
            ("ETag", "hash of file, weights, options and format"),
            ("Sdz-Cache", "hit, miss or none"),
            *_HOW_HEADERS,
        ),
    ),
    Gives(about="If-None-Match names the answer; no model was touched", status=304),
    query=DecodeQuery,
    headers=(("If-None-Match", "ETags of answers that the client has"),),
    takes=_SDZ_FILE,
    refuses=(errors.NotAcceptable, errors.FormatError, *_WORK_REFUSALS),
    heavy=True,
)
async def decode(call: Call) -> web.Response:
    """A ``.sdz`` file to a picture: from the client's own copy, from the cache, or decoded."""
    request, query = call.request, call.query
    kind = choose_format(request.headers.getall("Accept", ()), MEDIA_TYPES)
    header = pictures.read_header(call.data, call.app[LIMITS].pixels)
    key = await pictures.in_thread(
        picture_key,
        call.data,
        header.weights,
        kind,
        query.max_side,
        query.preview,
        query.stored,
        quick=len(call.data) <= pictures.QUICK_BYTES,
    )
    tag = entity_tag(key)
    kept = {"ETag": tag, "Cache-Control": _CACHE_CONTROL, "Vary": "Accept"}
    cache = call.app[CACHE]
    if has_already(request.headers.getall("If-None-Match", ()), tag):
        cache.lookups["client"] += 1
        return web.Response(status=304, headers=kept)
    if query.preview:
        # Whoever asks for a small one never waits for more than one large one.
        small = header.width * header.height <= previews.SOON_PIXELS
        job = PreviewJob(call.data, kind, query.max_side, query.stored)
        result = await _run(call, job, Priority.VIEW if small else Priority.BACKGROUND, key)
        picture = CachedPicture(result.data, result.media_type)
        return _picture(picture, {**kept, "Sdz-Cache": "none"})
    cached = await cache.get(key)
    cache.lookups["hit" if cached else "miss"] += 1
    if cached:
        return _picture(cached, {**kept, "Sdz-Cache": "hit"})
    require_reader(header)
    await pictures.unpack(call.data)  # damage is found here, before the engine is woken
    result = await _run(
        call,
        DecodeJob(call.data, kind, query.max_side, query.stored),
        Priority.BACKGROUND if query.background else Priority.VIEW,
        key,
    )
    picture = CachedPicture(result.data, result.media_type)
    cache.put(key, picture)
    return _picture(picture, {**kept, "Sdz-Cache": "miss", **how(result)})


@ROUTES.add(
    "POST",
    "/v1/previews",
    "The small pictures of several .sdz files, each as soon as it is there",
    Gives(about="parts: place, length, JPEG or PNG", media=(previews.PREVIEWS_TYPE,)),
    query=PreviewsQuery,
    takes=Takes((previews.LIST_TYPE,)),
    refuses=(errors.EngineError, errors.TookTooLong),
    heavy=True,
)
async def small(call: Call) -> web.StreamResponse:
    """Small pictures that need no model. One that cannot be is empty, and holds no other up."""
    files = previews.split(call.data)
    answer = web.StreamResponse()
    answer.content_type = previews.PREVIEWS_TYPE
    await answer.prepare(call.request)

    async def draw(number: int, data: bytes) -> None:
        drawn = b""
        with contextlib.suppress(SdzError):
            job, soon = previews.job_of(data, call.app[LIMITS].pixels, call.query.max_side)
            drawn = (await _run(call, job, Priority.VIEW if soon else Priority.BACKGROUND)).data
        await answer.write(previews.part(number, drawn))

    try:
        async with asyncio.TaskGroup() as group:
            for number, data in enumerate(files):
                group.create_task(draw(number, data))
        await answer.write_eof()
    except* ConnectionError:
        pass  # nobody waits for the rest
    return answer


@ROUTES.add(
    "POST",
    "/v1/encode",
    "Encode a picture in any usual format",
    Gives(
        about="the .sdz file",
        media=(SDZ_TYPE,),
        headers=(
            ("Sdz-Model", "the autoencoder"),
            ("Sdz-Width", "pixels"),
            ("Sdz-Height", "pixels"),
            ("Sdz-Score", "SSIMULACRA2 of the decoded picture"),
            ("Sdz-Worst-Region", "SSIMULACRA2 of its worst region"),
            ("Sdz-Psnr", "dB"),
            ("Sdz-Notes", "what was changed on the way in: a JSON list of texts"),
            *_HOW_HEADERS,
        ),
    ),
    Gives(JobView, "with later: the job that encodes it", status=202),
    query=EncodeQuery,
    takes=Takes(("image/*", "application/octet-stream")),
    refuses=(errors.ImageError, errors.EncodeError, *_WORK_REFUSALS),
    heavy=True,
)
async def encode(call: Call) -> web.Response:
    """A picture file to a ``.sdz`` file, with what was measured of it in the headers."""
    query: EncodeQuery = call.query
    wish = query.wish()
    await pictures.check_image(call.data, call.app[LIMITS].pixels)
    if query.later:
        view = begin_encode(call.app, call.data, query)
        return web.json_response(asdict(view), status=202)
    result = await _run(
        call,
        EncodeJob(call.data, wish),
        Priority.BACKGROUND if query.background else Priority.ENCODE,
        patience=wish.patience,
    )
    headers = {"Cache-Control": "no-store", **report_of(result), **how(result)}
    return web.Response(body=result.data, content_type=SDZ_TYPE, headers=headers)


@ROUTES.add(
    "POST",
    "/v1/inspect",
    "What a .sdz file says of itself",
    Gives(Info, "header, sizes and fidelity report"),
    query=InspectQuery,
    takes=_SDZ_FILE,
    refuses=(errors.FormatError, errors.EngineError, errors.TookTooLong),
    heavy=True,
)
async def inspect(call: Call) -> web.Response:
    """What a ``.sdz`` file says of itself."""
    file = await pictures.unpack(call.data)
    row = summarize(file, len(call.data))
    if call.query.map:
        row["map"] = None
        if file.scores is not None:
            result = await _run(call, ScoresJob(call.data), Priority.VIEW, None)
            row["map"] = {**result.meta, "classes": result.data.decode()}
    return web.json_response(row)


async def _run(
    call: Call, job: Any, priority: Priority, key: str | None = None, patience: float = 1
) -> JobResult:
    """Have the engine do a job within the time that answers may take, ``patience`` times that."""
    async with call.in_time(patience):
        result = await call.app[ENGINE].run(job, priority=priority, key=key)
    call.app[RESULTS][type(job).__name__, result.rung, result.device] += 1
    return result


def _picture(picture: CachedPicture, headers: dict[str, str]) -> web.Response:
    return web.Response(body=picture.data, content_type=picture.media_type, headers=headers)
