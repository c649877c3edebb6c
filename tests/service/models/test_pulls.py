"""Pulls of models apart from HTTP: what they tell, how they end, what is forgotten."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sdz.errors import HubOffline, NoSuchJob
from sdz.service.models import pulls as pulls_module
from sdz.service.models.pulls import PullBook, Report


class Told(list[tuple[str, str]]):
    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        self.append((kind, data["state"]))


async def finish(book: PullBook, job: str) -> None:
    async with asyncio.timeout(120):
        while book.get(job).state == "running":
            await asyncio.sleep(0)


async def test_a_job_reports_and_is_done() -> None:
    async def pull(_: str, report: Report) -> None:
        report(3, 4)

    told = Told()
    book = PullBook(told, pull)
    job = book.begin("taesd")
    await finish(book, job.id)
    view = book.get(job.id)
    assert (view.state, view.done, view.total) == ("done", 3, 4)
    assert view.ended is not None
    assert told == [("job", "running"), ("job", "running"), ("job", "done")]


async def test_a_job_fails_with_its_code() -> None:
    async def pull(model: str, _: Report) -> None:
        if model == "taesd":
            raise HubOffline("taesd", "https://hub.invalid", "no route")
        raise ZeroDivisionError("a secret")

    book = PullBook(Told(), pull)
    first, second = book.begin("taesd"), book.begin("sdxl")
    await finish(book, first.id)
    await finish(book, second.id)
    assert (book.get(first.id).state, book.get(first.id).error) == ("failed", "hub-offline")
    assert book.get(second.id).detail == "ZeroDivisionError"


async def test_closing_cancels_what_runs_and_old_jobs_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulls_module, "KEPT", 2)

    async def forever(_: str, __: Report) -> None:
        await asyncio.Event().wait()

    book = PullBook(Told(), forever)
    jobs = [book.begin(name) for name in "abc"]
    await asyncio.sleep(0)
    await book.close()
    assert [view.state for view in book.all()] == ["cancelled", "cancelled"]
    with pytest.raises(NoSuchJob):
        book.get(jobs[0].id)
