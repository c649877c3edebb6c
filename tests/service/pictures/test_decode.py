"""POST /v1/decode, /v1/encode and /v1/inspect: formats, copies, priorities, limits, failures."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
from dataclasses import replace

import pytest
from samples import png_header, sdz_file
from service_kit import SDZ, Daemon, MakeDaemon

from sdz import container, errors
from sdz.container import WELL_KNOWN, Model, ScoreMap
from sdz.engine.jobs import DecodeJob, EncodeJob, PreviewJob, Priority, ScoresJob
from sdz.service.system.life import LIFE
from sdz.wish import Wish

PNG = {"Content-Type": "image/png"}


async def test_the_format_is_chosen_by_accept(daemon: Daemon) -> None:
    for accept, media in (
        ("", "image/png"),
        ("*/*", "image/png"),
        ("image/webp", "image/webp"),
        ("image/png;q=0.1, image/avif", "image/avif"),
        ("image/jpeg, text/html", "image/jpeg"),
    ):
        answer = await daemon.ask("POST", "/v1/decode", sdz_file(), {**SDZ, "Accept": accept})
        assert answer.headers["Content-Type"] == media
        assert answer.headers["Vary"] == "Accept"
    answer = await daemon.ask("POST", "/v1/decode", sdz_file(), {**SDZ, "Accept": "text/html"})
    assert (answer.status, answer.code) == (406, "not-acceptable")


async def test_how_it_was_done_is_said(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/decode?max_side=9", sdz_file(), SDZ)
    assert answer.data == b"png 9 " + sdz_file()
    said = {name: answer.headers[name] for name in ("Sdz-Device", "Sdz-Rung", "Sdz-Cache")}
    assert said == {"Sdz-Device": "cpu", "Sdz-Rung": "single", "Sdz-Cache": "miss"}


async def test_who_has_the_answer_gets_304_and_no_model_is_touched(daemon: Daemon) -> None:
    first = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    daemon.engine.jobs.clear()
    for given in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        again = await daemon.ask("POST", "/v1/decode", sdz_file(), {**SDZ, "If-None-Match": given})
        assert (again.status, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert daemon.engine.jobs == []


async def test_another_answer_has_another_tag(daemon: Daemon) -> None:
    asked = [
        ("/v1/decode", sdz_file(), {}),
        ("/v1/decode", sdz_file(body=b"other"), {}),
        ("/v1/decode?max_side=5", sdz_file(), {}),
        ("/v1/decode?max_side=6", sdz_file(), {}),
        ("/v1/decode", sdz_file(), {"Accept": "image/webp"}),
    ]
    tags = [
        (await daemon.ask("POST", path, data, {**SDZ, **more})).headers["ETag"]
        for path, data, more in asked
    ]
    assert len(set(tags)) == len(tags)


async def test_the_second_time_it_comes_from_the_cache(daemon: Daemon) -> None:
    first = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    second = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    assert second.headers["Sdz-Cache"] == "hit"
    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]
    assert len(daemon.engine.jobs) == 1


async def test_a_picture_that_need_not_be_deflated_is_another_answer(daemon: Daemon) -> None:
    first = await daemon.ask("POST", "/v1/decode?stored=1", sdz_file(), SDZ)
    assert [job.stored for job in daemon.engine.jobs] == [True]
    tag = first.headers["ETag"]
    given = {**SDZ, "If-None-Match": tag}
    again = await daemon.ask("POST", "/v1/decode?stored=1", sdz_file(), given)
    assert (again.status, again.headers["ETag"]) == (304, tag)
    other = await daemon.ask("POST", "/v1/decode", sdz_file(), given)
    assert (other.status, other.headers["Sdz-Cache"]) == (200, "miss")


async def test_viewers_go_before_encoders_before_the_background(daemon: Daemon) -> None:
    for path, data, headers in (
        ("/v1/decode", sdz_file(), SDZ),
        ("/v1/decode?background=1&max_side=8", sdz_file(), SDZ),
        ("/v1/encode", png_header(8, 8), PNG),
        ("/v1/encode?background=1", png_header(8, 8), PNG),
    ):
        assert (await daemon.ask("POST", path, data, headers)).status == 200
    assert daemon.engine.priorities == [
        Priority.VIEW,
        Priority.BACKGROUND,
        Priority.ENCODE,
        Priority.BACKGROUND,
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-sdz"),
        (b"GIF89a", "not-sdz"),
        (sdz_file()[:-1], "truncated"),
        (sdz_file() + b"x", "trailing-data"),
        (sdz_file()[:-5] + b"\0" + sdz_file()[-4:], "bad-checksum"),
        (sdz_file(60000, 60000), "limit-exceeded"),
        (sdz_file(12300, 12300), "limit-exceeded"),
    ],
    ids=["empty", "gif", "cut", "longer", "damaged", "over-the-format's", "over-the-service's"],
)
async def test_a_bad_file_never_reaches_the_engine(daemon: Daemon, data: bytes, code: str) -> None:
    answer = await daemon.ask("POST", "/v1/decode", data, SDZ)
    assert (answer.status, answer.code) == (422, code)
    assert daemon.engine.jobs == []


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        (Model(0, "nobodys", 1024, 1), 404, "unknown-model"),
        (Model(0, "lite-1", 1024, 1), 422, "bad-field"),
        (WELL_KNOWN[1], 409, "model-missing"),
    ],
)
async def test_what_no_model_reads_never_reaches_the_engine(
    daemon: Daemon, model: Model, status: int, code: str
) -> None:
    """512 x 512 x 1,024 symbols took 10.7 GB before anyone asked whose they were."""
    answer = await daemon.ask("POST", "/v1/decode", sdz_file(512, 512, model=model), SDZ)
    assert (answer.status, answer.code) == (status, code)
    assert daemon.engine.jobs == []


async def test_a_preview_is_drawn_by_the_engines_child_small_ones_first(daemon: Daemon) -> None:
    for side in (64, 8192):
        daemon.engine.failure = errors.TooCostly("memory")
        answer = await daemon.ask("POST", "/v1/decode?preview=true", sdz_file(side, side), SDZ)
        assert (answer.status, answer.code) == (422, "too-costly")
    assert [type(job) for job in daemon.engine.jobs] == [PreviewJob, PreviewJob]
    assert daemon.engine.priorities == [Priority.VIEW, Priority.BACKGROUND]


async def test_twenty_gigapixels_never_reach_the_engine(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/encode", png_header(160_000, 125_000), PNG)
    assert (answer.status, answer.code) == (422, "image-too-large")
    answer = await daemon.ask("POST", "/v1/encode", png_header(12_300, 12_300), PNG)
    assert (answer.status, answer.json["found"]) == (422, 12_300**2)
    answer = await daemon.ask("POST", "/v1/encode", b"no picture", PNG)
    assert (answer.status, answer.code) == (422, "unreadable-image")
    assert daemon.engine.jobs == []


async def test_an_encoded_file_comes_with_its_report(daemon: Daemon) -> None:
    path = "/v1/encode?quality=30.5&keep_metadata=true&effort=high&model=lite-1"
    answer = await daemon.ask("POST", path, png_header(8, 8), PNG)
    assert answer.headers["Content-Type"] == "application/x-sdz"
    assert container.unpack(answer.data).header.width == 32
    said = {name: answer.headers[name] for name in ("Sdz-Score", "Sdz-Psnr", "Sdz-Model")}
    assert said == {"Sdz-Score": "80.50", "Sdz-Psnr": "33.50", "Sdz-Model": "lite-1"}
    assert (answer.headers["Sdz-Rung"], answer.headers["Sdz-Device"]) == ("tiles", "cuda")
    assert json.loads(answer.headers["Sdz-Notes"]) == ["turned upright — as its EXIF says"]
    job = daemon.engine.jobs[0]
    assert isinstance(job, EncodeJob)
    assert job.wish == Wish(quality=30.5, keep_metadata=True, effort="high")


@pytest.mark.parametrize(
    "query",
    [
        "quality=0",
        "quality=101",
        "quality=nan",
        "quality=1_0",
        "quality=",
        "quality=5&quality=6",
        "qality=5",
        "preset=huge",
        "effort=max",
        "effort=",
        "preset=fine&quality=50",
        "target_bytes=1.5",
        "target_bytes=100&min_score=80",
        "keep_metadata=yes",
        "model=../lite-1",
    ],
)
async def test_a_bad_query_is_refused(daemon: Daemon, query: str) -> None:
    answer = await daemon.ask("POST", f"/v1/encode?{query}", png_header(8, 8), PNG)
    assert (answer.status, answer.code) == (400, "bad-option")
    assert daemon.engine.jobs == []


async def test_a_misspelt_query_is_put_right(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/encode?qality=5", png_header(8, 8), PNG)
    assert "quality, perhaps" in answer.json["detail"]


async def test_an_effort_that_is_none_names_those_there_are(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/encode?effort=max", png_header(8, 8), PNG)
    assert answer.json["detail"] == "effort: expected normal or high, found max"


async def test_a_model_that_cannot_make_the_effort(daemon: Daemon) -> None:
    daemon.engine.failure = errors.BadOption("effort", "normal with taesd", "high")
    answer = await daemon.ask("POST", "/v1/encode?effort=high", png_header(8, 8), PNG)
    assert (answer.status, answer.code) == (400, "bad-option")


async def test_inspect_is_sdz_info(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/inspect", sdz_file(), SDZ)
    assert answer.json["width"] == 32
    assert answer.json["report"] == {"ssimulacra2": 80.5, "worst_region": 71.25, "psnr": 33.5}
    assert (answer.json["map_bytes"], answer.json["kept"]) == (None, None)
    assert daemon.engine.jobs == []


async def test_a_map_is_asked_of_a_child_and_only_where_there_is_one(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/inspect?map=1", sdz_file(), SDZ)
    assert answer.json["map"] is None
    assert daemon.engine.jobs == []
    file = container.unpack(sdz_file())
    data = container.pack(replace(file, scores=ScoreMap(5, 0, b"anything")))
    answer = await daemon.ask("POST", "/v1/inspect", data, SDZ)
    assert "map" not in answer.json
    assert answer.json["map_bytes"] == 8
    answer = await daemon.ask("POST", "/v1/inspect?map=1", data, SDZ)
    assert answer.status == 200
    assert [type(job) for job in daemon.engine.jobs] == [ScoresJob]


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (errors.QueueFull(256, 2.5), 429, "queue-full"),
        (errors.ModelMissing("sdxl", "sdz models pull sdxl"), 409, "model-missing"),
        (errors.UnknownModel("x", ("lite-1",)), 404, "unknown-model"),
        (errors.EngineCrashed(2, "signal 9"), 500, "engine-crashed"),
        (errors.OutOfMemory("cuda", ("single", "tiles")), 503, "out-of-memory"),
        (errors.EngineStopped(), 503, "engine-stopped"),
        (errors.BadSymbols("group 0", 1, 2), 422, "bad-symbols"),
    ],
)
async def test_a_failure_is_a_problem_with_a_code(
    daemon: Daemon, failure: errors.SdzError, status: int, code: str
) -> None:
    daemon.engine.failure = failure
    answer = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["detail"] == str(failure)
    assert answer.headers.get("Retry-After") == ("3" if code == "queue-full" else None)
    assert "ETag" not in answer.headers


async def test_a_fault_tells_the_client_nothing_but_its_number(
    daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    daemon.engine.failure = RuntimeError("a secret of the daemon")
    answer = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    assert (answer.status, answer.code) == (500, "service-error")
    assert b"secret" not in answer.data
    assert answer.json["request"] == answer.headers["Sdz-Request"]
    assert "a secret of the daemon" in caplog.text


async def test_a_refused_body_is_let_go_at_once(daemon: Daemon) -> None:
    gc.collect()
    gc.disable()
    try:
        await daemon.ask("POST", "/v1/decode", b"no file", SDZ)
        every = (thing for thing in gc.get_objects() if type(thing) is errors.NotSdz)
        kept = [error for error in every if error.found == b"no file"]
    finally:
        gc.enable()
    assert not kept  # a ring of error, traceback and frame would hold the body as well


async def test_who_goes_away_cancels_the_job(daemon: Daemon) -> None:
    daemon.engine.gate.clear()
    waiting = asyncio.create_task(daemon.ask("POST", "/v1/decode", sdz_file(), SDZ))
    await daemon.engine.begun.wait()
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(120):
        while not daemon.engine.cancelled:
            await asyncio.sleep(0)


async def test_more_than_the_limit_is_told_to_come_again(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon(requests=1)
    daemon.engine.gate.clear()
    first = asyncio.create_task(daemon.ask("POST", "/v1/decode", sdz_file(), SDZ))
    await daemon.engine.begun.wait()
    second = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    assert (second.status, second.code) == (429, "too-many-requests")
    assert second.headers["Retry-After"] == "1"
    assert (await daemon.ask("GET", "/v1/status")).json["requests"] == 2
    daemon.engine.gate.set()
    assert (await first).status == 200
    assert (await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)).status == 200


async def test_bodies_together_are_bounded(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon(body_memory_bytes=len(sdz_file()) - 1)
    answer = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    assert (answer.status, answer.code) == (429, "too-many-requests")


async def test_an_answer_has_its_time(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon(request_timeout_s=0.01)
    daemon.engine.gate.clear()
    while not daemon.engine.begun.is_set():  # a busy machine may need longer than that to begin
        answer = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
        assert (answer.status, answer.code) == (504, "took-too-long")
    assert daemon.engine.cancelled == 1


@pytest.mark.parametrize(("effort", "limit_s"), [("normal", 0.01), ("high", 0.2)])
async def test_high_effort_has_twenty_times_as_long(
    make_daemon: MakeDaemon, effort: str, limit_s: float
) -> None:
    daemon = await make_daemon(request_timeout_s=0.01)
    daemon.engine.gate.clear()
    answer = await daemon.ask("POST", f"/v1/encode?effort={effort}", png_header(8, 8), PNG)
    assert (answer.status, answer.code, answer.json["limit_s"]) == (504, "took-too-long", limit_s)


async def test_nothing_begins_while_the_daemon_goes(daemon: Daemon) -> None:
    daemon.app[LIFE].draining = True
    answer = await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    assert (answer.status, answer.code) == (503, "draining")


async def test_jobs_carry_the_bytes_and_nothing_else(daemon: Daemon) -> None:
    await daemon.ask("POST", "/v1/decode", sdz_file(), {**SDZ, "Accept": "image/webp"})
    assert daemon.engine.jobs == [DecodeJob(sdz_file(), "webp", None)]


async def test_an_answer_under_way_is_finished_when_the_daemon_goes(daemon: Daemon) -> None:
    daemon.engine.gate.clear()
    waiting = asyncio.create_task(daemon.ask("POST", "/v1/decode", sdz_file(), SDZ))
    await daemon.engine.begun.wait()
    closing = asyncio.create_task(daemon.client.server.close())
    async with asyncio.timeout(120):
        while not daemon.app[LIFE].draining:
            await asyncio.sleep(0)
    daemon.engine.gate.set()
    assert (await waiting).status == 200
    await closing
    assert list(daemon.kept.cache.rglob("??/*"))  # and what it cost to make was kept
