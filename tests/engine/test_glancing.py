"""Previews in a child without torch, which is killed rather than waited for."""

from __future__ import annotations

import asyncio
import io
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import drawn
import numpy as np
import pytest
from engine_kit import FOR_EVER, Happening, Running, Tell, within
from PIL import Image
from samples import sdz_file

from sdz import children, container, pictures
from sdz.codec.score_map import pack_scores
from sdz.engine import DecodeJob, Engine, PreviewJob, ScoresJob, glancing
from sdz.engine.server import Order
from sdz.errors import BadSymbols, SdzError, TooCostly

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to this")


def preview(job: DecodeJob) -> PreviewJob:
    return PreviewJob(job.data)


def run(program: str) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, since limits are of a process."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env=children.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.asyncio
async def test_a_preview_is_drawn_without_torch() -> None:
    data = pictures.encode(Image.fromarray(drawn.scene(96, 128)))
    async with asyncio.timeout(60), Engine(FOR_EVER) as engine:
        result = await engine.run(PreviewJob(data, "png"))
        status = engine.status()
    with Image.open(io.BytesIO(result.data)) as found:
        assert found.tobytes() == pictures.preview(data).tobytes()
    states = {process.lane: process.state for process in status.processes}
    assert states.pop("glance") == "ready"
    assert set(states.values()) == {"stopped"}
    assert (status.state, status.models) == ("stopped", ())


@pytest.mark.asyncio
async def test_a_map_of_scores_is_read_there_too() -> None:
    data = with_map(sdz_file(70, 40), [[0, 5, 15], [10, 1, 2]])
    damaged = with_map(sdz_file(70, 40), [[0, 5, 15]])
    async with asyncio.timeout(60), Engine(FOR_EVER) as engine:
        result = await engine.run(ScoresJob(data))
        with pytest.raises(BadSymbols):
            await engine.run(ScoresJob(damaged))
        assert {process.lane for process in engine.status().processes if process.pid} == {"glance"}
    assert (result.data, result.meta) == (b"05fa12", {"cell": 32, "rows": 2, "columns": 3})


def with_map(data: bytes, classes: list[list[int]]) -> bytes:
    file = container.unpack(data)
    return container.pack(replace(file, scores=pack_scores(np.array(classes, np.uint8))))


def test_its_program_loads_no_torch() -> None:
    done = run("import sys, sdz.engine.child, sdz.engine.glancing; print('torch' in sys.modules)")
    assert done.stdout == "False\n"


