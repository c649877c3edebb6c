"""Making by the daemon while there is one, and by an engine of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import png_header, sdz_file
from served import Served

from sdz import errors
from sdz.client import Client, Reply
from sdz.engine.jobs import Priority
from sdz.errors import (
    BodyTooLarge,
    DaemonNotRunning,
    DaemonRefused,
    EngineStopped,
    NotSmaller,
    QueueFull,
    UnreadableImage,
)
from sdz.making import first
from sdz.making.daemon import as_error
from sdz.making.first import LOOK_AGAIN_S, PATIENCE, BlockingDaemonFirst, DaemonFirst
from sdz.making.maker import Made
from sdz.progress import Progress, hearing
from sdz.wish import Wish

PICTURE = png_header(8, 8)
WISH = Wish(quality=33.0, keep_metadata=True, effort="high")


class Own:
    """What is done without the daemon."""

    def __init__(self) -> None:
        self.asked = self.warmed = 0

    async def warm(self, model: str) -> None:
        assert model == "lite-1"
        self.warmed += 1

    async def make(self, data: bytes, wish: Wish) -> Made:
        assert (data, wish) == (PICTURE, WISH)
        self.asked += 1
        return Made(b"our own")


class Test:
    """A maker that finds the daemon of ``served``, with a clock and pauses of its own."""

    __test__ = False

    def __init__(self, served: Served) -> None:
        self.own, self.now, self.found = Own(), 1000.0, 0
        self.pauses: list[float] = []
        self._served = served
        self.maker = DaemonFirst(self.own, find=self.find, clock=lambda: self.now, sleep=self.sleep)

    def find(self) -> Client:
        self.found += 1
        return Client.find(self._served.folder)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._served.engine.failure = None

    async def encode(self) -> bytes:
        return (await self.maker.make(PICTURE, WISH)).data


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as running:
        yield running


@pytest.fixture
def test(served: Served) -> Iterator[Test]:
    made = Test(served)
    yield made
    made.maker.close()


async def test_the_daemon_does_the_work_behind_all_others(served: Served, test: Test) -> None:
    for _ in range(3):
        assert await test.encode() == sdz_file()
    assert (test.own.asked, test.found) == (0, 1)  # one connection for all
    [job, *_] = served.engine.jobs
    assert (job.data, job.wish.model) == (PICTURE, "lite-1")
    assert job.wish == WISH
    assert served.engine.priorities == [Priority.BACKGROUND] * 3


async def test_several_at_once_have_a_connection_each(served: Served, test: Test) -> None:
    results = await asyncio.gather(*(test.encode() for _ in range(4)))
    assert results == [sdz_file()] * 4
    assert len(served.engine.jobs) == 4


@pytest.mark.parametrize(
    "failure", [NotSmaller(9, 8), UnreadableImage("no"), EngineStopped(), BodyTooLarge(5)]
)
async def test_what_the_daemon_refuses(served: Served, test: Test, failure: Exception) -> None:
    served.engine.failure = failure
    if isinstance(failure, EngineStopped | BodyTooLarge):  # it is going, or it has limits
        assert await test.encode() == b"our own"
        return
    with pytest.raises(type(failure)) as caught:
        await test.encode()
    assert str(caught.value) == str(failure)
    served.engine.failure = None
    assert await test.encode() == sdz_file()  # the connection is still good
    assert test.found == 1


async def test_a_full_queue_is_waited_for(served: Served, test: Test) -> None:
    served.engine.failure = QueueFull(5, 3.0)
    assert await test.encode() == sdz_file()
    assert len(test.pauses) == 1
    assert test.pauses[0] >= 2.0


async def test_a_daemon_that_ends_and_one_that_begins(tmp_path: Path) -> None:
    with Served(tmp_path / "one") as first:
        test = Test(first)
        assert await test.encode() == sdz_file()
    assert await test.encode() == b"our own"
    with Served(tmp_path / "two") as second:
        test._served = second
        assert await test.encode() == b"our own"  # not looked for at every picture
        test.now += LOOK_AGAIN_S
        assert await test.encode() == sdz_file()
        test.maker.close()


async def test_only_what_will_be_needed_is_made_ready(served: Served, test: Test) -> None:
    await test.maker.warm("lite-1")
    assert (test.own.warmed, served.engine.jobs) == (0, [])
    assert await test.encode() == sdz_file()
    assert test.found == 1


async def test_none_is_there() -> None:
    found = 0

    def find() -> Client:
        nonlocal found
        found += 1
        raise DaemonNotRunning

    own = Own()
    maker = DaemonFirst(own, find=find)
    for _ in range(3):
        assert await maker.make(PICTURE, WISH) == Made(b"our own")
    await maker.warm("lite-1")
    assert (found, own.asked, own.warmed) == (1, 3, 1)


async def test_who_is_cancelled_does_not_wait_for_the_answer(served: Served, test: Test) -> None:
    served.engine.gate.clear()
    task = asyncio.create_task(test.encode())
    async with asyncio.timeout(120):
        while not served.engine.jobs:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(120):  # the thread that waited has ended, or this would wait for it
        await asyncio.get_running_loop().shutdown_default_executor()
    served.engine.gate.set()


class Blocking:
    """A maker of threads' by the daemon of ``served``."""

    def __init__(self, served: Served, client: Client) -> None:
        self.asked, self.found, self.pauses = 0, 0, list[float]()
        self.free_after = 1
        self._served, self._client = served, client
        self.maker = BlockingDaemonFirst(self, self.find, sleep=self.sleep)

    def find(self) -> Client:
        self.found += 1
        return self._client

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == self.free_after:
            self._served.engine.failure = None

    def make(self, data: bytes, wish: Wish) -> Made:
        assert (data, wish) == (PICTURE, WISH)
        self.asked += 1
        return Made(b"our own")

    def encode(self) -> bytes:
        return self.maker.make(PICTURE, WISH).data


