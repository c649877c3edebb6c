"""One thing done to many files: all are done, failures named, on both streams as promised."""

from __future__ import annotations

import errno
import io
import json
import os
import sys

import pytest

from sdz.commands.batch import DONE, SOME_FAILED, Row, reason_of, run_batch, say
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
    return run_batch(list(sources), work, show, **{"as_json": False, **how})


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
        run_batch(["a"], fault, show, as_json=False)


def test_a_reader_that_went_away_stops_the_batch() -> None:
    done = []

    def gone(source: str) -> Row:
        done.append(source)
        raise BrokenPipeError(errno.EPIPE, "gone")

    with pytest.raises(BrokenPipeError):
        run_batch(["a", "b"], gone, show, as_json=False)
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
    assert "picture" in terminal.getvalue()
    assert capsys.readouterr().out == "a done\nb done\n"
