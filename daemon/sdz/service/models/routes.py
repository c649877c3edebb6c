"""Routes on models and on the jobs that fetch them."""

from __future__ import annotations

import asyncio
from typing import Final

from sdz import errors, models
from sdz.engine.jobs import LoadJob, UnloadJob
from sdz.service.engine import ENGINE
from sdz.service.http.routing import TAKES_NOTHING, Call, Gives, Route
from sdz.service.models.pulls import PULLS
from sdz.service.models.shapes import JobView, Loaded, ModelList, ModelRow

_ENGINE_REFUSALS: Final = (errors.ModelError, errors.EngineError, errors.TookTooLong)


async def list_models(call: Call) -> ModelList:
    """Every model there is or could be."""
    resident = {model.name for model in call.app[ENGINE].status().models}
    rows = await asyncio.to_thread(models.list_models)
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
    await asyncio.to_thread(models.require_pullable, name)
    return call.app[PULLS].begin(name)


async def load(call: Call) -> Loaded:
    """Make a model ready."""
    name = call.path_word("name")
    await asyncio.to_thread(models.require_loadable, name)
    return await _in_engine(call, name, LoadJob(name))


async def unload(call: Call) -> Loaded:
    """Let go of a model's memory. One that is not in memory stays as it is."""
    name = call.path_word("name")
    await asyncio.to_thread(models.require_loadable, name)
    return await _in_engine(call, name, UnloadJob(name))


async def get_job(call: Call) -> JobView:
    """How far a job is."""
    return call.app[PULLS].get(call.path_word("id"))


async def cancel_job(call: Call) -> JobView:
    """End a job."""
    return await call.app[PULLS].cancel(call.path_word("id"))


async def _in_engine(call: Call, name: str, job: LoadJob | UnloadJob) -> Loaded:
    async with call.in_time():
        result = await call.app[ENGINE].run(job)
    return Loaded(name, isinstance(job, LoadJob), result.device, round(result.seconds, 3))


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
        refuses=_ENGINE_REFUSALS,
    ),
    Route(
        "POST",
        "/v1/models/{name}/unload",
        unload,
        gives=(Gives(shape=Loaded, about="it is not in memory"),),
        about="Let go of a model's memory",
        takes=TAKES_NOTHING,
        refuses=_ENGINE_REFUSALS,
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
