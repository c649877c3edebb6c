"""The dashboard's files, and the comparison with other formats; its page is driven elsewhere."""

from __future__ import annotations

import asyncio
import io
import json
import re
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from drawn import as_file, scene, soft_alpha
from PIL import Image
from service_kit import JSON, Daemon, MakeDaemon

from sdz.errors import PeerFailed
from sdz.service.dashboard import comparer as comparer_module
from sdz.service.dashboard import routes
from sdz.service.dashboard.compare_worker import PEERS, Original, main, peer, smallest_from
from sdz.service.dashboard.pages import DASHBOARD_HEADERS, STATIC, dashboard_page, static_file

OCTETS = {"Content-Type": "application/octet-stream"}
PICTURE = as_file(scene(96, 128))


# --- its files ------------------------------------------------------------------------------------


async def test_files_are_served_as_they_lie(daemon: Daemon) -> None:
    for path in STATIC.iterdir():
        if path.suffix == ".html":
            continue
        answer = await daemon.ask("GET", f"/dashboard/{path.name}")
        assert (answer.status, answer.data) == (200, path.read_bytes())
        assert "'self'" in answer.headers["Content-Security-Policy"]
    assert static_file("main.js")[1] == "text/javascript"


@pytest.mark.parametrize("name", ["nowhere.js", "index.html", "..%2Fpage.py", "main.JS"])
async def test_other_names_are_not_there(daemon: Daemon, name: str) -> None:
    answer = await daemon.ask("GET", f"/dashboard/{name}")
    assert (answer.status, answer.code) == (404, "no-such-route")


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    policy = DASHBOARD_HEADERS["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["img-src"] == "'self' blob:"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in policy


def test_the_page_keeps_to_its_own_policy() -> None:
    page = dashboard_page()
    assert not re.search(r"\son\w+=|style=|<style|javascript:", page)
    assert re.findall(r"<script[^>]*>", page) == [
        '<script type="module" src="/dashboard/main.js">',
        '<script type="application/json" id="grades">',  # which no browser runs
        '<script type="application/json" id="shades">',
    ]
    assert "{version}" not in page
    for path in STATIC.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|eval\(|document\.write", text)
    for path in STATIC.iterdir():  # it works offline
        found = re.findall(r"https?://[^\s\"'`)]+", path.read_text(encoding="utf-8"))
        assert found in ([], ["http://www.w3.org/2000/svg"]), path.name


def test_modules_name_only_what_is_there() -> None:
    found = re.findall(r'id="([^"]+)"', dashboard_page())
    ids = {*found, "row-sdz"}  # which results.js makes
    assert len(set(found)) == len(found)
    for path in STATIC.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r'byId\("([^"]+)"\)', text)) <= ids, path.name
        for name in re.findall(r'from "\./([^"]+)"', text):
            assert (STATIC / name).exists()
        described = text.startswith("/** ")
        assert described, path.name


# --- finding a quality ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "quality", "fits"),
    [
        *((0, 1, False), (9, 1, False), (10, 1, True), (11, 2, True), (505, 51, True)),
        *((950, 95, True), (10**9, 95, True)),
    ],
)
def test_the_next_quality_from_a_size_on(least: int, quality: int, fits: bool) -> None:
    tried: list[int] = []

    def write(at: int) -> bytes:
        tried.append(at)
        return bytes(10 * at)

    assert smallest_from(write, 1, 95, least) == (quality, bytes(10 * quality), fits)
    assert len(tried) <= 9


def test_sizes_that_do_not_rise_never_hold_the_other_back() -> None:
    rng = np.random.default_rng(1)
    sizes = np.sort(rng.integers(1, 1000, 101)) + rng.integers(-60, 60, 101).clip(0)
    for least in range(int(sizes[0]) + 1, int(sizes[-1]), 7):
        quality, data, fits = smallest_from(lambda at: bytes(int(sizes[at])), 0, 100, least)
        assert len(data) == sizes[quality] >= least
        assert fits


