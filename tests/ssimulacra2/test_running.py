"""Threads, stopping, forks and a library that is not there."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from sdz.errors import KernelMissing
from sdz.ssimulacra2 import Original
from sdz.ssimulacra2.library import LIBRARY, Job, Library
from sdz.ssimulacra2.running import threads_for
from sdz.stopping import Stop, Stopped, heeding

RNG = np.random.default_rng(4)
A, B = RNG.integers(0, 256, (2, 400, 420, 3), dtype=np.uint8)


def compared(original: Original, threads: int | None = None) -> tuple[float, float]:
    found = original.compare(B, threads=threads)
    return found.whole, found.worst


WANTED = compared(Original(A), 1)


def compare_here(original: Original) -> tuple[float, float]:
    return compared(original, 2)


def test_many_at_once_with_one_original() -> None:
    original = Original(A)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(compare_here, [original] * 24)) == {WANTED}


def in_child(_: int) -> tuple[float, float]:
    return compared(Original(A), 2)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes(method: str) -> None:
    """Forked after the library was used by several threads."""
    compare_here(Original(A))
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert set(pool.map_async(in_child, range(4)).get(60)) == {WANTED}


@pytest.mark.parametrize("threads", [1, 2])
def test_stopped_before_it_began(threads: int) -> None:
    original, stop = Original(A), Stop()
    with heeding(stop):
        assert compared(original, threads) == WANTED
        stop.set()
        with pytest.raises(Stopped):
            original.compare(B, threads=threads)
        with pytest.raises(Stopped):
            Original(A).compare(B, threads=threads)
    assert compared(original, threads) == WANTED


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_stopped_on_the_way(nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any kind of work; what was made by then stays, what was not is made anew."""
    original, stop, real = Original(A), Stop(), Library.work
    kinds: list[int] = []

    def work(self: Library, job: Job, kind: int) -> int:
        kinds.append(kind)
        if len(kinds) == nth:
            stop.set()
        return real(self, job, kind)

    monkeypatch.setattr(Library, "work", work)
    with heeding(stop), pytest.raises(Stopped):
        original.compare(B, threads=1)
    assert len(kinds) == nth
    assert compared(original) == WANTED


def test_small_pictures_get_one_thread() -> None:
    assert threads_for(100, 8) == 1
    assert threads_for(768 * 512, 8) == 6
    assert threads_for(768 * 512, 2) == 2


def test_a_library_that_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(KernelMissing, match="is not built"):
        Library(tmp_path / LIBRARY.name)
    (tmp_path / LIBRARY.name).write_bytes(b"no library")
    with pytest.raises(KernelMissing, match="does not load"):
        Library(tmp_path / LIBRARY.name)


def test_an_old_library_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdz.ssimulacra2.library.VERSION", 0)
    with pytest.raises(KernelMissing, match="version 1, not 0"):
        Library(LIBRARY)
