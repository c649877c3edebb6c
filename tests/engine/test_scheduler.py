"""What is next, what is joined, what is run together; by a clock that only the test moves."""

from __future__ import annotations

from typing import Any

import pytest

from sdz.engine import DecodeJob, EncodeJob, LoadJob, Priority
from sdz.engine.keep_alive import KeepAlive
from sdz.engine.scheduler import Scheduler
from sdz.engine.tickets import BatchLimit, Ticket, TicketState, lane_of
from sdz.errors import QueueFull
from sdz.wish import Wish

JOB = DecodeJob(b"")
ENCODE = EncodeJob(b"")
SEARCH = EncodeJob(b"", Wish(effort="high"))
WIDE = BatchLimit(16, 1000)


@pytest.fixture
def scheduler(clock: Any) -> Scheduler:
    return Scheduler(queue_limit=4, queue_bytes=100, clock=clock)


def take_all(scheduler: Scheduler, lane: Any) -> list[int]:
    found = []
    while batch := scheduler.take(lane, BatchLimit()):
        found += [ticket.number for ticket in batch]
    return found


# --- order --------------------------------------------------------------------------------------


def test_equal_priorities_go_first_in_first_out(scheduler: Scheduler) -> None:
    tickets = [scheduler.submit(JOB, Priority.VIEW) for _ in range(3)]
    assert take_all(scheduler, "view") == [ticket.number for ticket in tickets]


def test_encodes_go_before_what_is_in_the_background(scheduler: Scheduler) -> None:
    later = scheduler.submit(ENCODE, Priority.BACKGROUND)
    first = scheduler.submit(ENCODE, Priority.ENCODE)
    assert take_all(scheduler, "work") == [first.number, later.number]


@pytest.mark.parametrize(
    ("job", "priority", "lane"),
    [
        (JOB, Priority.VIEW, "view"),
        (JOB, Priority.BACKGROUND, "work"),
        (ENCODE, Priority.ENCODE, "work"),
        (ENCODE, Priority.VIEW, "work"),
        (SEARCH, Priority.ENCODE, "search"),
        (SEARCH, Priority.BACKGROUND, "search"),
        (LoadJob("lite-1"), Priority.VIEW, "view"),
    ],
)
def test_each_lane_is_for_what_takes_equally_long(job: Any, priority: Priority, lane: str) -> None:
    assert lane_of(job, priority) == lane


def test_a_lane_gives_only_its_own(scheduler: Scheduler) -> None:
    scheduler.submit(ENCODE, Priority.BACKGROUND)
    assert scheduler.take("view", WIDE) == []
    assert scheduler.waiting("work") == 1


# --- bounds -------------------------------------------------------------------------------------


def test_a_full_queue_refuses(scheduler: Scheduler) -> None:
    for _ in range(4):
        scheduler.submit(ENCODE, Priority.BACKGROUND)
    with pytest.raises(QueueFull) as caught:
        scheduler.submit(ENCODE, Priority.BACKGROUND)
    assert caught.value.waiting == 4
    assert caught.value.retry_after_s == 2.0  # four jobs of half a second, as none was seen


def test_the_background_never_takes_a_viewers_place(scheduler: Scheduler) -> None:
    for _ in range(4):
        scheduler.submit(JOB, Priority.BACKGROUND)
    assert scheduler.submit(JOB, Priority.VIEW).state is TicketState.QUEUED


def test_retry_after_follows_what_jobs_took(scheduler: Scheduler) -> None:
    done = scheduler.submit(ENCODE, Priority.ENCODE)
    scheduler.take("work", WIDE)
    scheduler.finish(done, seconds=3.0)
    for _ in range(4):
        scheduler.submit(ENCODE, Priority.ENCODE)
    with pytest.raises(QueueFull) as caught:
        scheduler.submit(ENCODE, Priority.ENCODE)
    assert caught.value.retry_after_s == pytest.approx(12.0)


def test_queued_bytes_are_bounded_but_for_the_first(scheduler: Scheduler) -> None:
    first = scheduler.submit(JOB, Priority.VIEW, size=1000)
    with pytest.raises(QueueFull):
        scheduler.submit(JOB, Priority.VIEW, size=1)
    scheduler.leave(first)
    scheduler.submit(JOB, Priority.VIEW, size=60)
    with pytest.raises(QueueFull):
        scheduler.submit(JOB, Priority.VIEW, size=60)


def test_bytes_are_held_until_the_job_has_ended(scheduler: Scheduler) -> None:
    first = scheduler.submit(JOB, Priority.VIEW, size=100)
    scheduler.take("view", WIDE)
    with pytest.raises(QueueFull):
        scheduler.submit(JOB, Priority.VIEW, size=1)
    scheduler.finish(first)
    scheduler.submit(JOB, Priority.VIEW, size=100)


# --- equal jobs ---------------------------------------------------------------------------------


