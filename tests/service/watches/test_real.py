"""A watched folder in the service with the real watcher and journal; only the engine is quick."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from quick_pictures import picture
from service_kit import JSON, Daemon
from watch_kit import QuickEncoder, outputs, quick_sdz, until

from sdz.engine.jobs import EncodeJob, JobResult, Priority
from sdz.errors import QueueFull, ScoreNotReached
from sdz.watch.telling.news import PAUSE_S

HARD = picture(1000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def quick(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> QuickEncoder:
    """What the daemon's engine does with an encode."""

    def fail(data: bytes) -> None:
        if data == HARD:
            raise ScoreNotReached(90, 55.5, "lite-1")

    encoder = QuickEncoder(fail=fail)

    async def run(job: EncodeJob, *, priority: Priority, on_progress: object = None) -> JobResult:
        del on_progress
        assert priority is Priority.BACKGROUND
        data = (await encoder.make(job.data, job.wish)).data
        return JobResult(data, "application/x-sdz", {}, "single", "cpu", 0.1)

    monkeypatch.setattr(daemon.engine, "run", run)
    return encoder


async def watch(daemon: Daemon, root: Path, **wishes: Any) -> str:
    body = json.dumps({"root": str(root), "settle_s": 0.05, **wishes}).encode()
    answer = await daemon.ask("POST", "/v1/watches", body, JSON)
    assert answer.status == 200, answer.data
    watch_id: str = answer.json["id"]
    return watch_id


async def listen(daemon: Daemon, events: list[dict[str, Any]]) -> None:
    async with daemon.client.get("/v1/events", headers=daemon.bearer) as reply:
        async for line in reply.content:
            if line.startswith(b"data: "):
                events.append(json.loads(line[6:]))


async def test_a_hundred_pictures_and_what_is_told_of_them(
    daemon: Daemon, quick: QuickEncoder, root: Path
) -> None:
    events: list[dict[str, Any]] = []
    listener = asyncio.create_task(listen(daemon, events))
    began = time.monotonic()
    watch_id = await watch(daemon, root)
    for number in range(100):
        (root / f"{number}.jpg").write_bytes(picture(number))
    (root / "hard.jpg").write_bytes(HARD)
    await until(lambda: events and events[-1]["done"] == 100 and events[-1]["refused"] == 1)
    assert len(events) <= 2 + (time.monotonic() - began) / PAUSE_S
    assert sum(len(event["files"]) + event["left_out"] for event in events) == 101
    assert {event["id"] for event in events} == {watch_id}
    last = events[-1]
    assert (last["waiting"], last["running"], last["failed"]) == (0, 0, 0)
    before = sum((root / f"{number}.jpg").stat().st_size for number in range(100))
    assert last["saved_bytes"] == before - 100 * len(quick_sdz(b""))
    assert quick.most_at_once <= 2  # the queue is left to those who wait
    listener.cancel()

    detail = (await daemon.ask("GET", f"/v1/watches/{watch_id}")).json
    [note] = detail["notes"]
    assert (note["path"], note["state"], note["code"]) == (
        str(root / "hard.jpg"),
        "refused",
        "score-not-reached",
    )
    text = (await daemon.ask("GET", "/metrics")).data.decode()
    assert f'sdz_watch_files{{folder="{watch_id}",state="done"}} 100.0' in text
    assert f'sdz_watch_saved_bytes{{folder="{watch_id}"}} {float(last["saved_bytes"])}' in text


async def test_retry_tries_again(daemon: Daemon, quick: QuickEncoder, root: Path) -> None:
    (root / "hard.jpg").write_bytes(HARD)
    watch_id = await watch(daemon, root)

    async def stands(**wanted: int) -> None:
        async with asyncio.timeout(60):
            while True:
                row = (await daemon.ask("GET", f"/v1/watches/{watch_id}")).json["watch"]
                if all(row[name] == count for name, count in wanted.items()):
                    return
                await asyncio.sleep(0.05)

    await stands(refused=1)
    quick.fail = QuickEncoder().fail
    body = json.dumps({"paths": ["hard.jpg"]}).encode()
    answer = await daemon.ask("POST", f"/v1/watches/{watch_id}/retry", body, JSON)
    assert answer.json == {"files": 1}
    await stands(refused=0, done=1)
    assert outputs(root) == [root / "hard.sdz"]
    answer = await daemon.ask("POST", f"/v1/watches/{watch_id}/undo", b"{}", JSON)
    assert answer.json == {"files": []}  # nothing was put into the trash


async def test_a_full_queue_is_no_failure(daemon: Daemon, quick: QuickEncoder, root: Path) -> None:
    refusals = [QueueFull(256, 0.01) for _ in range(5)]

    def fail(_: bytes) -> None:
        if refusals:
            raise refusals.pop()

    quick.fail = fail
    (root / "a.jpg").write_bytes(picture(1))
    await watch(daemon, root)
    await until(lambda: outputs(root) == [root / "a.sdz"])
    assert refusals == []


async def test_the_daemon_ends_in_the_middle(
    daemon: Daemon, quick: QuickEncoder, root: Path
) -> None:
    quick.go.clear()
    (root / "a.jpg").write_bytes(picture(1))
    await watch(daemon, root)
    await until(lambda: quick.at_once)
    await daemon.client.close()  # ends the service with its watchers
    assert quick.at_once == 0
    assert [path.name for path in root.iterdir()] == ["a.jpg"]
    assert json.loads(daemon.kept.watches.read_bytes())["watches"][0]["root"] == str(root)
