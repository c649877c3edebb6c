"""One thing done to many files: all are done, failures named, on both streams as promised."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import redirect_stdout

import pytest

from sdz.commands.console import DONE, SOME_FAILED, reason_of, say
from sdz.commands.many import run_many
from sdz.commands.parallel import AHEAD
from sdz.commands.rows import Row, Task
from sdz.errors import UnreadableImage

FAILURES: dict[str, Exception] = {
    "bad.png": UnreadableImage("damaged"),
    "none.png": FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "none.png"),
    "huge.png": MemoryError(),
}


def work(source: str) -> Row:
    if source in FAILURES:
        raise FAILURES[source]
    return {"bytes": 5}


def show(row: Row) -> str:
    return f"{row['source']} done"


def run(*sources: str, **how: bool) -> int:
    return run_many(list(sources), work, show, **{"as_json": False, **how})


def test_all_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("a", "b") == DONE
    assert capsys.readouterr() == ("a done\nb done\n", "")


def test_failures_are_named_and_the_others_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bad.png", "a", "none.png", "huge.png", "b") == SOME_FAILED
    out, err = capsys.readouterr()
    assert out == "a done\nb done\n"
    assert err.splitlines() == [
        "sdz: bad.png: not a picture that can be read: damaged",
        "sdz: none.png: no such file or directory",
        "sdz: huge.png: not enough memory",
    ]


def test_json_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("a", *FAILURES, as_json=True) == SOME_FAILED
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    assert rows[0] == {"source": "a", "bytes": 5}
    assert [row["error"] for row in rows[1:]] == ["unreadable-image", "os-error", "out-of-memory"]
    assert all(row["reason"] in err for row in rows[1:])


def test_standard_output_is_kept_for_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    run("a", "bad.png", as_json=True, quiet_stdout=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert '"source": "a"' in err


def test_other_errors_are_faults_of_the_program_and_shown_as_such() -> None:
    def fault(_: str) -> Row:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_many(["a"], fault, show, as_json=False)


def test_a_reader_that_went_away_stops_the_batch() -> None:
    done = []

    def gone(source: str) -> Row:
        done.append(source)
        raise BrokenPipeError(errno.EPIPE, "gone")

    with pytest.raises(BrokenPipeError):
        run_many(["a", "b"], gone, show, as_json=False)
    assert done == ["a"]


def test_a_folder_says_what_to_do() -> None:
    error = IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), "d")
    assert reason_of(error) == "is a folder; name the pictures in it"


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "ü\\udcff→"), ("latin-1", "ü\\udcff\\u2192")]
)
def test_names_of_any_bytes_can_be_printed(encoding: str, shown: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding)
    say("ü\udcff→", stream)
    assert raw.getvalue().decode(encoding) == shown + "\n"


def test_a_bar_only_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run("a", "b")
    assert " 0/2 [" in terminal.getvalue()
    assert capsys.readouterr().out == "a done\nb done\n"


class TestSeveralAtATime:
    def test_rows_come_in_the_order_of_the_sources(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        b_is_done = threading.Event()

        def slow_first(source: str) -> Row | Task:
            def task() -> Row:
                if source == "a":
                    assert b_is_done.wait(60)
                b_is_done.set()
                return {"bytes": 5}

            return task if source not in FAILURES else work(source)

        assert run_many(["a", "bad.png", "b"], slow_first, show, as_json=False, jobs=2) == 1
        assert capsys.readouterr().out == "a done\nb done\n"

    def test_failures_at_work_are_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        def late(source: str) -> Task:
            return lambda: work(source)

        sources = ["a", *FAILURES, "b"]
        assert run_many(sources, late, show, as_json=True, jobs=3) == SOME_FAILED
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [row["source"] for row in rows] == sources
        assert ["error" in row for row in rows] == [False, True, True, True, False]

    def test_only_a_few_are_ahead_of_what_is_shown(self) -> None:
        taken, shown, most = 0, 0, 0

        def sources() -> Iterator[str]:
            nonlocal taken, most
            for number in range(200):
                taken += 1
                most = max(most, taken - shown)
                yield str(number)

        def count(_: Row) -> str:
            nonlocal shown
            shown += 1
            return ""

        assert run_many(sources(), lambda _: dict, count, as_json=False, jobs=3) == DONE
        assert shown == 200
        assert most <= AHEAD * 3

    @pytest.mark.parametrize("jobs", [1, 4])
    def test_ten_thousand_need_no_more_memory_than_a_few(self, jobs: int) -> None:
        def large(_: str) -> Task:
            return lambda: {"bytes": len(bytes(100_000))}

        tracemalloc.start()
        names = (str(number) for number in range(10_000))
        with redirect_stdout(io.StringIO()):
            run_many(names, large, lambda _: "", as_json=False, jobs=jobs)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 100_000 * (AHEAD * jobs + 2) + 2_000_000

    def test_what_has_not_begun_is_dropped_at_an_early_end(self) -> None:
        begun = []

        def interrupted(source: str) -> Task:
            def task() -> Row:
                begun.append(source)
                return {}

            return task

        def stop(_: Row) -> str:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_many([str(n) for n in range(50)], interrupted, stop, as_json=False, jobs=2)
        assert len(begun) <= AHEAD * 2


class TestSummary:
    def test_it_counts_what_became_of_the_sources(self, capsys: pytest.CaptureFixture[str]) -> None:
        rows: dict[str, Row] = {
            "a": {"source_bytes": 1000, "bytes": 40},
            "b": {"source_bytes": 1000, "bytes": 60},
            "c": {"skipped": "done already"},
        }

        def look(source: str) -> Row:
            return rows[source] if source in rows else work(source)

        sources = [*rows, "bad.png"]
        assert run_many(sources, look, show, as_json=False, summary=True) == SOME_FAILED
        out, err = capsys.readouterr()
        assert out == "a done\nb done\n"  # what was skipped is only counted
        last = err.splitlines()[-1]
        assert last.startswith("sdz: 2 done, 1 skipped, 1 failed; 2,000 -> 100 bytes (5.0%) in ")

    def test_it_is_said_at_an_early_end_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        def stop_at_b(source: str) -> Row:
            if source == "b":
                raise KeyboardInterrupt
            return {}

        with pytest.raises(KeyboardInterrupt):
            run_many(["a", "b", "c"], stop_at_b, show, as_json=False, summary=True)
        assert "sdz: 1 done in " in capsys.readouterr().err


def test_what_was_finished_when_it_was_stopped_is_said_and_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    both_at_work = threading.Barrier(3, timeout=60)

    def sources() -> Iterator[str]:
        yield from ("a", "b")
        both_at_work.wait()
        raise KeyboardInterrupt

    def plan(_: str) -> Task:
        def task() -> Row:
            both_at_work.wait()
            return {"bytes": 5, "source_bytes": 10}

        return task

    with pytest.raises(KeyboardInterrupt):
        run_many(sources(), plan, show, as_json=False, jobs=2, summary=True, total=3)
    out, err = capsys.readouterr()
    assert out == "a done\nb done\n"
    assert "sdz: 2 done; 20 -> 10 bytes" in err