def test_equal_keys_share_a_ticket(scheduler: Scheduler) -> None:
    first = scheduler.submit(JOB, Priority.VIEW, key="a")
    assert scheduler.submit(JOB, Priority.VIEW, key="a") is first
    assert scheduler.submit(JOB, Priority.VIEW, key="b") is not first
    assert scheduler.submit(JOB, Priority.VIEW) is not first
    assert first.waiters == 2


def test_a_running_job_is_shared_too(scheduler: Scheduler) -> None:
    first = scheduler.submit(JOB, Priority.VIEW, key="a")
    scheduler.take("view", WIDE)
    assert scheduler.submit(JOB, Priority.VIEW, key="a") is first


def test_a_finished_job_is_not(scheduler: Scheduler) -> None:
    first = scheduler.submit(JOB, Priority.VIEW, key="a")
    scheduler.take("view", WIDE)
    scheduler.finish(first)
    assert scheduler.submit(JOB, Priority.VIEW, key="a") is not first


def test_a_shared_job_is_as_urgent_as_its_most_urgent_waiter(scheduler: Scheduler) -> None:
    shared = scheduler.submit(JOB, Priority.BACKGROUND, key="a")
    scheduler.submit(JOB, Priority.VIEW, key="a")
    assert (shared.lane, shared.priority) == ("view", Priority.VIEW)
    assert scheduler.take("work", WIDE) == []
    assert scheduler.take("view", WIDE) == [shared]


def test_joining_does_not_make_less_urgent(scheduler: Scheduler) -> None:
    shared = scheduler.submit(JOB, Priority.VIEW, key="a")
    scheduler.submit(JOB, Priority.BACKGROUND, key="a")
    assert scheduler.take("view", WIDE) == [shared]


@pytest.mark.parametrize(
    ("first", "second", "shared"), [(5.0, 9.0, 9.0), (9.0, 5.0, 9.0), (5.0, None, None)]
)
def test_a_shared_job_is_as_patient_as_its_most_patient_waiter(
    scheduler: Scheduler, first: float, second: float | None, shared: float | None
) -> None:
    ticket = scheduler.submit(JOB, Priority.VIEW, key="a", deadline=first)
    scheduler.submit(JOB, Priority.VIEW, key="a", deadline=second)
    assert ticket.deadline == shared


# --- leaving ------------------------------------------------------------------------------------


def test_the_last_to_leave_takes_a_waiting_job_away(scheduler: Scheduler) -> None:
    ticket = scheduler.submit(JOB, Priority.VIEW, key="a")
    scheduler.submit(JOB, Priority.VIEW, key="a")
    assert not scheduler.leave(ticket)
    assert scheduler.waiting("view") == 1
    assert not scheduler.leave(ticket)
    assert scheduler.waiting("view") == 0


def test_the_last_to_leave_a_running_job_stops_it(scheduler: Scheduler) -> None:
    ticket = scheduler.submit(JOB, Priority.VIEW, key="a")
    scheduler.take("view", WIDE)
    assert scheduler.leave(ticket)
    assert scheduler.submit(JOB, Priority.VIEW, key="a") is not ticket


def test_leaving_a_finished_job_stops_nothing(scheduler: Scheduler) -> None:
    ticket = scheduler.submit(JOB, Priority.VIEW)
    scheduler.take("view", WIDE)
    scheduler.finish(ticket)
    assert not scheduler.leave(ticket)


# --- together -----------------------------------------------------------------------------------


def submit_alike(scheduler: Scheduler, count: int, shape: str = "x", pixels: int = 10) -> Any:
    return [
        scheduler.submit(JOB, Priority.VIEW, together=shape, pixels=pixels) for _ in range(count)
    ]


def test_a_batch_is_what_is_alike_and_waits(scheduler: Scheduler) -> None:
    a, b = submit_alike(scheduler, 2, "x")
    (other,) = submit_alike(scheduler, 1, "y")
    (c,) = submit_alike(scheduler, 1, "x")
    assert scheduler.take("view", WIDE) == [a, b, c]
    assert scheduler.take("view", WIDE) == [other]


def test_what_is_like_nothing_goes_alone(scheduler: Scheduler) -> None:
    first, second = (scheduler.submit(JOB, Priority.VIEW) for _ in range(2))
    assert scheduler.take("view", WIDE) == [first]
    assert scheduler.take("view", WIDE) == [second]


@pytest.mark.parametrize("limit", [BatchLimit(2, 1000), BatchLimit(16, 29), BatchLimit(16, 20)])
def test_a_batch_has_a_limit(scheduler: Scheduler, limit: BatchLimit) -> None:
    tickets = submit_alike(scheduler, 3)
    assert scheduler.take("view", limit) == tickets[:2]


def test_one_larger_than_the_limit_goes_alone(scheduler: Scheduler) -> None:
    tickets = submit_alike(scheduler, 2, pixels=5000)
    assert scheduler.take("view", WIDE) == tickets[:1]


