"""Children that are begun and ended whole: who is cancelled in between leaves none behind."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

import pytest

from sdz import undisturbed

FOR_EVER = (sys.executable, "-c", "import sys; print('here', flush=True); sys.stdin.read()")


async def cancel(task: asyncio.Task[Any], times: int) -> None:
    """As often, each time as soon as it has heard of the one before."""
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)


async def child() -> Process:
    process = await undisturbed.begin(*FOR_EVER, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"here\n"
    return process


async def test_one_that_is_finished_has_ended() -> None:
    process = await child()
    await undisturbed.finish(process)
    assert process.returncode
    await undisturbed.finish(process)  # as one that ended by itself


@pytest.mark.parametrize("times", [0, 1, 2, 5])
async def test_who_is_cancelled_waits_for_the_end_all_the_same(times: int) -> None:
    go = asyncio.Event()
    task = asyncio.create_task(undisturbed.to_its_end(go.wait()))
    await asyncio.sleep(0)
    await cancel(task, times)
    assert not task.done()
    go.set()
    await asyncio.wait([task])
    assert task.cancelled() == (times > 0)


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_who_is_cancelled_finishes_it(times: int) -> None:
    process = await child()
    task = asyncio.create_task(undisturbed.finish(process))
    await asyncio.sleep(0)
    await cancel(task, times)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert process.returncode is not None


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_who_is_cancelled_while_one_begins_leaves_none(
    monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    go, begun, create = asyncio.Event(), list[Process](), asyncio.create_subprocess_exec

    async def held(*words: str, **options: Any) -> Process:
        await go.wait()
        begun.append(await create(*words, **options))
        return begun[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", held)
    task = asyncio.create_task(child())
    await asyncio.sleep(0)
    await cancel(task, times)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [process.returncode is not None for process in begun] == [True]


async def test_one_that_does_not_begin_is_said_or_forgotten_with_who_was_cancelled() -> None:
    with pytest.raises(FileNotFoundError):
        await undisturbed.begin("/none")
    said = list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    task = asyncio.create_task(undisturbed.begin("/none"))
    await asyncio.sleep(0)
    await cancel(task, 1)
    with pytest.raises(asyncio.CancelledError):
        await task
    del task
    assert said == []
