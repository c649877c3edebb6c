"""Routes on models."""

from __future__ import annotations

import asyncio
from typing import Final

from sdz import errors, models
from sdz.engine.jobs import LoadJob, UnloadJob
from sdz.service.engine import ENGINE
from sdz.service.http.routing import Call, Gives, Routes
from sdz.service.jobs.shapes import JobView
from sdz.service.models.pulls import PULLS
from sdz.service.models.shapes import ListedModel, Loaded, ModelList

_ENGINE_REFUSALS: Final = (errors.ModelError, errors.EngineError, errors.TookTooLong)

ROUTES: Final = Routes()


@ROUTES.add(
    "GET", "/v1/models", "List models", Gives(ModelList, "every model there is or could be")
)
async def list_models(call: Call) -> ModelList:
    """Every model there is or could be."""
    resident = {model.name for model in call.app[ENGINE].status().models}
    rows = await asyncio.to_thread(models.list_models)
    return ModelList([_listed(row, resident=row.name in resident) for row in rows])


def _listed(row: models.ModelRow, *, resident: bool) -> ListedModel:
    known = models.about(row.name)
    return ListedModel(
        row.name,
        row.state,
        row.size,
        row.repo,
        row.weights_hash,
        resident,
        known.purpose,
        known.licence,
        models.page(row.name),
        known.bytes,
        known.needs,
    )


@ROUTES.add(
    "POST",
    "/v1/models/{name}/pull",
    "Begin to fetch a model",
    Gives(JobView, "the job that fetches it", status=202),
    refuses=(errors.BadModelName, errors.BuiltInModel, errors.UnknownModel),
)
async def pull(call: Call) -> JobView:
    """Begin to fetch a model, or find the job that does already."""
    name = call.path_word("name")
    await asyncio.to_thread(models.require_pullable, name)
    return call.app[PULLS].begin(name)


@ROUTES.add(
    "POST",
    "/v1/models/{name}/load",
    "Make a model ready",
    Gives(Loaded, "it is ready"),
    refuses=_ENGINE_REFUSALS,
)
async def load(call: Call) -> Loaded:
    """Make a model ready."""
    name = call.path_word("name")
    await asyncio.to_thread(models.require_loadable, name)
    return await _in_engine(call, name, LoadJob(name))


@ROUTES.add(
    "POST",
    "/v1/models/{name}/unload",
    "Let go of a model's memory",
    Gives(Loaded, "it is not in memory"),
    refuses=_ENGINE_REFUSALS,
)
async def unload(call: Call) -> Loaded:
    """Let go of a model's memory. One that is not in memory stays as it is."""
    name = call.path_word("name")
    await asyncio.to_thread(models.require_loadable, name)
    return await _in_engine(call, name, UnloadJob(name))


async def _in_engine(call: Call, name: str, job: LoadJob | UnloadJob) -> Loaded:
    async with call.in_time():
        result = await call.app[ENGINE].run(job)
    return Loaded(name, isinstance(job, LoadJob), result.device, round(result.seconds, 3))
