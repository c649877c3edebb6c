"""Encodes rest for viewers: with real processes, which the system says stand still.

No test sleeps for a time: each waits for what the system, or the engine, says.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from engine_kit import Running, Tell, within
from parents import ends_with, parent

from sdz.engine import EncodeJob, Engine, EngineConfig, Priority
from sdz.engine.yielding import REST_S, WORK_S
from sdz.errors import EngineStopped
from sdz.wish import Wish

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere none stands still")

CONFIG = EngineConfig(keep_alive_s=-1, stop_timeout_s=0)
"""What tests leave under way is killed."""


def stands(pid: int) -> bool:
    """Whether a process stands still; one that is gone does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except FileNotFoundError:
        return False


async def until(pid: int, *, stood: bool) -> None:
    async with asyncio.timeout(20):
        while stands(pid) != stood:
            await asyncio.sleep(0.002)


def pid_of(engine: Engine, lane: str) -> int:
    pids = {process.lane: process.pid for process in engine.status().processes}
    pid = pids[lane]
    assert pid is not None
    return pid


@pytest.mark.parametrize(("effort", "lane"), [("normal", "work"), ("high", "search")])
async def test_an_encode_stands_still_while_somebody_views(
    stub: Any, tell: Tell, clock: Any, effort: Any, lane: str
) -> None:
    async with Engine(CONFIG, command=stub(), clock=clock) as engine:
        encode = await Running(engine, EncodeJob(b"wait", Wish(effort=effort))).start()
        pid = pid_of(engine, lane)
        assert not stands(pid)
        for _ in range(2):
            view = await Running(engine, tell("wait")).start()
            await until(pid, stood=True)
            view.task.cancel()
            await until(pid, stood=False)
        assert not encode.task.done()
        encode.task.cancel()


async def test_it_goes_on_though_somebody_views_for_ever(stub: Any, tell: Tell, clock: Any) -> None:
    async with Engine(CONFIG, command=stub(), clock=clock) as engine:
        encode = await Running(engine, EncodeJob(b"wait")).start()
        view = await Running(engine, tell("wait")).start()
        pid, lane = pid_of(engine, "work"), engine._lanes["work"]
        for _ in range(2):
            await until(pid, stood=True)
            clock.now += REST_S
            lane.wake()  # in the place of the timer, which has a clock of its own
            await until(pid, stood=False)
            clock.now += WORK_S
            lane.wake()
        for running in (encode, view):
            running.task.cancel()


async def test_who_is_cancelled_while_it_stands_still_hears_of_it(
    stub: Any, tell: Tell, clock: Any
) -> None:
    async with Engine(CONFIG, command=stub(), clock=clock) as engine:
        encode = await Running(engine, EncodeJob(b"wait")).start()
        view = await Running(engine, tell("wait")).start()
        await until(pid_of(engine, "work"), stood=True)
        encode.task.cancel()
        async with asyncio.timeout(20):
            while engine.status().running["encode"]:
                await asyncio.sleep(0.002)
        assert engine.status().counters.crashes == 0  # it has said so, and was not killed for it
        assert not view.task.done()
        view.task.cancel()


async def test_none_is_begun_beside_one_that_stands_still(
    stub: Any, tell: Tell, clock: Any, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    async with Engine(CONFIG, command=stub(), clock=clock) as engine:
        first = await Running(engine, EncodeJob(f"beside {go}".encode())).start()
        view = await Running(engine, tell("wait")).start()
        await until(pid_of(engine, "work"), stood=True)
        second = asyncio.create_task(engine.run(EncodeJob(b"picture")))
        for _ in range(20):  # turns of the loop: many more than the lane needs
            await asyncio.sleep(0)
        assert engine.status().queued["encode"] == 1
        view.task.cancel()
        assert (await within(second)).data == b"encoded"
        first.task.cancel()


async def test_the_engines_end_lets_what_stands_still_end(
    stub: Any, tell: Tell, clock: Any, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    async with Engine(CONFIG, command=stub(), clock=clock) as engine:
        encode = await Running(engine, tell(f"wait-for {go}"), priority=Priority.BACKGROUND).start()
        view = await Running(engine, tell(f"wait-for {go}", 65)).start()
        await until(pid_of(engine, "work"), stood=True)
        stopping = asyncio.create_task(engine.stop(20))
        go.touch()
        for running in (encode, view):
            assert (await within(running.task)).data == b"went on"
        await within(stopping)


async def test_what_does_not_end_is_killed_where_it_stands(
    stub: Any, tell: Tell, clock: Any
) -> None:
    async with Engine(CONFIG, command=stub(), clock=clock) as engine:
        encode = await Running(engine, EncodeJob(b"wait")).start()
        view = await Running(engine, tell("wait")).start()
        pid = pid_of(engine, "work")
        await until(pid, stood=True)
        await within(engine.stop())
        for running in (encode, view):
            with pytest.raises(EngineStopped):
                await running.task
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_one_killed_where_it_stands_is_begun_again(
    stub: Any, tell: Tell, clock: Any, tmp_path: Path
) -> None:
    async with Engine(CONFIG, command=stub(), clock=clock) as engine:
        job = tell(f"wait-once {tmp_path / 'seen'}")
        encode = await Running(engine, job, priority=Priority.BACKGROUND).start()
        view = await Running(engine, tell("wait", 65)).start()
        pid = pid_of(engine, "work")
        await until(pid, stood=True)
        os.kill(pid, signal.SIGKILL)
        view.task.cancel()
        assert (await within(encode.task)).data == b"second"


PARENT = """
import asyncio, sys
from sdz.engine import DecodeJob, EncodeJob, Engine, EngineConfig

async def main():
    async with Engine(EngineConfig(keep_alive_s=-1), command=sys.argv[1:]) as engine:
        def tell(_):
            print({one.lane: one.pid for one in engine.status().processes}["work"], flush=True)
        encode = asyncio.create_task(engine.run(EncodeJob(b"wait"), on_progress=tell))
        await engine.run(DecodeJob(sys.stdin.buffer.read()))

asyncio.run(main())
"""


async def test_one_that_stands_still_does_not_outlive_its_parent(stub: Any, tell: Tell) -> None:
    with parent(PARENT, stub(), tell("wait").data) as (process, pid):
        await until(pid, stood=True)
        await ends_with(process, pid)