def test_priorities_are_not_mixed(scheduler: Scheduler) -> None:
    first = scheduler.submit(JOB, Priority.ENCODE, together="x", pixels=1)
    scheduler.submit(JOB, Priority.BACKGROUND, together="x", pixels=1)
    assert scheduler.take("work", WIDE) == [first]


# --- interruptions ------------------------------------------------------------------------------


def test_an_interrupted_job_is_tried_once_more_first_and_alone(scheduler: Scheduler) -> None:
    a, b = submit_alike(scheduler, 2)
    assert scheduler.take("view", WIDE) == [a, b]
    (c,) = submit_alike(scheduler, 1)
    for ticket in (b, a):
        assert scheduler.interrupted(ticket, "killed") is None
    assert take_all(scheduler, "view") == [a.number, b.number, c.number]


def test_one_that_is_to_be_alone_is_not_given_beside_others(scheduler: Scheduler) -> None:
    a, b = (scheduler.submit(ENCODE, Priority.BACKGROUND) for _ in range(2))
    assert [scheduler.take("work", WIDE, busy=busy) for busy in (False, True)] == [[a], [b]]
    for ticket in (b, a):
        scheduler.interrupted(ticket, "killed")
    assert scheduler.take("work", WIDE, busy=True) == []
    assert scheduler.take("work", WIDE) == [a]


def test_no_work_is_begun_beside_other_work_while_viewers_wait(scheduler: Scheduler) -> None:
    work = [scheduler.submit(ENCODE, Priority.ENCODE) for _ in range(3)]
    viewer = scheduler.submit(JOB, Priority.VIEW)
    assert scheduler.take("work", WIDE, busy=True) == []
    assert scheduler.take("work", WIDE) == [work[0]]
    assert scheduler.take("view", WIDE) == [viewer]
    assert scheduler.take("work", WIDE, busy=True) == [work[1]]
    assert scheduler.take("view", WIDE, busy=True) == []


def test_the_second_interruption_is_the_last(scheduler: Scheduler) -> None:
    ticket = scheduler.submit(JOB, Priority.VIEW, key="a", size=100)
    scheduler.take("view", WIDE)
    scheduler.interrupted(ticket, "killed")
    scheduler.take("view", WIDE)
    error = scheduler.interrupted(ticket, "killed")
    assert error is not None
    assert (error.attempts, error.reason) == (2, "killed")
    assert scheduler.submit(JOB, Priority.VIEW, key="a", size=100) is not ticket


def test_what_nobody_waits_for_is_not_tried_again(scheduler: Scheduler) -> None:
    ticket = scheduler.submit(JOB, Priority.VIEW)
    scheduler.take("view", WIDE)
    scheduler.leave(ticket)
    assert scheduler.interrupted(ticket, "killed") is not None
    assert scheduler.waiting("view") == 0


# --- time ---------------------------------------------------------------------------------------


def test_a_waiting_job_expires_at_its_deadline(scheduler: Scheduler, clock: Any) -> None:
    late = scheduler.submit(JOB, Priority.VIEW, deadline=clock.now + 5)
    scheduler.submit(JOB, Priority.VIEW)
    clock.now += 4.9
    assert scheduler.expired() == []
    clock.now += 0.1
    assert scheduler.expired() == [late]
    assert scheduler.waiting("view") == 1


def test_a_running_job_does_not_expire(scheduler: Scheduler, clock: Any) -> None:
    scheduler.submit(JOB, Priority.VIEW, deadline=clock.now + 5)
    scheduler.take("view", WIDE)
    clock.now += 10
    assert scheduler.expired() == []


def test_draining_takes_what_waits_and_leaves_what_runs(scheduler: Scheduler) -> None:
    running = scheduler.submit(JOB, Priority.VIEW)
    scheduler.take("view", WIDE)
    waiting: list[Ticket] = [scheduler.submit(JOB, Priority.VIEW)]
    other = scheduler.submit(ENCODE, Priority.ENCODE)
    assert scheduler.drain("view") == waiting
    assert scheduler.drain() == [other]
    assert running.state is TicketState.RUNNING


def test_counts_by_priority(scheduler: Scheduler) -> None:
    scheduler.submit(JOB, Priority.VIEW)
    scheduler.take("view", WIDE)
    scheduler.submit(JOB, Priority.VIEW)
    scheduler.submit(ENCODE, Priority.BACKGROUND)
    assert scheduler.queued_by_priority() == {"view": 1, "encode": 0, "background": 1}
    assert scheduler.running_by_priority() == {"view": 1, "encode": 0, "background": 0}


def test_keep_alive_counts_from_the_last_touch(clock: Any) -> None:
    keep = KeepAlive(300, clock)
    clock.now += 200
    keep.touch()
    clock.now += 299
    assert keep.left_s() == pytest.approx(1)
    clock.now += 2
    assert keep.left_s() == 0


def test_keep_alive_of_nought_is_over_at_once_and_below_it_never(clock: Any) -> None:
    assert KeepAlive(0, clock).left_s() == 0
    forever = KeepAlive(-1, clock)
    clock.now += 1e9
    assert forever.left_s() is None
