"""How far work is: shares of shares, attempts, and that nothing is heard where nobody listens."""

from __future__ import annotations

import pytest

from sdz.progress import (
    Progress,
    attempt,
    hand_on,
    hearing,
    is_heard,
    listener,
    part,
    passed,
    seconds_left,
)


def test_parts_lie_in_each_other() -> None:
    heard: list[Progress] = []
    with hearing(heard.append):
        with part("looking", 0, 0.5):
            passed(1, 4)
        with part("coding", 0.5, 1), part("", 0.5, 1):
            passed(1, 2)
    assert heard == [
        Progress("looking", 0.0),
        Progress("looking", 0.125, 0, 1, 4),
        Progress("coding", 0.5),
        Progress("coding", 0.75),
        Progress("coding", 0.875, 0, 1, 2),
    ]


def test_attempts_are_counted_and_it_never_goes_back() -> None:
    heard: list[Progress] = []
    with hearing(heard.append):
        for _ in range(2):
            with attempt("coding", 0, 0.6):
                passed(1, 2)
    assert [at.attempt for at in heard] == [1, 1, 2, 2]
    shares = [at.share for at in heard]
    assert shares == sorted(shares)


def test_nobody_hears() -> None:
    with part("coding"), attempt("coding", 0, 1):
        passed(1, 2)
        hand_on(Progress("coding"))
        assert not is_heard()


def test_what_another_process_says_is_handed_on() -> None:
    heard: list[Progress] = []
    with hearing(heard.append):
        assert is_heard()
        hand_on(Progress("coding", 0.5, 3))
    assert heard == [Progress("coding", 0.5, 3)]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (Progress(), "working"),
        (Progress("coding", 0.1, 3), "coding, attempt 3"),
        (Progress("decoding", 0.5, 0, 3, 12), "decoding, part 3 of 12"),
        (Progress("decoding", 1.0, 0, 1, 1), "decoding"),
    ],
)
def test_words(at: Progress, words: str) -> None:
    assert str(at) == words


def test_what_is_left_is_said_once_something_is_done() -> None:
    assert seconds_left(0.25, 10) == 30
    assert seconds_left(1, 10) == 0
    assert seconds_left(0.01, 10) is None


def test_who_hears_can_be_told_from_elsewhere() -> None:
    heard: list[Progress] = []
    assert listener() is None
    with hearing(heard.append):
        told = listener()
    assert told is not None
    told(Progress("coding", 0.5))  # by an engine's lane, say, which is another task
    assert heard == [Progress("coding", 0.5)]