@pytest.mark.parametrize("kind", list(PEERS))
def test_a_peer_has_as_many_bytes_and_no_more_than_it_must(kind: str) -> None:
    original = Original(PICTURE, 10**6)
    row, data = peer(original, kind, 3000)
    assert row["fits"]
    assert row["bytes"] == len(data) >= 3000
    name, low, _, options = PEERS[kind]
    assert row["quality"] > low
    buffer = io.BytesIO()
    Image.fromarray(original.picture.rgb).save(buffer, name, quality=row["quality"] - 1, **options)
    assert buffer.tell() < 3000
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == (name, (128, 96))
    assert row["worst"] <= row["score"] < 100


def test_more_bytes_score_better() -> None:
    original = Original(PICTURE, 10**6)
    scores = [peer(original, "jpeg", size)[0]["score"] for size in (1500, 3000, 6000)]
    assert scores == sorted(scores)
    assert scores[0] < scores[2] - 10


@pytest.mark.parametrize("kind", list(PEERS))
def test_transparent_pictures(kind: str) -> None:
    pixels = np.dstack([scene(96, 128), soft_alpha(96, 128)])
    row, data = peer(Original(as_file(pixels), 10**6), kind, 4000)
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == ("RGB" if kind == "jpeg" else "RGBA")
        corner = image.convert("RGB").getpixel((0, 0))
    if kind == "jpeg":
        assert min(corner) > 230  # white shows where nothing is
    assert row["score"] > 0


# --- over HTTP ------------------------------------------------------------------------------------


