"""Pictures side by side: places, memory, being alone. Threads wait for each other, not for time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from sdz.engine.room import Room, SideBySide
from sdz.processors import threads_here

PATIENCE_S = 20.0


def in_a_thread(work: Callable[[], Any]) -> Future[Any]:
    """What ``work`` gives, in time."""
    ending: Future[Any] = Future()

    def run() -> None:
        try:
            ending.set_result(work())
        except BaseException as error:
            ending.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return ending


def until(seen: Callable[[], bool]) -> None:
    """Let the other threads come so far."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.001)):
        if seen():
            return
        pause.wait(0.001)
    raise AssertionError


def nothing() -> None:
    pass


def test_there_are_as_many_as_places() -> None:
    room = Room(2, 100)
    room.enter(1)
    room.enter(1)
    third = in_a_thread(lambda: room.enter(1))
    assert not third.done()
    room.leave(1)
    third.result(PATIENCE_S)
    assert (room.inside, room.needed) == (2, 2)


def test_memory_bounds_them_but_for_the_first() -> None:
    room = Room(4, 100)
    room.enter(500)
    second = in_a_thread(lambda: room.enter(1))
    assert not second.done()
    room.leave(500)
    second.result(PATIENCE_S)
    room.enter(99)
    assert room.needed == 100


def test_who_wants_to_be_alone_waits_for_the_others_and_keeps_more_out() -> None:
    room = Room(3, 100)
    room.enter(1)  # the other
    room.enter(1)  # who wants to be alone
    wanted = threading.Event()
    seen: list[int] = []

    def alone() -> None:
        wanted.set()
        with room.alone():
            seen.append(room.inside)

    one = in_a_thread(alone)
    wanted.wait(PATIENCE_S)
    until(lambda: room.inside == 1)  # it has begun to wait
    third = in_a_thread(lambda: room.enter(1))
    assert not one.done()
    room.leave(1)
    one.result(PATIENCE_S)
    third.result(PATIENCE_S)
    assert (seen, room.inside) == ([1], 2)


def test_several_that_want_to_be_alone_take_turns() -> None:
    room = Room(4, 100)
    at_once, most = 0, 0

    def alone() -> None:
        nonlocal at_once, most
        with room.alone():
            at_once += 1
            most = max(most, at_once, room.inside)
            at_once -= 1
        room.leave(1)

    for _ in range(4):
        room.enter(1)
    for one in [in_a_thread(alone) for _ in range(4)]:
        one.result(PATIENCE_S)
    room.wait_until_empty()
    assert (most, room.inside, room.needed) == (1, 0, 0)


def test_work_begins_beside_other_work_and_shares_the_threads() -> None:
    beside = SideBySide(Room(2, 100), threads=6)
    meeting = threading.Barrier(2)
    go_on, last = threading.Event(), threading.Event()
    seen: list[int] = []

    def work(wait: threading.Event) -> None:
        meeting.wait(PATIENCE_S)
        seen.append(threads_here())
        wait.wait(PATIENCE_S)

    beside.begin(1, lambda: work(go_on))
    second = in_a_thread(lambda: beside.begin(1, lambda: work(last)))
    until(lambda: len(seen) == 2)
    assert seen == [3, 3]
    assert not second.done()  # there is no place for one more
    go_on.set()
    second.result(PATIENCE_S)
    last.set()
    beside.room.wait_until_empty()
    beside.begin(None, lambda: seen.append(threads_here()))
    beside.room.wait_until_empty()
    assert seen == [3, 3, 6]


def test_a_lack_of_memory_beside_others_is_tried_alone() -> None:
    beside = SideBySide(Room(2, 100), threads=2)
    tries: list[tuple[int, int]] = []
    given_back: list[bool] = []
    failed = threading.Event()
    other_is_in = threading.Event()

    def make(others_need: int) -> str:
        tries.append((beside.room.inside, others_need))
        if len(tries) == 1:
            raise MemoryError
        return "made"

    def short() -> None:
        other_is_in.wait(PATIENCE_S)
        made = beside.run(make, lambda: (given_back.append(True), failed.set()), beside_others=True)  # type: ignore[arg-type, return-value]
        assert made == "made"

    def other() -> None:
        other_is_in.set()
        failed.wait(PATIENCE_S)

    first = in_a_thread(lambda: beside.begin(30, short))
    first.result(PATIENCE_S)
    beside.begin(20, other)
    beside.room.wait_until_empty()
    assert tries == [(2, 20), (1, 0)]
    assert given_back == [True]


@pytest.mark.parametrize("error", [MemoryError(), ValueError()])
def test_who_is_alone_already_is_not_tried_again(error: Exception) -> None:
    beside = SideBySide(Room(2, 100), threads=2)
    tries: list[int] = []

    def make(_: int) -> None:
        tries.append(1)
        raise error

    def work() -> None:
        with pytest.raises(type(error)):
            beside.run(make, nothing, beside_others=True)

    beside.begin(1, work)
    beside.room.wait_until_empty()
    assert tries == [1]