@pytest.mark.asyncio
async def test_who_leaves_ends_the_child_and_that_is_no_crash(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        happening = Happening(engine)
        left = await Running(engine, preview(tell("stuck"))).start()
        waiting = [asyncio.create_task(engine.run(preview(tell("stuck")))) for _ in range(40)]
        for task in (left.task, *waiting):
            task.cancel()
        await happening.until("stopped")
        assert (await within(engine.run(preview(tell("echo x"))))).data == b"x"
        counters = engine.status().counters
        assert (counters.crashes, counters.retries, counters.batches) == (0, 0, 2)


@pytest.mark.asyncio
@ON_LINUX
async def test_what_takes_too_long_is_not_tried_again(
    stub: Any, tell: Tell, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with Engine(FOR_EVER, command=stub()) as engine:
        with pytest.raises(TooCostly, match="processor time"):
            await within(engine.run(preview(tell(f"over-time {log}"))))
        assert (await within(engine.run(preview(tell("echo x"))))).data == b"x"
    assert log.read_text() == "over time\n"


def test_of_a_large_picture_the_first_channels_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pictures.encode(Image.fromarray(drawn.scene(96, 128)))
    whole = glancing.draw(PreviewJob(data)).data
    asked = []

    def preview(given: bytes, *, channels: int, alpha: bool) -> Image.Image:
        asked.append(channels)
        return pictures.preview(given, channels=channels, alpha=alpha)

    monkeypatch.setattr(glancing, "preview", preview)
    assert glancing.draw(PreviewJob(data)).data == whole
    monkeypatch.setattr(glancing, "MOST_SYMBOLS", 6 * 8 * 30)
    assert glancing.draw(PreviewJob(data)).data != whole
    assert glancing.draw(PreviewJob(data, channels=4)).data != whole
    assert asked == [(1 << 24) // 48, 30, 4]


@pytest.mark.parametrize("alpha", [False, True])
def test_alpha_is_in_it_where_it_is_asked_for(alpha: bool) -> None:
    rgba = np.dstack([drawn.scene(96, 128), drawn.soft_alpha(96, 128)])
    data = pictures.encode(Image.fromarray(rgba))
    drawn_small = glancing.draw(PreviewJob(data, stored=True, alpha=alpha)).data
    with Image.open(io.BytesIO(drawn_small)) as found:
        assert found.mode == ("RGBA" if alpha else "RGB")
        assert found.tobytes() == pictures.preview(data, alpha=alpha).tobytes()


class Answers:
    """In the place of the server."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []

    def done(self, _: int, result: object) -> None:
        raise AssertionError(result)

    def failed(self, _: int, error: BaseException) -> None:
        self.errors.append(error)


def test_memory_is_given_back_when_it_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    trims: list[int] = []
    monkeypatch.setattr(glancing.memory, "trim", lambda: trims.append(1))
    glancer = glancing.Glancer(Answers())  # type: ignore[arg-type]
    assert glancer.rest_s() is None
    glancer.run([Order(1, PreviewJob(b"no file"))])
    assert not trims
    assert glancer.rest_s() is not None
    assert glancer.tidy()
    assert (len(trims), glancer.rest_s()) == (1, None)


def failure_of(data: bytes) -> BaseException:
    answers = Answers()
    glancing.Glancer(answers).run([Order(1, PreviewJob(data))])  # type: ignore[arg-type]
    (error,) = answers.errors
    return error


def test_errors_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glancing, "hold_time", lambda _: None)
    assert isinstance(failure_of(sdz_file()), BadSymbols)
    assert isinstance(failure_of(b"no file"), SdzError)

    def too_much(_: PreviewJob) -> None:
        raise MemoryError

    monkeypatch.setattr(glancing, "draw", too_much)
    error = failure_of(sdz_file())
    assert isinstance(error, TooCostly)
    assert error.resource == "memory"


def test_what_a_preview_may_cost_goes_by_bytes_and_symbols() -> None:
    seconds, more = glancing.cost_of(sdz_file(64, 64))
    assert (round(seconds, 1), more >> 20) == (2.0, 256)
    seconds, more = glancing.cost_of(sdz_file(12_000, 12_000))
    assert (round(seconds, 1), more >> 20) == (3.7, 1079)


@ON_LINUX
def test_threads_that_are_held_to_little_memory_leave_no_limit_behind() -> None:
    done = run(
        "import resource; from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "from threading import Event; from sdz.engine import limits\n"
        "first, second = Event(), Event()\n"
        "def one():\n"
        "    with limits.little_memory(1 << 26): first.set(); second.wait(0.2)\n"
        "def two():\n"
        "    first.wait()\n"
        "    with limits.little_memory(1 << 26): second.set()\n"
        "before = resource.getrlimit(resource.RLIMIT_DATA)\n"
        "with Pool(2) as pool: [f.result() for f in [pool.submit(one), pool.submit(two)]]\n"
        "print(resource.getrlimit(resource.RLIMIT_DATA) == before)\n"
    )
    assert done.stdout.split() == ["True"]


@ON_LINUX
def test_memory_is_held_to_and_had_again() -> None:
    done = run(
        "import numpy as np; from sdz.engine import limits; big = 1 << 28\n"
        "with limits.little_memory(1 << 26):\n"
        "    try: np.ones(big, np.uint8)\n"
        "    except MemoryError: print('refused')\n"
        "print(np.ones(big, np.uint8).sum())\n"
    )
    assert done.stdout.split() == ["refused", str(1 << 28)]


@ON_LINUX
def test_time_is_held_to() -> None:
    done = run("from sdz.engine import limits; limits.hold_time(0.1)\nwhile True: pass")
    assert done.returncode == -signal.SIGXCPU
