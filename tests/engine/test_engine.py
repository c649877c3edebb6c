"""The engine with real processes, which have no torch: its life, crashes, cancelling, its end.

No test sleeps: each waits for what the engine says.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from engine_kit import AT_ONCE, FOR_EVER, Happening, Running, Tell, within
from parents import ends_with, parent

from sdz.engine import (
    DecodeJob,
    EncodeJob,
    Engine,
    EngineConfig,
    Event,
    LoadJob,
    Priority,
    Progress,
    UnloadJob,
)
from sdz.errors import (
    BadSymbols,
    DeadlinePassed,
    DeviceMissing,
    EngineCrashed,
    EngineStopped,
    JobFailed,
    NotSdz,
    QueueFull,
)
from sdz.wish import Wish

pytestmark = pytest.mark.asyncio

PATIENCE_S = 120.0

# --- life ---------------------------------------------------------------------------------------


async def test_no_process_until_there_is_a_job(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        assert engine.status().state == "stopped"
        result = await within(engine.run(tell("echo hello")))
        status = engine.status()
        assert result.data == b"hello"
        assert (result.rung, result.device, result.seconds) == ("single", "cpu", 0.25)
        assert (status.state, status.pid, status.device) == ("ready", result.meta["pid"], "cpu")
        states = {process.lane: process.state for process in status.processes}
        assert states.pop("view") == "ready"
        assert set(states.values()) == {"stopped"}


async def test_the_process_ends_when_it_is_idle(stub: Any, tell: Tell) -> None:
    async with Engine(AT_ONCE, command=stub()) as engine:
        happening = Happening(engine)
        first = await within(engine.run(tell("echo")))
        await happening.until("stopped")
        assert happening.kinds() == ["starting", "started", "stopped"]
        assert engine.status().state == "stopped"
        with pytest.raises(ProcessLookupError):
            os.kill(first.meta["pid"], 0)
        second = await within(engine.run(tell("echo")))
        assert second.meta["pid"] != first.meta["pid"]
        assert engine.status().counters.crashes == 0


async def test_the_process_is_kept_while_its_time_runs(stub: Any, tell: Tell, clock: Any) -> None:
    config = EngineConfig(keep_alive_s=300)
    async with Engine(config, command=stub(), clock=clock) as engine:
        happening = Happening(engine)
        first = await within(engine.run(tell("echo")))
        clock.now += 299
        assert engine.status().processes[0].expires_s == pytest.approx(1)
        again = await within(engine.run(tell("echo")))
        assert again.meta["pid"] == first.meta["pid"]
        assert engine.status().processes[0].expires_s == pytest.approx(300)
        clock.now += 300
        engine._lanes["view"].wake()  # in the place of the timer, which has a clock of its own
        await happening.until("stopped")


async def test_viewers_and_encodes_have_processes_of_their_own(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        view = await within(engine.run(tell("echo")))
        encode = await within(engine.run(EncodeJob(b"picture")))
        background = await within(engine.run(tell("echo"), priority=Priority.BACKGROUND))
        lanes = [result.meta["lane"] for result in (view, encode, background)]
        assert lanes == ["view", "work", "work"]
        assert background.meta["pid"] == encode.meta["pid"] != view.meta["pid"]


async def test_a_search_holds_neither_encodes_nor_viewers_up(stub: Any, tell: Tell) -> None:
    high = Wish(effort="high")
    async with Engine(FOR_EVER, command=stub()) as engine:
        search = await Running(engine, EncodeJob(b"wait", high)).start()
        encode = await within(engine.run(EncodeJob(b"picture")))
        background = await within(engine.run(EncodeJob(b"picture"), priority=Priority.BACKGROUND))
        view = await within(engine.run(tell("echo")))
        lanes = [result.meta["lane"] for result in (encode, background, view)]
        assert lanes == ["work", "work", "view"]
        assert not search.task.done()
        assert engine.status().running == {"view": 0, "encode": 1, "background": 0}


async def test_a_running_encode_does_not_hold_a_viewer_up(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        encode = await Running(engine, tell("wait"), priority=Priority.BACKGROUND).start()
        assert (await within(engine.run(tell("echo seen")))).data == b"seen"
        assert not encode.task.done()
        assert engine.status().running == {"view": 0, "encode": 0, "background": 1}
        encode.task.cancel()


async def test_a_stopped_engine_takes_nothing(stub: Any, tell: Tell) -> None:
    engine = Engine(FOR_EVER, command=stub())
    with pytest.raises(EngineStopped):
        await engine.run(tell("echo"))
    async with engine:
        pass
    with pytest.raises(EngineStopped):
        await engine.run(tell("echo"))


async def test_stopping_lets_what_runs_end(stub: Any, tell: Tell, tmp_path: Path) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        running = await Running(engine, tell(f"wait-for {tmp_path / 'go'}")).start()
        stopping = asyncio.create_task(engine.stop())
        await asyncio.sleep(0)
        assert engine.status().state == "draining"
        (tmp_path / "go").touch()
        assert (await within(running.task)).data == b"went on"
        await within(stopping)


async def test_stopping_gives_up_on_what_does_not_end_and_refuses_what_waits(
    stub: Any, tell: Tell
) -> None:
    config = EngineConfig(keep_alive_s=-1, stop_timeout_s=0.2)
    async with Engine(config, command=stub()) as engine:
        running = await Running(engine, tell("wait")).start()
        waiting = asyncio.create_task(engine.run(tell("echo")))
        await asyncio.sleep(0)
    results = await asyncio.gather(running.task, waiting, return_exceptions=True)
    assert [type(result) for result in results] == [EngineStopped, EngineStopped]
    assert engine.status().state == "stopped"
    assert engine.status().counters.crashes == 0


async def test_what_is_to_end_at_once_is_not_waited_for(stub: Any, tell: Tell) -> None:
    """Neither what runs nor a child that does not go: each had ``stop_timeout_s``, one by one."""
    config = EngineConfig(keep_alive_s=-1, stop_timeout_s=600)
    engine = Engine(config, command=stub())
    async with engine:
        running = await Running(engine, tell("stuck")).start()
        leaving = await Running(engine, tell("stuck"), priority=Priority.ENCODE).start()
        async with asyncio.timeout(60):
            await engine.stop(0)
        results = await asyncio.gather(running.task, leaving.task, return_exceptions=True)
        assert [type(result) for result in results] == [EngineStopped, EngineStopped]
    assert engine.status().counters.crashes == 0


async def test_stopping_while_a_process_starts(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub("silent")) as engine:
        happening = Happening(engine)
        task = asyncio.create_task(engine.run(tell("echo")))
        await happening.until("starting")
    with pytest.raises(EngineStopped):
        await task


# --- order --------------------------------------------------------------------------------------


async def test_more_urgent_jobs_go_first(stub: Any, tell: Tell, tmp_path: Path) -> None:
    log, flag = tmp_path / "log", tmp_path / "flag"
    async with Engine(FOR_EVER, command=stub()) as engine:
        blocker = await Running(
            engine, tell(f"wait-once {flag}"), priority=Priority.BACKGROUND
        ).start()
        wanted = [Priority.BACKGROUND, Priority.ENCODE, Priority.BACKGROUND, Priority.ENCODE]
        tasks = [
            asyncio.create_task(
                engine.run(tell(f"log {log} {number}", 64 + 16 * number), priority=priority)
            )
            for number, priority in enumerate(wanted)
        ]
        await asyncio.sleep(0)
        assert engine.status().queued == {"view": 0, "encode": 2, "background": 2}
        blocker.task.cancel()
        await within(asyncio.gather(*tasks))
    assert log.read_text().split() == ["1", "3", "0", "2"]


async def test_what_is_alike_and_waits_is_one_batch(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        alone = await within(engine.run(tell("echo")))
        blocker = await Running(engine, tell("wait")).start()
        jobs = [tell("echo", 64), tell("echo", 128), tell("echo", 64), tell("echo", 61)]
        tasks = [asyncio.create_task(engine.run(job)) for job in jobs]
        await asyncio.sleep(0)
        blocker.task.cancel()
        results = await within(asyncio.gather(*tasks))
    assert alone.meta["together"] == 1
    assert [result.meta["together"] for result in results] == [3, 1, 3, 3]
    assert [result.rung for result in results] == ["batch", "single", "batch", "batch"]


async def test_equal_jobs_are_done_once(stub: Any, tell: Tell, tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with Engine(FOR_EVER, command=stub()) as engine:
        job = tell(f"log {log} x")
        results = await within(asyncio.gather(*(engine.run(job, key="k") for _ in range(5))))
        assert len({id(result) for result in results}) == 1
        assert engine.status().counters.joined == 4
        assert engine.status().counters.jobs == 1
        await within(engine.run(job, key="k"))
    assert log.read_text().split() == ["x", "x"]


async def test_a_full_queue_refuses_at_once(stub: Any, tell: Tell) -> None:
    config = EngineConfig(keep_alive_s=-1, queue_limit=1)
    async with Engine(config, command=stub()) as engine:
        blocker = await Running(engine, tell("wait")).start()
        waiting = asyncio.create_task(engine.run(tell("echo")))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull) as caught:
            await engine.run(tell("echo"))
        assert caught.value.retry_after_s >= 1
        encode = await within(engine.run(EncodeJob(b"picture")))  # another queue
        assert encode.data == b"encoded"
        blocker.task.cancel()
        assert (await within(waiting)).rung == "single"


# --- giving up ----------------------------------------------------------------------------------


async def test_cancelling_takes_a_waiting_job_away(stub: Any, tell: Tell, tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with Engine(FOR_EVER, command=stub()) as engine:
        blocker = await Running(engine, tell("wait")).start()
        waiting = asyncio.create_task(engine.run(tell(f"log {log} x")))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert engine.status().queued["view"] == 0
        blocker.task.cancel()
        await within(engine.run(tell("echo")))
        assert engine.status().counters.cancelled == 2
    assert not log.exists()


async def test_cancelling_stops_a_running_job(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        running = await Running(engine, tell("wait")).start()
        assert running.reached.result() == Progress("decoding", 0.5, 0, 1, 2)
        pid = engine.status().pid
        running.task.cancel()
        result = await within(engine.run(tell("echo")))
        assert result.meta["pid"] == pid


async def test_a_shared_job_goes_on_for_the_others(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        blocker = await Running(engine, tell("wait")).start()
        one, two = (asyncio.create_task(engine.run(tell("echo x"), key="k")) for _ in range(2))
        await asyncio.sleep(0)
        one.cancel()
        blocker.task.cancel()
        assert (await within(two)).data == b"x"


async def test_a_deadline_ends_the_wait_and_the_job(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        await within(engine.run(LoadJob("lite-1")))
        with pytest.raises(DeadlinePassed) as caught:
            await within(engine.run(tell("wait"), deadline_s=0.05))
        assert caught.value.seconds == 0.05
        assert (await within(engine.run(tell("echo x")))).data == b"x"


async def test_a_job_that_cannot_be_stopped_takes_its_process_with_it(
    stub: Any, tell: Tell
) -> None:
    config = EngineConfig(keep_alive_s=-1, stuck_s=0.01)
    async with Engine(config, command=stub()) as engine:
        stuck = await Running(engine, tell("stuck")).start()
        pid = engine.status().pid
        stuck.task.cancel()
        result = await within(engine.run(tell("echo x")))
        assert result.data == b"x"
        assert result.meta["pid"] != pid
        assert engine.status().counters.retries == 0


# --- crashes ------------------------------------------------------------------------------------


async def test_a_job_killed_in_the_middle_is_done_again(
    stub: Any, tell: Tell, tmp_path: Path
) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        happening = Happening(engine)
        running = await Running(engine, tell(f"wait-once {tmp_path / 'flag'}")).start()
        pid = engine.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        result = await within(running.task)
        assert result.data == b"second"
        assert result.meta["pid"] != pid
        crashed = await happening.until("crashed")
        assert crashed.detail == {"reason": "killed by SIGKILL"}
        counters = engine.status().counters
        assert (counters.crashes, counters.retries, counters.starts) == (1, 1, 2)


async def test_the_second_crash_is_the_last(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        with pytest.raises(EngineCrashed) as caught:
            await within(engine.run(tell("crash")))
        assert (caught.value.attempts, caught.value.reason) == (2, "exit code 9")
        assert (await within(engine.run(tell("echo x")))).data == b"x"


async def test_one_that_crashes_does_not_take_its_batch_with_it(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        blocker = await Running(engine, tell("wait")).start()
        words = ["echo a", "crash", "echo b"]
        tasks = [asyncio.create_task(engine.run(tell(word))) for word in words]
        await asyncio.sleep(0)
        blocker.task.cancel()
        first, second, third = await within(asyncio.gather(*tasks, return_exceptions=True))
        assert (first.data, third.data) == (b"a", b"b")
        assert isinstance(second, EngineCrashed)


async def test_what_was_beside_one_that_crashes_is_tried_again_without_it(
    stub: Any, tmp_path: Path
) -> None:
    path = tmp_path / "there"
    async with Engine(FOR_EVER, command=stub()) as engine:
        again = asyncio.Event()

        def at(_: Progress) -> None:
            if engine.status().counters.crashes:
                again.set()

        first = await Running(engine, EncodeJob(f"beside {path}".encode())).start()
        second = asyncio.create_task(
            engine.run(EncodeJob(f"beside {path}".encode()), on_progress=at)
        )
        crashing = asyncio.create_task(engine.run(EncodeJob(b"crash")))
        first.task.cancel()
        await within(again.wait())
        assert engine.status().running["encode"] == 1
        assert engine.status().queued["encode"] == 1
        path.with_name("there.go").touch()
        assert (await within(second)).data == b"went on"
        with pytest.raises(EngineCrashed):
            await within(crashing)


@pytest.mark.parametrize("how", ["dead", "silent"])
async def test_a_process_that_does_not_come_up_fails_what_waits(
    stub: Any, tell: Tell, how: str
) -> None:
    config = EngineConfig(keep_alive_s=-1, start_timeout_s=120 if how == "dead" else 0.05)
    async with Engine(config, command=stub(how)) as engine:
        with pytest.raises(EngineCrashed, match="at its start"):
            await within(engine.run(tell("echo")))
        assert engine.status().counters.starts == 2


async def test_a_program_that_is_not_there_fails_what_waits(tell: Tell) -> None:
    async with Engine(FOR_EVER, command=["no-such-program"]) as engine:
        with pytest.raises(EngineCrashed, match="at its start"):
            await within(engine.run(tell("echo")))


async def test_a_start_that_fails_once_is_repeated(stub: Any, tell: Tell, tmp_path: Path) -> None:
    command = stub("dead-once", str(tmp_path / "flag"))
    async with Engine(FOR_EVER, command=command) as engine:
        assert (await within(engine.run(tell("echo x")))).data == b"x"


async def test_a_device_that_is_not_there_is_said_and_not_replaced(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub("unable")) as engine:
        with pytest.raises(DeviceMissing) as caught:
            await within(engine.run(tell("echo")))
        assert (caught.value.wanted, caught.value.found) == ("cuda", ("cpu",))
        assert engine.status().counters.starts == 1


async def test_what_a_child_prints_is_not_taken_for_an_answer(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub("nonsense")) as engine:
        assert (await within(engine.run(tell("echo x")))).data == b"x"


# --- errors, models -----------------------------------------------------------------------------


async def test_errors_arrive_as_they_were_raised(stub: Any, tell: Tell) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        with pytest.raises(BadSymbols) as caught:
            await within(engine.run(tell("fail")))
        assert (caught.value.what, caught.value.expected) == ("the stub", 1)
        with pytest.raises(JobFailed, match="by nought") as failed:
            await within(engine.run(tell("bug")))
        assert failed.value.kind == "ZeroDivisionError"
        counters = engine.status().counters
        assert counters.failed == 2
        assert counters.out_of_memory == {"single": 1, "tiles": 1}


async def test_what_is_no_file_starts_no_process(stub: Any) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        with pytest.raises(NotSdz):
            await engine.run(DecodeJob(b"GIF89a, perhaps"))
        assert engine.status().counters.starts == 0


async def test_models_are_told(stub: Any, clock: Any) -> None:
    config = EngineConfig(keep_alive_s=300)
    async with Engine(config, command=stub(), clock=clock) as engine:
        await within(engine.run(LoadJob("stub")))
        clock.now += 10
        (model,) = engine.status().models
        assert (model.name, model.lane, model.bytes) == ("stub", "view", 7)
        assert model.idle_s == pytest.approx(10)
        assert model.expires_s == pytest.approx(290)


async def test_unloading_starts_no_process(stub: Any) -> None:
    async with Engine(FOR_EVER, command=stub()) as engine:
        result = await within(engine.run(UnloadJob("stub")))
        assert result.meta == {"model": "stub", "unloaded": False}
        assert engine.status().counters.starts == 0
        await within(engine.run(LoadJob("stub")))
        result = await within(engine.run(UnloadJob("stub")))
        assert result.meta == {"model": "stub", "unloaded": True}


async def test_who_unsubscribes_hears_nothing(stub: Any, tell: Tell) -> None:
    heard: list[Event] = []
    async with Engine(FOR_EVER, command=stub()) as engine:
        stop = engine.subscribe(heard.append)
        stop()
        await within(engine.run(tell("echo")))
    assert heard == []


async def test_a_listener_that_fails_stops_nothing(
    stub: Any, tell: Tell, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("in a listener")

    async with Engine(FOR_EVER, command=stub()) as engine:
        engine.subscribe(fail)
        (tmp_path / "go").touch()
        job = tell(f"wait-for {tmp_path / 'go'}")
        assert (await within(engine.run(job, on_progress=fail))).data == b"went on"
    assert "in a listener" in caplog.text


# --- the parent's end ---------------------------------------------------------------------------

PARENT = """
import asyncio, sys
from sdz.engine import DecodeJob, Engine, EngineConfig

async def main():
    async with Engine(EngineConfig(keep_alive_s=-1), command=sys.argv[1:]) as engine:
        result = await engine.run(DecodeJob(sys.stdin.buffer.read()))
        print(result.meta["pid"], flush=True)
        await asyncio.sleep(3600)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits by pidfd, which is Linux's")
async def test_a_child_does_not_outlive_its_parent(stub: Any, tell: Tell) -> None:
    with parent(PARENT, stub(), tell("echo").data) as (process, child_pid):
        await ends_with(process, child_pid)


async def test_the_daemons_side_imports_neither_torch_nor_numpy() -> None:
    program = "import sys, sdz.engine; print(*{'torch', 'numpy', 'PIL'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
