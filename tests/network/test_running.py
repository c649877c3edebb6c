"""Threads, stopping and forks: nobody waits for ever, and nobody writes where nobody reads."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any

import networks
import numpy as np
import pytest

from sdz.network import Network, network_of
from sdz.network.library import Library, library
from sdz.stopping import Stop, Stopped, heeding

NETWORK = network_of(networks.network(), ValueError)
Q = networks.symbols(1, NETWORK.channels, 20, 30)
WANTED = NETWORK.decode(Q, 18000)


def decode_here(network: Network) -> bytes:
    return network.decode(Q, 18000, threads=2).tobytes()


def test_stopped_before_it_began() -> None:
    stop = Stop()
    stop.set()
    with heeding(stop), pytest.raises(Stopped):
        NETWORK.decode(Q, 18000)
    with heeding(stop), pytest.raises(Stopped):
        NETWORK.encode(WANTED, threads=3)


@pytest.mark.parametrize("threads", [1, 4])
def test_stopped_on_the_way(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once rows are being made: plain C takes seconds for all of them."""
    q = networks.symbols(1, NETWORK.channels, 300, 300)
    stop, given = Stop(), Queue[Any]()
    real = Library.work

    def work(self: Library, room: Any, flag: Any) -> int:
        given.put((room, room.copy()))
        return real(self, room, flag)

    def stop_when_at_work() -> None:
        room, before = given.get()
        while np.array_equal(room, before):
            pass
        stop.set()

    monkeypatch.setattr(Library, "work", work)
    other = threading.Thread(target=stop_when_at_work)
    other.start()
    with heeding(stop), pytest.raises(Stopped):
        NETWORK.decode(q, 18000, threads=threads, variant="plain")
    other.join()


def test_a_stop_that_nobody_sets() -> None:
    with heeding(Stop()):
        np.testing.assert_array_equal(NETWORK.decode(Q, 18000, threads=2), WANTED)


def test_many_pictures_at_once() -> None:
    """One network serves all threads of a process."""
    with ThreadPoolExecutor(8) as pool:
        for pixels in pool.map(lambda _: NETWORK.decode(Q, 18000, threads=2), range(24)):
            np.testing.assert_array_equal(pixels, WANTED)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes(method: str) -> None:
    """Forked after the library was used by several threads."""
    decode_here(NETWORK)
    with multiprocessing.get_context(method).Pool(2) as pool:
        results = pool.map_async(decode_here, [NETWORK] * 4).get(60)
    assert set(results) == {WANTED.tobytes()}


def test_memory_does_not_grow_with_the_height() -> None:
    shape = NETWORK.decoder.shape.numbers()
    short, tall = (library().room(shape, h, 250).nbytes for h in (20, 4000))
    assert short == tall


def test_symbols_may_be_cut_out_of_others() -> None:
    wide = np.zeros((NETWORK.channels, 24, 40), np.int16)
    wide[:, 2:22, 5:35] = Q
    np.testing.assert_array_equal(NETWORK.decode(wide[:, 2:22, 5:35], 18000), WANTED)
    rgb = np.zeros((*WANTED.shape[:2], 4), np.uint8)
    rgb[..., :3] = WANTED
    np.testing.assert_array_equal(NETWORK.encode(rgb[..., :3]), NETWORK.encode(WANTED))
