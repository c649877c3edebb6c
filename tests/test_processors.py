"""Threads for what is done here: all processors, or the share that somebody gives."""

from __future__ import annotations

import os
import threading

import pytest

from sdz.processors import processors, sharing, threads_here


def test_without_a_share_all_processors_are_there() -> None:
    assert threads_here() == processors() >= 1


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux tells")
def test_processors_are_those_of_this_process() -> None:
    assert processors() == len(os.sched_getaffinity(0))


def test_a_share_is_asked_for_anew_and_is_never_nothing() -> None:
    left = [3, 0]
    with sharing(lambda: left.pop(0)):
        assert threads_here() == 3
        assert threads_here() == 1
    assert threads_here() == processors()


def test_a_share_is_that_of_its_thread() -> None:
    found: list[int] = []
    with sharing(lambda: 77):
        other = threading.Thread(target=lambda: found.append(threads_here()))
        other.start()
        other.join()
    assert found == [processors()]
