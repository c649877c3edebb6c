"""Events and jobs apart from HTTP: replay, gaps, readers left behind, states."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sdz.errors import HubOffline, NoSuchJob
from sdz.service.models import jobs as jobs_module
from sdz.service.models.jobs import JobBook, Report
from sdz.service.system import events as events_module
from sdz.service.system.events import EventLog, Reader


async def drain(reader: Reader) -> list[str]:
    reader.end()
    found = []
    while (event := await reader.next()) is not None:
        found.append(f"{event.id} {event.kind}")
    return found


async def test_who_comes_back_gets_what_was_missed() -> None:
    log = EventLog(boot="b")
    for kind in ("one", "two", "three"):
        log.publish(kind, {})
    with log.listen("b-1") as reader:
        log.publish("four", {})
        assert await drain(reader) == ["b-2 two", "b-3 three", "b-4 four"]
    with log.listen("b-4") as reader:
        assert await drain(reader) == []
    with log.listen(None) as reader:
        assert await drain(reader) == []


@pytest.mark.parametrize("last", ["b-1", "a-4", "b-99", "b-x", "", "-", "b--1", "b-" + "9" * 99])
async def test_what_cannot_be_replayed_is_a_gap(last: str) -> None:
    log = EventLog(boot="b", kept=2)
    for _ in range(4):
        log.publish("thing", {})
    with log.listen(last) as reader:
        assert await drain(reader) == ["b-4 gap"]


async def test_a_reader_too_far_behind_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "WAITING", 3)
    log = EventLog(boot="b")
    with log.listen(None) as reader:
        for _ in range(10):
            log.publish("thing", {})
        assert await drain(reader) == ["b-1 thing", "b-2 thing", "b-3 thing"]


def test_an_event_is_one_line_of_data() -> None:
    log = EventLog(boot="b")
    log.publish("job", {"text": "a\nb\u2028c"})
    event = log._missed("b-0")[0]
    assert event.encode() == b'id: b-1\nevent: job\ndata: {"text":"a\\nb\\u2028c"}\n\n'


class Told(list[tuple[str, str]]):
    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        self.append((kind, data["state"]))


async def finish(book: JobBook, job: str) -> None:
    async with asyncio.timeout(10):
        while book.get(job).state == "running":
            await asyncio.sleep(0)


async def test_a_job_reports_and_is_done() -> None:
    told = Told()
    book = JobBook(told)

    async def work(report: Report) -> None:
        report(3, 4)

    job = book.begin("pull", "taesd", work)
    await finish(book, job.id)
    view = book.get(job.id)
    assert (view.state, view.done, view.total) == ("done", 3, 4)
    assert view.ended is not None
    assert told == [("job", "running"), ("job", "running"), ("job", "done")]


async def test_a_job_fails_with_its_code() -> None:
    book = JobBook(Told())

    async def offline(_: Report) -> None:
        raise HubOffline("taesd", "https://hub.invalid", "no route")

    async def faulty(_: Report) -> None:
        raise ZeroDivisionError("a secret")

    first = book.begin("pull", "taesd", offline)
    second = book.begin("pull", "sdxl", faulty)
    await finish(book, first.id)
    await finish(book, second.id)
    assert (book.get(first.id).state, book.get(first.id).error) == ("failed", "hub-offline")
    assert book.get(second.id).detail == "ZeroDivisionError"


async def test_closing_cancels_what_runs_and_old_jobs_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs_module, "KEPT", 2)
    book = JobBook(Told())

    async def forever(_: Report) -> None:
        await asyncio.Event().wait()

    jobs = [book.begin("pull", name, forever) for name in "abc"]
    await asyncio.sleep(0)
    await book.close()
    assert [view.state for view in book.all()] == ["cancelled", "cancelled"]
    with pytest.raises(NoSuchJob):
        book.get(jobs[0].id)
