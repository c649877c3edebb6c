"""What did not become a ``.sdz`` is counted by kind and reason, with what to do about each."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdz.errors import BY_CODE
from sdz.media import ANY_OTHER, OTHER_KINDS
from sdz.watch.journal.rows import State
from sdz.watch.telling import leftovers as module
from sdz.watch.telling.leftovers import Kind, ToDo, counts_of, leftovers
from sdz.watch.telling.savings import Saving
from sdz.watch.writing.verdict import BAD, REFUSED

ROOT = Path("/my pictures")
IDLE = ToDo.of(ROOT, "", paused=False)


def one(state: State, code: str = "", reason: str = "") -> Saving:
    return Saving(Path(f"{state}-{code}.jpg"), state, 9, reason=reason, code=code)


def test_all_states_are_counted_and_none_is_passed_over() -> None:
    every = [one(state) for state in State]
    found = leftovers(every, {}, IDLE)
    assert sum(left.count for left in found) == len(State) - 1  # what is done needs no words
    assert counts_of(every)[Kind.WAITING] == 3
    assert [left.kind for left in found] == sorted(
        (left.kind for left in found), key=list(Kind).index
    )


def test_they_are_grouped_by_reason_the_most_first() -> None:
    files = [
        *[one(State.REFUSED, "not-smaller", f"{size} bytes against 9") for size in (10, 11, 12)],
        one(State.REFUSED, "several-frames", "an animation"),
        one(State.BAD, "unreadable-image", "not a picture"),
        one(State.BAD, "unfinished", "not written to its end: no end; waited for in vain"),
        one(State.SETTLING, "unfinished", "not written to its end: no end"),
        one(State.FAILED, "os-error", "input/output error"),
        one(State.FAILED, "os-error", "permission denied"),
        one(State.DONE, "trash-failed", "the trash did not take it"),
    ]
    found = leftovers(files, {"film": 2, "RAW file": 1, ANY_OTHER: 1}, IDLE)
    assert [(left.count, str(left.kind), left.why) for left in found] == [
        (2, "failed", "input/output error"),
        (1, "failed", "cannot be read: damaged, or not what the name says"),
        (1, "failed", "not written to its end"),
        (1, "waiting", "not written to its end"),
        (3, "left alone", "would not get smaller"),
        (1, "left alone", "an animation, or several pages"),
        (1, "not in the trash", "done, but the trash did not take the original"),
        (2, "not read", "films"),
        (1, "not read", "RAW file"),
        (1, "not read", "other file"),
    ]
    assert found[0].to_do.endswith("at once by: sdz watch retry '/my pictures'")
    assert "once more from where it came" in found[2].to_do
    assert "may still be copied" in found[3].to_do


@pytest.mark.parametrize(
    ("watching", "paused", "said"),
    [
        ("", False, "Have it done by: sdz watch '/my pictures'"),
        ("the daemon", False, "Nothing: the daemon does one after the other."),
        ("the daemon", True, "It waits until: sdz watch resume '/my pictures'"),
    ],
)
def test_what_waits_is_done_by_whom(watching: str, paused: bool, said: str) -> None:
    to_do = ToDo.of(ROOT, watching, paused=paused)
    [left] = leftovers([one(State.WAITING)], {}, to_do)
    assert (left.why, left.to_do) == ("not done yet", said)


def test_every_reason_to_leave_a_file_has_its_words() -> None:
    assert module._WORDS.keys() >= REFUSED | BAD
    assert module._WORDS.keys() <= BY_CODE.keys()
    assert module._OTHERS.keys() == {*OTHER_KINDS, ANY_OTHER}
