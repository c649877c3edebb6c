"""Events apart from routes: replay, gaps, readers left behind."""

from __future__ import annotations

import pytest

from sdz.service.http import events as events_module
from sdz.service.http.events import EventLog, Reader


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
