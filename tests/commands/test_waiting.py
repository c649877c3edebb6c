"""What a command shows while it works, on a terminal and on a pipe; the clock is the test's."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sdz import cli
from sdz.cli import COMMANDS
from sdz.commands import console
from sdz.commands import waiting as module
from sdz.commands.console import folded, say
from sdz.commands.waiting import Waiting, at_work, waiting
from sdz.progress import Progress, attempt, hand_on, part, passed

Sdz = Callable[..., int]


class Stream(io.StringIO):
    """A terminal, or none."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def screen(self) -> str:
        """The last row as it is seen."""
        row = ""
        for piece in self.getvalue().rpartition("\n")[2].split("\r"):
            row = piece + row[len(piece) :]
        return row.rstrip()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_terminal_shows_what_is_done_after_a_second(clock: Clock) -> None:
    stream = Stream(terminal=True)
    shown = Waiting(stream, clock)
    with shown.at_work("photo.jpg"):
        clock.now = 0.9
        shown.paint()
        assert stream.getvalue() == ""
        clock.now = 2.0
        shown.paint()
        assert stream.screen() == "photo.jpg: working, 2 s"
        with part("coding", 0.2, 0.4):
            passed(1, 4)
            clock.now = 4.0
            shown.paint()
        # A quarter, after two seconds; two of the six that were left have passed since.
        assert stream.screen() == "photo.jpg: coding, part 1 of 4, 4 s, about 4 s left"
    assert stream.screen() == ""


def test_lines_are_written_above_it(clock: Clock) -> None:
    stream = Stream(terminal=True)
    shown = Waiting(stream, clock)
    with shown.at_work("a"):
        clock.now = 5
        shown.paint()
        shown.write("done with b", stream)
        assert stream.getvalue().splitlines()[-1].split("\r")[-1] == "done with b"
        shown.paint()
        assert stream.screen() == "a: working, 5 s"


def test_a_pipe_is_told_every_ten_seconds(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINE_EVERY_S", 10.0)
    stream = Stream(terminal=False)
    shown = Waiting(stream, clock)
    with shown.at_work("photo.jpg"):
        for second in range(1, 26):
            clock.now = second
            if second in (10, 20):
                hand_on(Progress("coding", second / 40, 2))
            shown.paint()
    assert stream.getvalue().splitlines() == [
        "sdz: photo.jpg: coding, attempt 2, 10 s, about 30 s left",
        "sdz: photo.jpg: coding, attempt 2, 20 s, about 20 s left",
    ]


def test_it_fits_into_a_row(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    stream = Stream(terminal=True)
    shown = Waiting(stream, clock)
    with shown.at_work("/a/long/way/to/a/picture.jpg\x1b[2J"):
        clock.now = 3
        shown.paint()
        assert len(stream.screen()) <= 29
        assert "\x1b" not in stream.getvalue()


class Bar:
    said, fresh = "", False

    def set_postfix_str(self, text: str, **_: bool) -> None:
        self.said = text

    def refresh(self) -> None:
        self.fresh = True


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (60, "…ng-far-away.jpg: attempt 3"),
        (80, "…ng-far-away.jpg: attempt 3, 12 s left"),
        (94, "…ng-far-away.jpg: attempt 3, part 2 of 12, 12 s left"),
    ],
)
def test_a_bar_says_what_it_has_room_for(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, columns: int, said: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    bar, shown = Bar(), Waiting(Stream(terminal=True), clock)
    with shown.at_work("something-far-away.jpg"):
        clock.now = 8
        hand_on(Progress("coding and measuring", 0.4, 3, 2, 12))
        shown.paint(bar)
        assert bar.said == said
        clock.now = 30  # an estimate that has passed says nothing more
        shown.paint(bar)
        assert "left" not in bar.said


def test_a_bar_has_it_at_its_end(clock: Clock) -> None:
    bar = Bar()
    shown = Waiting(Stream(terminal=True), clock)
    with shown.at_work("photo.jpg"):
        clock.now = 8
        shown.paint(bar)
        assert bar.said == "photo.jpg: working"
        with attempt("coding and measuring", 0, 0.5):
            shown.paint(bar)
        assert bar.said == "photo.jpg: attempt 1"
        assert bar.fresh
    shown.paint(bar)
    assert bar.said == ""


def test_what_is_over_does_not_stay_at_the_bars_end(clock: Clock) -> None:
    bar, shown = Bar(), Waiting(Stream(terminal=True), clock)
    work = shown.begin("photo.jpg")
    clock.now = 8
    shown.paint(bar)
    shown.end(work)  # and the bar is redrawn by who counts what is done, before the next paint
    assert bar.said == ""


def test_a_command_paints_while_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.001)
    monkeypatch.setattr(module, "FIRST_S", 0.0)
    stream, seen = Stream(terminal=True), threading.Event()
    write = stream.write

    def noted(text: str) -> int:
        if "photo.jpg" in text:
            seen.set()
        return write(text)

    monkeypatch.setattr(stream, "write", noted)
    with waiting(stream=stream), at_work("photo.jpg"):
        assert seen.wait(60)
        say("a line", stream)
    assert console.bars == []
    assert "a line" in stream.getvalue()


