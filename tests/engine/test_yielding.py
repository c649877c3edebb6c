"""When encodes rest and for how long, by a clock that only the test moves."""

from __future__ import annotations

from typing import Any

import pytest

from sdz.engine import DecodeJob, EncodeJob, LoadJob, PreviewJob, Priority
from sdz.engine.scheduler import Scheduler
from sdz.engine.tickets import BatchLimit
from sdz.engine.yielding import REST_S, WORK_S, Yielding

# --- whose turn it is -----------------------------------------------------------------------------


def test_without_viewers_nobody_rests(clock: Any) -> None:
    yielding = Yielding(clock)
    for _ in range(5):
        assert not yielding.rests(False)
        assert yielding.left_s() is None
        clock.now += REST_S


def test_it_rests_as_soon_and_as_long_as_there_are_viewers(clock: Any) -> None:
    yielding = Yielding(clock)
    assert yielding.rests(True)
    assert yielding.left_s() == REST_S
    clock.now += REST_S / 4
    assert yielding.rests(True)
    assert yielding.left_s() == REST_S * 3 / 4
    assert not yielding.rests(False)
    assert yielding.left_s() is None


def test_no_rest_is_longer_than_it_may_be_and_work_follows(clock: Any) -> None:
    yielding = Yielding(clock)
    for _ in range(3):
        assert yielding.rests(True)
        clock.now += REST_S
        assert not yielding.rests(True)
        assert yielding.left_s() == WORK_S
        clock.now += WORK_S / 2
        assert not yielding.rests(True)
        assert yielding.left_s() == WORK_S / 2
        clock.now += WORK_S / 2


@pytest.mark.parametrize("each_s", [1 / 64, 1 / 4, 16.0])
@pytest.mark.parametrize("gap_s", [0.0, 1 / 1024])
def test_it_has_its_share_however_viewers_come_and_go(
    clock: Any, each_s: float, gap_s: float
) -> None:
    """One after the other, with next to nothing between them."""
    yielding = Yielding(clock)
    worked_s, end = 0.0, clock.now + 600
    while clock.now < end:
        gone = clock.now + each_s
        while (left_s := gone - clock.now) > 0:
            rests = yielding.rests(True)
            passed_s = min(left_s, yielding.left_s() or left_s)
            worked_s += 0 if rests else passed_s
            clock.now += passed_s
        yielding.rests(False)
        worked_s += gap_s
        clock.now += gap_s
    share = WORK_S / (REST_S + WORK_S)
    assert worked_s / 600 > 0.99 * share


# --- who is a viewer ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("job", "priority", "is_one"),
    [
        (DecodeJob(b""), Priority.VIEW, True),
        (PreviewJob(b""), Priority.VIEW, True),
        (LoadJob("lite-1"), Priority.VIEW, True),
        (DecodeJob(b""), Priority.BACKGROUND, False),
        (EncodeJob(b""), Priority.ENCODE, False),
    ],
)
def test_who_waits_in_front_of_a_page_is_a_viewer_until_the_end(
    clock: Any, job: Any, priority: Priority, is_one: bool
) -> None:
    scheduler = Scheduler(queue_limit=4, queue_bytes=100, clock=clock)
    assert not scheduler.has_viewers()
    ticket = scheduler.submit(job, priority)
    assert scheduler.has_viewers() == is_one
    assert scheduler.take(ticket.lane, BatchLimit()) == [ticket]
    assert scheduler.has_viewers() == is_one
    scheduler.finish(ticket)
    assert not scheduler.has_viewers()
