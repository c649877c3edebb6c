"""One deadline for all that ends: what one takes, the next has not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sdz import children
from sdz.config import Settings
from sdz.service.process.stopping import Deadline


class Clock:
    """Seconds that pass when they are told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("answers_took_s", "engine_s"), [(0, 3.5), (2.5, 1.0), (3, 0.5), (9, 0)])
def test_the_engine_has_what_answers_have_left(answers_took_s: float, engine_s: float) -> None:
    clock = Clock()
    deadline = Deadline(2.5, clock)
    assert deadline.engine_s() == 1.0  # a fault, no signal
    deadline.begin(15)
    try:
        clock.now += answers_took_s
        assert deadline.engine_s() == engine_s
    finally:
        deadline.met()


def test_all_together_takes_less_than_five_seconds() -> None:
    assert Deadline(Settings().service.shutdown_s).whole_s < 5


def test_what_does_not_end_is_left() -> None:
    program = (
        "from sdz.service.process.stopping import Deadline\n"
        "import threading; Deadline(-1.9).begin(15); threading.Event().wait()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=children.environment(), check=False, timeout=60
    )
    assert done.returncode == 128 + 15


def test_what_ended_in_time_is_not() -> None:
    program = (
        "from sdz.service.process.stopping import Deadline\n"
        "import time; d = Deadline(-1.7); d.begin(15); d.met(); time.sleep(0.6)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=children.environment(), check=False, timeout=60
    )
    assert done.returncode == 0
