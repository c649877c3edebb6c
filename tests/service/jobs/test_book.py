"""Jobs apart from HTTP and from what they do: how they end, what is kept, what is forgotten."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from service_kit import Clock

from sdz.errors import HubOffline, NoSuchJob
from sdz.service.jobs import book as module
from sdz.service.jobs.book import Failed, JobBook, Result, Tell


class Told(list[tuple[str, str]]):
    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        self.append((kind, data["state"]))


async def forever(_: Tell) -> None:
    await asyncio.Event().wait()


def making(data: bytes) -> Any:
    async def work(tell: Tell) -> Result:
        tell(doing="coding", share=0.5)
        return Result(data, "application/x-sdz", {"Sdz-Score": "50"})

    return work


async def finish(book: JobBook, job: str) -> None:
    async with asyncio.timeout(120):
        while book.get(job).state == "running":
            await asyncio.sleep(0)


async def test_a_job_tells_and_its_result_can_be_fetched_again() -> None:
    told = Told()
    book = JobBook(told)
    job = book.begin("encode", "photo.jpg", making(b"made"))
    view = await book.wait(job.id, 60)
    assert (view.state, view.doing, view.share, view.result) == ("done", "coding", 1.0, True)
    assert view.ended is not None
    assert book.result(job.id).data == book.result(job.id).data == b"made"
    assert told == [("job", "running"), ("job", "running"), ("job", "done")]


async def test_a_wait_ends_before_the_job() -> None:
    book = JobBook(Told())
    job = book.begin("encode", "photo.jpg", forever)
    assert (await book.wait(job.id, 0)).state == "running"
    with pytest.raises(NoSuchJob):
        book.result(job.id)
    await book.close()


async def test_a_job_fails_with_its_code() -> None:
    async def offline(_: Tell) -> None:
        raise HubOffline("taesd", "https://hub.invalid", "no route")

    async def fault(_: Tell) -> None:
        raise ZeroDivisionError("a secret")

    async def said(_: Tell) -> Failed:
        return Failed("no-space", "the disk is full")

    book = JobBook(Told())
    jobs = [book.begin("pull", "m", work) for work in (offline, fault, said)]
    for job in jobs:
        await finish(book, job.id)
    assert [book.get(job.id).error for job in jobs] == ["hub-offline", "internal-error", "no-space"]
    assert book.get(jobs[1].id).detail == "ZeroDivisionError"


async def test_what_nobody_asks_about_ends_and_what_somebody_does_goes_on() -> None:
    clock = Clock()
    book = JobBook(Told(), clock)
    left, asked = (book.begin("encode", name, forever, attended=True) for name in ("a", "b"))
    pull = book.begin("pull", "m", forever)
    await asyncio.sleep(0)
    for _ in range(3):
        clock.now += module.UNASKED_S / 2 + 1
        book.ask(asked.id)
        book.sweep()
    await finish(book, left.id)
    assert [view.state for view in book.all()] == ["cancelled", "running", "running"]
    assert book.running("pull", "m") == book.get(pull.id)
    await book.close()


async def test_results_are_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESULTS_BYTES", 10)
    clock = Clock()
    book = JobBook(Told(), clock)
    jobs = [book.begin("encode", "a", making(b"123456")) for _ in range(2)]
    for job in jobs:
        await finish(book, job.id)
    book.sweep()
    assert [book.get(job.id).result for job in jobs] == [False, True]
    clock.now += module.RESULT_KEPT_S + 1
    book.sweep()
    with pytest.raises(NoSuchJob):
        book.result(jobs[1].id)


async def test_closing_cancels_what_runs_and_old_jobs_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    book = JobBook(Told())
    jobs = [book.begin("pull", name, forever) for name in "abc"]
    await asyncio.sleep(0)
    await book.close()
    assert [view.state for view in book.all()] == ["cancelled", "cancelled"]
    with pytest.raises(NoSuchJob):
        book.get(jobs[0].id)
