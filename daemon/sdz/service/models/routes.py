"""Routes on models and on the jobs that fetch them."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from sdz import children, errors
from sdz.engine.jobs import LoadJob, UnloadJob
from sdz.service.http.routing import BODY_REFUSALS, TAKES_NOTHING, Call, Gives, Route
from sdz.service.models.jobs import Failure, JobView, Report, Work
from sdz.service.models.shapes import Loaded, ModelList, ModelRow
from sdz.service.parts import ENGINE, JOBS, SETTINGS

_ENGINE_REFUSALS: Final = (errors.ModelError, errors.EngineError, errors.TookTooLong)


async def list_models(call: Call) -> ModelList:
    """Every model there is or could be."""
    from sdz.models.registry import list_models as rows_of

    resident = {model.name for model in call.request.app[ENGINE].status().models}
    rows = await asyncio.to_thread(rows_of)
    return ModelList(
        [
            ModelRow(
                row.name, row.state, row.size, row.repo, row.weights_hash, row.name in resident
            )
            for row in rows
        ]
    )


async def pull(call: Call) -> JobView:
    """Begin to fetch a model, or find the job that does already."""
    name = call.path_word("name")
    await asyncio.to_thread(_check_pullable, name)
    return call.request.app[JOBS].begin("pull", name, pull_work(name))


async def load(call: Call) -> Loaded:
    """Make a model ready."""
    name = call.path_word("name")
    await asyncio.to_thread(_check_known, name)
    return await _in_engine(call, name, LoadJob(name))


async def unload(call: Call) -> Loaded:
    """Let go of a model's memory. One that is not in memory stays as it is."""
    name = call.path_word("name")
    await asyncio.to_thread(_check_known, name)
    return await _in_engine(call, name, UnloadJob(name))


async def get_job(call: Call) -> JobView:
    """How far a job is."""
    return call.request.app[JOBS].get(call.path_word("id"))


async def cancel_job(call: Call) -> JobView:
    """End a job."""
    return await call.request.app[JOBS].cancel(call.path_word("id"))


async def _in_engine(call: Call, name: str, job: LoadJob | UnloadJob) -> Loaded:
    app = call.request.app
    limit_s = app[SETTINGS].service.request_timeout_s
    try:
        async with asyncio.timeout(limit_s):
            result = await app[ENGINE].run(job)
    except TimeoutError:
        raise errors.TookTooLong(limit_s) from None
    return Loaded(name, isinstance(job, LoadJob), result.device, round(result.seconds, 3))


def _check_known(name: str) -> None:
    from sdz.models import store
    from sdz.models.known import BUILT_IN

    store.check_name(name)
    if name != BUILT_IN:
        store.require(name)


def _check_pullable(name: str) -> None:
    from sdz.models import store
    from sdz.models.known import BUILT_IN, KNOWN

    store.check_name(name)
    if name == BUILT_IN:
        raise errors.BuiltInModel(name)
    if name not in KNOWN:
        raise errors.UnknownModel(name, store.known_names())


def pull_work(name: str) -> Work:
    """Fetch ``name`` in a process of its own: the hub's client stays out of the daemon's memory,
    and cancelling means ending the process. What has arrived is kept for the next try."""

    async def work(report: Report) -> Failure | None:
        process = await asyncio.create_subprocess_exec(
            *children.program("sdz.service.models.pull_worker"),
            name,
            cwd=children.WORKING_FOLDER,
            env=children.environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            failure = ("internal-error", "the process that fetches ended unasked")
            async for line in process.stdout:
                said = json.loads(line)
                if "done" in said:
                    report(said["done"], said["total"])
                else:
                    failure = (said["error"], said["detail"])
            return failure if await process.wait() else None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    return work


ROUTES: Final = (
    Route(
        "GET",
        "/v1/models",
        list_models,
        gives=(Gives(shape=ModelList, about="every model there is or could be"),),
        about="List models",
    ),
    Route(
        "POST",
        "/v1/models/{name}/pull",
        pull,
        gives=(Gives(202, JobView, about="the job that fetches it"),),
        about="Begin to fetch a model",
        takes=TAKES_NOTHING,
        refuses=(
            *BODY_REFUSALS,
            errors.BadModelName,
            errors.BuiltInModel,
            errors.UnknownModel,
        ),
    ),
    Route(
        "POST",
        "/v1/models/{name}/load",
        load,
        gives=(Gives(shape=Loaded, about="it is ready"),),
        about="Make a model ready",
        takes=TAKES_NOTHING,
        refuses=(*BODY_REFUSALS, *_ENGINE_REFUSALS),
    ),
    Route(
        "POST",
        "/v1/models/{name}/unload",
        unload,
        gives=(Gives(shape=Loaded, about="it is not in memory"),),
        about="Let go of a model's memory",
        takes=TAKES_NOTHING,
        refuses=(*BODY_REFUSALS, *_ENGINE_REFUSALS),
    ),
    Route(
        "GET",
        "/v1/jobs/{id}",
        get_job,
        gives=(Gives(shape=JobView, about="the job"),),
        about="How far a job is",
        refuses=(errors.NoSuchJob,),
    ),
    Route(
        "DELETE",
        "/v1/jobs/{id}",
        cancel_job,
        gives=(Gives(shape=JobView, about="the job, ended"),),
        about="Cancel a job",
        refuses=(errors.NoSuchJob,),
    ),
)