async def test_a_comparison(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/compare?format=webp&bytes=2000", PICTURE, OCTETS)
    assert answer.status == 200, answer.data
    assert answer.headers["Content-Type"] == "image/webp"
    assert len(answer.data) >= 2000
    assert answer.headers["Sdz-Fits"] == "1"
    row, data = peer(Original(PICTURE, 10**6), "webp", 2000)
    assert answer.data == data
    assert float(answer.headers["Sdz-Score"]) == row["score"]
    assert int(answer.headers["Sdz-Quality"]) == row["quality"]
    assert daemon.engine.jobs == []


async def test_what_cannot_be_that_small_says_so(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/compare?format=jpeg&bytes=100", PICTURE, OCTETS)
    assert (answer.status, answer.headers["Sdz-Fits"]) == (200, "0")
    assert answer.headers["Sdz-Quality"] == "1"
    assert len(answer.data) > 100


@pytest.mark.parametrize(
    ("query", "body", "status", "code"),
    [
        ("format=gif&bytes=100", PICTURE, 400, "bad-option"),
        ("format=webp", PICTURE, 400, "bad-option"),
        ("format=webp&bytes=0", PICTURE, 400, "bad-option"),
        ("format=webp&bytes=100", b"no picture", 422, "unreadable-image"),
        ("format=webp&bytes=100", b"", 422, "unreadable-image"),
        ("format=webp&bytes=100", PICTURE[:600], 422, "peer-failed"),
    ],
)
async def test_what_is_refused(
    daemon: Daemon, query: str, body: bytes, status: int, code: str
) -> None:
    answer = await daemon.ask("POST", f"/v1/compare?{query}", body, OCTETS)
    assert (answer.status, answer.code) == (status, code)


async def test_pictures_too_large_for_it(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MAX_PIXELS", 128 * 96 - 1)
    answer = await daemon.ask("POST", "/v1/compare?format=webp&bytes=100", PICTURE, OCTETS)
    assert (answer.status, answer.code) == (422, "image-too-large")


async def test_a_comparison_is_for_the_user_alone(daemon: Daemon) -> None:
    paired = daemon.clients.admit("extension", None)
    own = {**OCTETS, "Authorization": f"Bearer {paired.token}"}
    answer = await daemon.ask("POST", "/v1/compare?format=webp&bytes=2000", PICTURE, own)
    assert (answer.status, answer.code) == (403, "local-only")


async def test_it_has_its_time_and_its_process_ends_with_it(
    make_daemon: MakeDaemon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    daemon = await make_daemon(request_timeout_s=0.5)
    monkeypatch.setattr(sys, "executable", program(tmp_path, "exec sleep 600"))
    answer = await daemon.ask("POST", "/v1/compare?format=avif&bytes=2000", PICTURE, OCTETS)
    assert (answer.status, answer.code) == (504, "took-too-long")
    assert not daemon.app[comparer_module.COMPARER].is_running


@pytest.mark.parametrize("script", ["exit 3", "echo nonsense", "echo '{\"bytes\": 9}'", ""])
async def test_a_process_that_fails_is_a_clear_failure(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", program(tmp_path, script))
        answer = await daemon.ask("POST", "/v1/compare?format=avif&bytes=2000", PICTURE, OCTETS)
    assert (answer.status, answer.code) == (422, "peer-failed")
    assert "avif" in answer.json["detail"]
    assert not daemon.app[comparer_module.COMPARER].is_running
    again = await daemon.ask("POST", "/v1/compare?format=jpeg&bytes=2000", PICTURE, OCTETS)
    assert again.status == 200  # by another process


def program(folder: Path, script: str) -> str:
    """A program to be run in Python's place."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


async def test_one_process_answers_one_after_the_other_and_ends_when_idle() -> None:
    comparer = comparer_module.Comparer(idle_s=0.0)
    asked = [comparer.ask(PICTURE, kind, 2000, 10**6) for kind in ("jpeg", "webp")]
    (jpeg, one), (webp, other) = await asyncio.gather(*asked)
    assert (one[:2], other[:4]) == (b"\xff\xd8", b"RIFF")
    assert (jpeg["bytes"], webp["bytes"]) == (len(one), len(other))
    async with asyncio.timeout(60):
        while comparer.is_running:
            await asyncio.sleep(0.01)
    await comparer.close()


@pytest.mark.parametrize("cancelled", [True, False])
@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8])
async def test_when_it_is_closed_nobody_waits_for_it_any_more(turns: int, cancelled: bool) -> None:
    """Whether its process is being started, asked or ended just then, by two who ask."""
    comparer = comparer_module.Comparer()
    asking = [
        asyncio.create_task(comparer.ask(PICTURE, kind, 2000, 10**6)) for kind in ("jpeg", "webp")
    ]
    for _ in range(turns):
        await asyncio.sleep(0)
    if cancelled:
        for task in asking:
            task.cancel()
    await comparer.close()
    await asyncio.sleep(0)
    assert all(task.done() for task in asking)
    assert not comparer.is_running
    for task in asking:
        with pytest.raises((PeerFailed, asyncio.CancelledError)):
            await task


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_its_process_is_waited_for_however_often_who_asked_is_cancelled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, times: int
) -> None:
    """Twice, when the daemon stops: by aiohttp, and by the connection that is lost with it."""
    monkeypatch.setattr(sys, "executable", program(tmp_path, "exec sleep 3600"))
    comparer = comparer_module.Comparer()
    task = asyncio.create_task(comparer.ask(PICTURE, "jpeg", 2000, 10**6))
    async with asyncio.timeout(60):
        while not comparer.is_running:
            await asyncio.sleep(0.01)
    process = comparer._process
    assert process is not None
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    await comparer.close()
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to this")
async def test_its_process_takes_no_more_memory_than_it_may() -> None:
    """As much as its libraries take, and 36 megapixels more do not fit."""
    large = as_file(np.zeros((6000, 6000, 3), np.uint8), compress_level=1)
    comparer = comparer_module.Comparer(memory_limit=400 << 20)
    with pytest.raises(PeerFailed, match=r"more memory than it may|ended unasked"):
        await comparer.ask(large, "webp", 2000, 10**8)
    await comparer.close()


def test_a_second_picture_is_another_one() -> None:
    other = as_file(scene(64, 64, seed=9))
    asked, answers = io.BytesIO(), io.BytesIO()
    for data in (PICTURE, other, b"none", PICTURE):
        wish = {"format": "jpeg", "bytes": 2000, "pixels": 10**6, "size": len(data)}
        asked.write(json.dumps(wish).encode() + b"\n" + data)
    asked.seek(0)
    main(asked, answers)
    answers.seek(0)
    found = []
    while line := answers.readline():
        row = json.loads(line)
        found.append(answers.read(row.get("bytes", 0)))
    assert found == [
        peer(Original(PICTURE, 10**6), "jpeg", 2000)[1],
        peer(Original(other, 10**6), "jpeg", 2000)[1],
        b"",
        found[0],
    ]


async def test_the_address_is_for_the_users_own_programs(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/open", b"", JSON)
    assert answer.json["valid_s"] == 60.0
    assert (await daemon.ask("POST", "/v1/open", b"", {**JSON, "Authorization": ""})).status == 401
