"""Encodes as jobs, over HTTP: begun, watched, fetched, cancelled."""

from __future__ import annotations

import asyncio

import drawn
from samples import sdz_file
from service_kit import MakeDaemon

from sdz.engine.jobs import Priority

PICTURE = drawn.as_file(drawn.scene(32, 48))
IMAGE = {"Content-Type": "image/png"}


async def test_an_encode_is_begun_and_its_result_fetched(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon()
    begun = await daemon.ask("POST", "/v1/encode?later=1&name=photo.png&quality=40", PICTURE, IMAGE)
    assert (begun.status, begun.json["state"]) == (202, "running")
    assert (begun.json["kind"], begun.json["subject"]) == ("encode", "photo.png")
    path = f"/v1/jobs/{begun.json['id']}"
    job = (await daemon.ask("GET", f"{path}?wait_s=30")).json
    assert (job["state"], job["result"], job["doing"], job["attempt"]) == (
        "done",
        True,
        "coding",
        2,
    )
    made = await daemon.ask("GET", f"{path}/result")
    assert made.data == sdz_file()
    assert made.headers["Content-Type"] == "application/x-sdz"
    assert "Sdz-Score" in made.headers
    assert made.headers["Cache-Control"] == "no-store"
    rows = (await daemon.ask("GET", "/v1/jobs")).json["jobs"]
    assert [row["id"] for row in rows] == [begun.json["id"]]
    assert daemon.engine.jobs[0].wish.quality == 40
    assert daemon.engine.priorities == [Priority.ENCODE]


async def test_background_work_is_forgotten_once_it_is_fetched(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon()
    begun = await daemon.ask("POST", "/v1/encode?later=1&background=1", PICTURE, IMAGE)
    path = f"/v1/jobs/{begun.json['id']}"
    assert (await daemon.ask("GET", f"{path}?wait_s=30")).json["state"] == "done"
    assert (await daemon.ask("GET", f"{path}/result")).data == sdz_file()
    assert (await daemon.ask("GET", "/v1/jobs")).json == {"jobs": []}
    assert (await daemon.ask("GET", f"{path}/result")).code == "no-such-job"


async def test_what_is_no_picture_is_refused_at_once(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon()
    refused = await daemon.ask("POST", "/v1/encode?later=1", b"hello, text", IMAGE)
    assert refused.code == "unreadable-image"
    assert (await daemon.ask("GET", "/v1/jobs")).json == {"jobs": []}


async def test_a_job_that_runs_has_no_result_and_can_be_cancelled(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon()
    daemon.engine.gate.clear()
    begun = (await daemon.ask("POST", "/v1/encode?later=1", PICTURE, IMAGE)).json
    async with asyncio.timeout(60):
        await daemon.engine.begun.wait()
    path = f"/v1/jobs/{begun['id']}"
    assert (await daemon.ask("GET", f"{path}/result")).code == "no-such-job"
    running = (await daemon.ask("GET", path)).json
    assert (running["share"], running["state"]) == (0.5, "running")
    assert (await daemon.ask("DELETE", path)).json["state"] == "cancelled"
    assert daemon.engine.cancelled == 1


async def test_a_wait_is_bounded(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon()
    assert (await daemon.ask("GET", "/v1/jobs/x?wait_s=31")).code == "bad-option"
    assert (await daemon.ask("GET", "/v1/jobs/x")).code == "no-such-job"
