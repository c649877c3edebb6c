"""Blank and even places: read in runs, as symbol by symbol, with memory for the others alone."""

from __future__ import annotations

import subprocess
import sys
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import decode

from sdz import children
from sdz.entropy import decode_rows, decode_symbols, decode_tilted, encode_symbols, encode_tilted
from sdz.errors import Truncated
from sdz.stopping import Stop, Stopped, heeding

Symbols = NDArray[np.int32]


def disc(rows: int, columns: int, inside: int) -> Symbols:
    """A mask: even places of two kinds, with an edge between them."""
    y, x = np.ogrid[:rows, :columns]
    far = (2 * y - rows) ** 2 / rows**2 + (2 * x - columns) ** 2 / columns**2
    return np.where(far < 0.5, inside, 0).astype(np.int32)[None]


def dotted(channels: int, rows: int, columns: int, *, first: int = 0) -> Symbols:
    """Calm places with something here and there, behind a channel of ``first`` everywhere."""
    q = np.zeros((channels, rows, columns), np.int32)
    q[0] = first
    q[1:, ::37, ::41] = 1
    return q


ARRAYS = {
    "disc": lambda: disc(150, 200, 1),
    "disc of steps": lambda: np.diff(disc(150, 200, 200), axis=2, prepend=0),
    "wide rows": lambda: disc(7, 4000, 3),
    "high columns": lambda: disc(900, 30, 1),
    "dots": lambda: dotted(5, 60, 120),
    "dots behind a grey": lambda: dotted(6, 60, 120, first=40),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_runs_are_what_was_coded(name: str) -> None:
    """An encoder knows no runs: what they give is compared with what went symbol by symbol."""
    q = ARRAYS[name]()
    np.testing.assert_array_equal(decode_symbols(encode_symbols(q), q.shape), q)


@pytest.mark.parametrize("trellis", [False, True])
@pytest.mark.parametrize("name", ["disc", "dots behind a grey"])
def test_runs_of_chosen_streams(name: str, trellis: bool) -> None:
    y = ARRAYS[name]().astype(np.float32)
    q, tilt, blob = encode_tilted(y, np.full(len(y), 4.0), trellis=trellis)
    found, also_tilt = decode_tilted(blob, q.shape)
    np.testing.assert_array_equal(found, q)
    np.testing.assert_array_equal(also_tilt, tilt)


@pytest.mark.parametrize("shape", [(1, 40, 150), (3, 40, 100)])
def test_the_second_decoder_reads_a_made_up_blank_alike(shape: tuple[int, int, int]) -> None:
    """Zero bytes say all the way that what is expected comes; the others say something else."""
    for blob in (bytes(5), bytes(1) + b"\xc5"):
        wanted = decode(blob, shape)
        for ours, theirs in zip(decode_tilted(blob, shape), wanted, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ARRAYS)
def test_rows_are_those_of_the_whole(name: str) -> None:
    q, taken = ARRAYS[name](), []
    decode_rows(encode_symbols(q), q.shape, lambda rows: taken.append(rows.copy()))
    np.testing.assert_array_equal(np.concatenate(taken), q.reshape(-1, q.shape[2]))


def test_rows_of_empty_channels_and_of_many() -> None:
    q = np.zeros((9, 300, 2000), np.int32)
    q[4, 250:, 7] = 5
    crc, count = 0, 0

    def take(rows: Symbols) -> None:
        nonlocal crc, count
        crc, count = zlib.crc32(rows.data, crc), count + len(rows)

    decode_rows(encode_symbols(q), q.shape, take)
    assert (crc, count) == (zlib.crc32(q.data), 9 * 300)


@pytest.mark.parametrize("q", [np.zeros((2, 50, 9000), int), np.ones((2, 50, 9000), int)])
def test_what_the_taker_raises_ends_it(q: NDArray[np.int64]) -> None:
    taken = 0

    def take(_: Symbols) -> None:
        nonlocal taken
        taken += 1
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        decode_rows(encode_symbols(q), (2, 50, 9000), take)
    assert taken == 1


def test_rows_are_refused_and_stopped_as_the_whole_is() -> None:
    stop, nothing = Stop(), (lambda _: None)
    with pytest.raises(Truncated):
        decode_rows(b"", (40, 400, 400), nothing)
    stop.set()
    with heeding(stop), pytest.raises(Stopped):
        decode_rows(bytes(99), (4, 200, 200), nothing)
    decode_rows(b"", (4, 0, 200), nothing)


def grown(work: str) -> int:
    """MiB by which a process grows by ``work``, at most, while it is at it."""
    program = (
        "import numpy as np, resource as r\n"
        "from sdz.entropy import decode_rows, decode_symbols, encode_symbols\n"
        "def most(): return r.getrusage(r.RUSAGE_SELF).ru_maxrss >> 10\n"
        f"blank = encode_symbols(np.zeros((192, 1, 1), int)); before = most()\n{work}\n"
        "print(most() - before)"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(
        words, env=children.environment(), capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="counts as Linux does")
@pytest.mark.parametrize(
    "work",
    [
        "assert not decode_symbols(blank, (192, 400, 400)).any()",  # 117 MiB of zeros
        "decode_rows(bytes(9999), (1, 2000, 20000), lambda rows: None)",  # 560 of planes and sums
    ],
    ids=["empty channels", "one channel"],
)
def test_blank_places_take_no_memory(work: str) -> None:
    expected = "" if "decode_symbols" in work else "from sdz.errors import TrailingData\n"
    if expected:
        work = f"{expected}try: {work}\nexcept TrailingData: pass"
    assert grown(work) < 40
