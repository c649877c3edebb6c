"""The engine's maker: behind all others, patient, never more than a few at once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from sdz.engine.jobs import EncodeJob, JobResult, Priority
from sdz.errors import ModelMissing, NotSmaller, QueueFull
from sdz.making.engine import EngineMaker
from sdz.making.maker import Made
from sdz.progress import Progress, hearing
from sdz.wish import Wish

WISH = Wish("taesd", quality=30)


class Engine:
    """Gives ``answers`` one after the other; notes what it was asked and how many at once."""

    def __init__(self, *answers: Exception | bytes) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Any, Priority | None]] = []
        self.now = self.most = 0

    async def run(
        self,
        job: Any,
        *,
        priority: Priority | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> JobResult:
        self.asked.append((job, priority))
        if on_progress is not None:
            on_progress(Progress("coding", 0.5, 2))
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return JobResult(answer, "application/x-sdz", {}, "single", "cpu", 0.1)


async def test_it_lets_all_others_go_first() -> None:
    engine = Engine(b"file")
    assert await EngineMaker(engine).make(b"picture", WISH) == Made(b"file")
    assert engine.asked == [(EncodeJob(b"picture", WISH), Priority.BACKGROUND)]


async def test_who_waits_hears_how_far_it_is() -> None:
    heard: list[Progress] = []
    with hearing(heard.append):
        await EngineMaker(Engine(b"file")).make(b"picture", WISH)
    assert heard == [Progress("waiting for its turn"), Progress("coding", 0.5, 2)]


async def test_a_full_queue_is_waited_for() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    engine = Engine(QueueFull(9, 4.0), QueueFull(9, 7.0), b"file")
    maker = EngineMaker(engine, sleep=sleep)
    assert await maker.make(b"picture", WISH) == Made(b"file")
    assert len(pauses) == 2
    assert 4.0 <= pauses[0] <= 6.0
    assert 7.0 <= pauses[1] <= 10.5


async def test_other_refusals_are_passed_on() -> None:
    with pytest.raises(NotSmaller):
        await EngineMaker(Engine(NotSmaller(9, 8))).make(b"picture", WISH)


async def test_it_is_made_ready_by_a_picture_of_one_pixel() -> None:
    engine, heard = Engine(b"file"), list[Progress]()
    with hearing(heard.append):
        await EngineMaker(engine).warm("taesd")
    assert heard == []  # it is no picture of anybody's
    [(job, priority)] = engine.asked
    assert (job.wish.model, priority) == ("taesd", Priority.BACKGROUND)
    with Image.open(io.BytesIO(job.data)) as image:
        image.load()
        assert image.size == (1, 1)
    await EngineMaker(Engine(ModelMissing("taesd", "sdz models pull taesd"))).warm("taesd")


async def test_only_so_many_at_once() -> None:
    engine = Engine(*[b"file"] * 20)
    maker = EngineMaker(engine, at_once=3)
    await asyncio.gather(*(maker.make(b"picture", WISH) for _ in range(20)))
    assert engine.most == 3