async def test_who_hears_how_far_it_is_and_is_cancelled_cancels_the_job(
    served: Served, test: Test
) -> None:
    heard: list[Progress] = []
    served.engine.gate.clear()
    with hearing(heard.append):
        task = asyncio.create_task(test.encode())
    async with asyncio.timeout(120):
        while Progress("coding", 0.5, 2) not in heard:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(120):
        await asyncio.get_running_loop().shutdown_default_executor()
        while not served.engine.cancelled:
            await asyncio.sleep(0.01)


async def test_a_daemon_that_ends_while_it_is_heard_is_done_without(tmp_path: Path) -> None:
    heard: list[Progress] = []
    with Served(tmp_path) as served:
        test = Test(served)
        served.engine.gate.clear()
        with hearing(heard.append):
            task = asyncio.create_task(test.encode())
        async with asyncio.timeout(120):
            while not served.engine.jobs:
                await asyncio.sleep(0.01)
        await asyncio.to_thread(served.end)
        assert await task == b"our own"


@pytest.mark.parametrize("code", ["cancelled", "no-such-job"])
async def test_a_job_that_is_gone_is_asked_for_again(
    test: Test, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    refusals = [DaemonRefused(code, "another daemon")]
    told = Client.encode_told

    def once_gone(self: Client, *args: Any, **options: Any) -> Reply:
        if refusals:
            raise refusals.pop()
        return told(self, *args, **options)

    monkeypatch.setattr(Client, "encode_told", once_gone)
    with hearing(lambda _: None):
        assert await test.encode() == sdz_file()
    assert (len(test.pauses), test.own.asked) == (1, 0)


@pytest.fixture
def blocking(served: Served) -> Iterator[Blocking]:
    with Client.find(served.folder) as client:
        yield Blocking(served, client)


def test_who_waits_for_a_busy_daemon(served: Served, blocking: Blocking) -> None:
    served.engine.failure = QueueFull(5, 3.0)
    assert blocking.encode() == sdz_file()
    assert (len(blocking.pauses), blocking.asked) == (1, 0)
    assert served.engine.priorities[-1:] == [Priority.ENCODE]


def test_who_has_waited_for_long_does_it_alone_and_asks_again(
    served: Served, blocking: Blocking
) -> None:
    served.engine.failure = QueueFull(5, 3.0)
    blocking.free_after = PATIENCE
    assert blocking.encode() == b"our own"
    assert len(blocking.pauses) == PATIENCE
    assert blocking.encode() == sdz_file()


@pytest.mark.parametrize(
    ("failure", "asks_again"), [(BodyTooLarge(5), True), (EngineStopped(), False)]
)
def test_what_a_daemon_cannot_do_is_done_without(
    served: Served, blocking: Blocking, failure: Exception, asks_again: bool
) -> None:
    served.engine.failure = failure
    assert blocking.encode() == b"our own"
    served.engine.failure = None
    assert blocking.encode() == (sdz_file() if asks_again else b"our own")


def test_what_nobody_could_do_is_refused(served: Served, blocking: Blocking) -> None:
    served.engine.failure = NotSmaller(9, 8)
    with pytest.raises(NotSmaller):
        blocking.encode()
    assert blocking.asked == 0


def test_a_daemon_that_has_gone(tmp_path: Path) -> None:
    with Served(tmp_path / "one") as served:
        client = Client.find(served.folder)
    blocking = Blocking(served, client)
    assert [blocking.encode(), blocking.encode()] == [b"our own"] * 2
    assert blocking.found == 1


def test_an_error_of_another_edition_stays_what_it_is() -> None:
    refused = DaemonRefused("of-the-future", "no")
    assert as_error(refused) is refused
    error = as_error(DaemonRefused(NotSmaller.code, "larger"))
    assert (type(error), str(error), error.code) == (NotSmaller, "larger", "not-smaller")
    assert errors.BY_CODE["not-sdz"].__name__ == "NotSdz"


def test_the_codes_it_knows_are_those_of_errors() -> None:
    known = {*first._COME_AGAIN, *first._GONE, *first._ITS_LIMITS}
    assert known <= errors.BY_CODE.keys()