def test_without_a_command_around_it_work_is_not_shown() -> None:
    with at_work("photo.jpg"):
        pass


@pytest.mark.parametrize("jobs", [1, 2])
def test_encode_says_what_it_does_while_it_does_it(
    sdz: Sdz,
    photo: Path,
    jobs: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(module, "FIRST_S", 0.0)
    monkeypatch.setattr(module, "LINE_EVERY_S", 0.0)
    monkeypatch.setattr(module, "EVERY_S", 0.0)
    assert sdz("encode", photo, "--min-score", "20", "--no-daemon", "--jobs", jobs) == 0
    err = capsys.readouterr().err
    assert f"sdz: {photo.name}: " in err
    assert "attempt" in err


def test_long_lines_break_between_words() -> None:
    assert folded("short", 80) == "short"
    assert folded("one two three four five six", 20) == "one two three four\n    five six"
    assert folded("  a" * 20, 30).split("\n")[1].startswith("      a")
    assert folded(f"a {'x' * 40}", 20) == f"a\n    {'x' * 40}"


def test_the_command_itself_is_at_work_where_nothing_else_is(clock: Clock) -> None:
    stream = Stream(terminal=True)
    shown = Waiting(stream, clock)
    with shown.at_work("encode", whole=True):
        with part("looking for pictures"):
            clock.now = 2
            shown.paint()
            assert stream.screen() == "encode: looking for pictures, 2 s"
        with shown.at_work("photo.jpg"):
            clock.now = 3
            shown.paint()
            assert stream.screen() == "photo.jpg: working, 1 s"
        with shown.resting():
            clock.now = 30
            shown.paint()
            assert stream.screen() == ""
        shown.paint()
        assert stream.screen().startswith("encode: ")


def test_a_pipe_is_told_nothing_while_other_lines_come(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LINE_EVERY_S", 10.0)
    stream, others = Stream(terminal=False), Stream(terminal=False)
    shown = Waiting(stream, clock)
    with shown.at_work("encode", whole=True):
        for second in range(1, 41):
            clock.now = second
            if second < 30 and second % 5 == 0:
                say("one more is done", others)
            shown.paint()
    assert stream.getvalue() == "sdz: encode: working, 35 s\n"


def test_short_pieces_that_say_nothing_are_shown_as_one_wait(clock: Clock) -> None:
    """As the rounds of a benchmark, half a second each."""
    stream = Stream(terminal=True)
    shown = Waiting(stream, clock)
    with shown.at_work("bench", whole=True):
        for turn in range(4):
            with shown.at_work(f"round {turn}"):
                clock.now += 0.4
                shown.paint()
                assert stream.screen() == ("" if turn < 2 else f"round {turn}: working, 0 s")
        say("one is done", stream)
        with shown.at_work("another"):
            shown.paint()
            assert stream.screen() == ""  # something was said just now


def test_nothing_is_painted_while_there_is_no_work() -> None:
    shown, woke = Waiting(Stream(terminal=True)), threading.Event()
    waits = threading.Thread(target=lambda: woke.set() if shown.wait_for_work() else None)
    waits.start()
    work = shown.begin("photo.jpg")
    assert woke.wait(60)
    waits.join()
    shown.end(work)
    shown.no_more()
    assert not shown.wait_for_work()


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_shows_that_it_is_at_work(
    name: str, sdz: Sdz, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it does, and before anything of it is loaded."""
    stream = Stream(terminal=True)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(module, "Waiting", lambda stream: Waiting(stream, clock))
    monkeypatch.setattr(module, "EVERY_S", 3600)  # the test paints

    def slow(_: str) -> None:
        clock.now = 2
        module._current[-1].paint()
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_parser", slow)
    assert sdz(*name.split()) == 130
    assert f"{name}: working, 2 s" in stream.getvalue()
    assert stream.screen() == ""
    assert stream.getvalue().endswith("sdz: stopped\n")
