"""Doing one thing to many files: every failure named, the others done, one exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from sdz.commands.output import STANDARD
from sdz.errors import SdzError

DONE, SOME_FAILED, USAGE = 0, 1, 2

Row = Mapping[str, Any]


def run_batch(
    sources: list[str],
    work: Callable[[str], Row],
    show: Callable[[Row], str],
    *,
    as_json: bool,
    quiet_stdout: bool = False,
) -> int:
    """Run ``work`` on each source and print what it returns; the exit code.

    With ``as_json`` a line of JSON for each source, failures included. ``quiet_stdout``: the
    results themselves go to standard output, so what is said about them goes to standard error.
    """
    failed = False
    said_on = sys.stderr if quiet_stdout else sys.stdout
    for source in _with_progress(sources):
        try:
            row: Row = {"source": source, **work(source)}
        except BrokenPipeError:  # nobody reads standard output any more: so with the next ones
            raise
        except (SdzError, OSError, MemoryError) as error:
            failed = True
            reason = reason_of(error)
            say(f"sdz: {source}: {reason}", sys.stderr)
            if as_json:
                row = {"source": source, "error": code_of(error), "reason": reason}
                say(json.dumps(row), said_on)
            continue
        say(json.dumps(row) if as_json else show(row), said_on)
    return SOME_FAILED if failed else DONE


def read_source(source: str) -> bytes:
    """The bytes of a file or of standard input."""
    if source == STANDARD:
        return sys.stdin.buffer.read()
    return Path(source).read_bytes()


def say(text: str, stream: TextIO) -> None:
    """Print a line at once; letters the stream cannot take (names are any bytes) are escaped."""
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def code_of(error: Exception) -> str:
    """The stable code of an error, for programs."""
    if isinstance(error, SdzError):
        return error.code
    return "out-of-memory" if isinstance(error, MemoryError) else "os-error"


def reason_of(error: Exception) -> str:
    """What is wrong, in words for a person."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, IsADirectoryError):
        return "is a folder; name the pictures in it"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)


def _with_progress(sources: list[str]) -> Iterator[str]:
    """The sources, behind a bar where a person watches and there is more than one."""
    if len(sources) < 2 or not sys.stderr.isatty():
        yield from sources
        return
    from tqdm import tqdm  # type: ignore[import-untyped]

    bar: Iterable[str] = tqdm(sources, unit="picture", leave=False)
    yield from bar
