"""Works are timed by turns, and each kind of time is reduced for itself."""

from __future__ import annotations

from statistics import median

from benchmarks.timing import Spent, least, over


def test_works_take_turns() -> None:
    done: list[str] = []
    found = least({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, 3)
    assert done == ["a", "b"] * 3
    assert set(found) == {"a", "b"}
    assert all(spent.clock >= 0 and spent.processors >= 0 for spent in found.values())


def test_clock_and_processors_are_reduced_apart() -> None:
    spent = [Spent(3, 1), Spent(1, 2), Spent(2, 9)]
    assert over(spent, min) == Spent(1, 1)
    assert over(spent, median) == Spent(2, 2)
    assert Spent(0.0123, 0.0456).ms == "12.3 (45.6)"
