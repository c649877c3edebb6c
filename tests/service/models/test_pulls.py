"""Pulls of models apart from HTTP: what they tell, and that a model is fetched once."""

from __future__ import annotations

import asyncio
from typing import Any

from sdz.service.jobs.book import JobBook
from sdz.service.models.pulls import Failure, PullBook, Report


class Told(list[dict[str, Any]]):
    def __call__(self, _: str, data: dict[str, Any]) -> None:
        self.append(data)


async def test_a_pull_reports_and_is_done() -> None:
    async def pull(_: str, report: Report) -> None:
        report(3, 4)

    told = Told()
    jobs = JobBook(told)
    view = await jobs.wait(PullBook(jobs, pull).begin("taesd").id, 60)
    assert (view.kind, view.subject, view.state) == ("pull", "taesd", "done")
    assert (view.done, view.total) == (3, 4)
    assert [row["share"] for row in told] == [0.0, 0.75, 1.0]


async def test_how_a_process_says_that_it_failed() -> None:
    async def pull(_: str, __: Report) -> Failure:
        return "hub-offline", "no route"

    jobs = JobBook(Told())
    view = await jobs.wait(PullBook(jobs, pull).begin("taesd").id, 60)
    assert (view.state, view.error, view.detail) == ("failed", "hub-offline", "no route")


async def test_a_model_is_fetched_once() -> None:
    async def forever(_: str, __: Report) -> None:
        await asyncio.Event().wait()

    jobs = JobBook(Told())
    book = PullBook(jobs, forever)
    assert book.begin("taesd").id == book.begin("taesd").id != book.begin("sdxl").id
    await jobs.close()
