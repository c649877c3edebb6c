"""Status, page, events, figures, paths that are not there, pairing and models over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from samples import sdz_file
from service_kit import JSON, SDZ, Daemon, MakeDaemon

from sdz.discovery import prove
from sdz.engine.status import Event
from sdz.service.http.events import EVENTS
from sdz.service.jobs.book import JOBS
from sdz.service.models.pulls import PULLS

EXTENSION = "moz-extension://0a1b2c3d"
NONCE = "0123456789abcdef"


async def test_status_says_how_it_stands(daemon: Daemon) -> None:
    row = (await daemon.ask("GET", "/v1/status")).json
    assert row["url"] == f"http://127.0.0.1:{daemon.port}"
    assert row["engine"]["state"] == "stopped"
    assert row["clients"] == 0


async def test_the_page_needs_no_token_and_tells_no_secret(daemon: Daemon) -> None:
    daemon.clients.admit("a name of mine", None)
    answer = await daemon.ask("GET", "/", headers={"Authorization": ""})
    assert answer.status == 200
    assert b"sdz pair" in answer.data
    assert b"<script" not in answer.data
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert b"a name of mine" not in answer.data


async def test_paths_and_methods_that_are_not_there(daemon: Daemon) -> None:
    answer = await daemon.ask("GET", "/v1/nowhere")
    assert (answer.status, answer.code) == (404, "no-such-route")
    answer = await daemon.ask("DELETE", "/v1/status")
    assert (answer.status, answer.code) == (405, "method-refused")
    assert answer.headers["Allow"] == "GET"


async def test_pairing_from_code_to_picture(daemon: Daemon) -> None:
    offer = (await daemon.ask("POST", "/v1/pairing", b"", JSON)).json
    assert offer["port"] == daemon.port
    stranger = {**JSON, "Authorization": "", "Origin": EXTENSION}
    body = b'{"code": "%s", "name": "Firefox"}' % offer["code"].encode()
    paired = (await daemon.ask("POST", "/v1/pair", body, stranger)).json
    assert (await daemon.ask("GET", "/v1/pairing")).json == {"state": "paired", "name": "Firefox"}

    hello = await daemon.ask(
        "GET", f"/v1/hello?client={paired['client']}&nonce={NONCE}", headers={"Authorization": ""}
    )
    assert hello.json == {"proof": prove(paired["key"], daemon.port, NONCE)}
    own = {**SDZ, "Authorization": f"Bearer {paired['token']}", "Origin": EXTENSION}
    assert (await daemon.ask("POST", "/v1/decode", sdz_file(), own)).status == 200
    assert (await daemon.ask("GET", "/v1/clients")).json["clients"][0]["origin"] == EXTENSION

    again = await daemon.ask("POST", "/v1/pair", body, stranger)
    assert (again.status, again.code) == (403, "pairing-closed")
    await daemon.ask("DELETE", "/v1/clients/Firefox")
    ended = await daemon.ask("POST", "/v1/decode", sdz_file(), {**own, "Origin": ""})
    assert ended.status in (401, 403)
    plain = {**SDZ, "Authorization": own["Authorization"]}
    assert (await daemon.ask("POST", "/v1/decode", sdz_file(), plain)).code == "token-revoked"


async def test_five_wrong_codes_close_pairing(daemon: Daemon) -> None:
    offer = daemon.pairing.open()
    wrong = f"{(int(offer.code) + 1) % 10**8:08d}"
    body = b'{"code": "%s", "name": "x"}' % wrong.encode()
    answers = [await daemon.ask("POST", "/v1/pair", body, JSON) for _ in range(6)]
    assert [answer.code for answer in answers] == ["pairing-code-wrong"] * 5 + ["pairing-closed"]
    right = b'{"code": "%s", "name": "x"}' % offer.code.encode()
    assert (await daemon.ask("POST", "/v1/pair", right, JSON)).code == "pairing-closed"
    assert daemon.clients.active() == []


async def test_a_code_is_good_for_two_minutes(daemon: Daemon) -> None:
    offer = daemon.pairing.open()
    daemon.clock.now += 120
    body = b'{"code": "%s", "name": "x"}' % offer.code.encode()
    assert (await daemon.ask("POST", "/v1/pair", body, JSON)).code == "pairing-closed"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
async def test_no_web_page_pairs_even_with_the_code(daemon: Daemon, origin: str) -> None:
    offer = daemon.pairing.open()
    body = b'{"code": "%s", "name": "x"}' % offer.code.encode()
    answer = await daemon.ask("POST", "/v1/pair", body, {**JSON, "Origin": origin})
    assert answer.code == "origin-foreign"
    assert daemon.pairing.is_open


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"code": 12345678, "name": "x"}',
        b'{"code": "1234567", "name": "x"}',
        b'{"code": "12345678", "name": ""}',
        b'{"code": "12345678", "name": "\\u001b[2J"}',
        b'{"code": "12345678", "name": "x", "admin": true}',
        b"[" * 60000,
    ],
)
async def test_a_bad_pair_request_costs_no_try(daemon: Daemon, body: bytes) -> None:
    daemon.pairing.open()
    answer = await daemon.ask("POST", "/v1/pair", body, JSON)
    assert (answer.status, answer.code) == (400, "bad-body")
    assert daemon.pairing.is_open


async def test_hello_to_a_stranger(daemon: Daemon) -> None:
    answer = await daemon.ask("GET", f"/v1/hello?client=nobody&nonce={NONCE}")
    assert (answer.status, answer.code) == (404, "no-such-client")
    for query in ("", "client=local", f"client=local&nonce={NONCE[:5]}"):
        assert (await daemon.ask("GET", f"/v1/hello?{query}")).code == "bad-option"


async def test_models_are_listed_without_torch(daemon: Daemon) -> None:
    rows = {row["name"]: row for row in (await daemon.ask("GET", "/v1/models")).json["models"]}
    assert rows["lite-1"]["state"] == "built-in"
    assert rows["sdxl"]["state"] == "missing"
    assert rows["sdxl"]["resident"] is False


async def test_loading_and_unloading(daemon: Daemon) -> None:
    loaded = await daemon.ask("POST", "/v1/models/lite-1/load", b"", JSON)
    assert loaded.json == {"model": "lite-1", "resident": True, "device": "cpu", "seconds": 0.1}
    assert (await daemon.ask("POST", "/v1/models/lite-1/unload", b"", JSON)).status == 200
    assert [type(job).__name__ for job in daemon.engine.jobs] == ["LoadJob", "UnloadJob"]
    for name, code in (
        ("nope", "unknown-model"),
        ("sdxl", "model-missing"),
        ("A", "bad-model-name"),
    ):
        answer = await daemon.ask("POST", f"/v1/models/{name}/load", b"", JSON)
        assert answer.code == code
    assert len(daemon.engine.jobs) == 2


async def test_what_cannot_be_pulled(daemon: Daemon) -> None:
    for name, code in (("nope", "unknown-model"), ("lite-1", "built-in-model")):
        answer = await daemon.ask("POST", f"/v1/models/{name}/pull", b"", JSON)
        assert answer.code == code
    assert daemon.app[JOBS].all() == []


async def test_a_pull_is_a_job_that_can_be_cancelled(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(_: str, report: Any) -> None:
        report(5, 10)
        await asyncio.Event().wait()

    monkeypatch.setattr(daemon.app[PULLS], "_pull", slow)
    begun = await daemon.ask("POST", "/v1/models/taesd/pull", b"{}", JSON)
    assert begun.status == 202
    again = await daemon.ask("POST", "/v1/models/taesd/pull", b"{}", JSON)
    assert again.json["id"] == begun.json["id"]
    path = f"/v1/jobs/{begun.json['id']}"
    row = (await daemon.ask("GET", path)).json
    assert (row["state"], row["done"], row["total"]) == ("running", 5, 10)
    assert (await daemon.ask("DELETE", path)).json["state"] == "cancelled"
    assert (await daemon.ask("GET", path)).json["state"] == "cancelled"
    assert (await daemon.ask("GET", "/v1/jobs/nope")).code == "no-such-job"


async def test_a_pull_without_a_connection_says_so(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(__file__).parents[3] / "daemon"
    monkeypatch.setenv("PYTHONPATH", str(package))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    job = (await daemon.ask("POST", "/v1/models/taesd/pull", b"", JSON)).json["id"]
    row = {"state": "running"}
    async with asyncio.timeout(60):
        while row["state"] == "running":
            row = (await daemon.ask("GET", f"/v1/jobs/{job}?wait_s=30")).json
    assert (row["state"], row["error"]) == ("failed", "hub-offline")
    assert "127.0.0.1:9" in row["detail"]


async def _read_event(reply: ClientResponse) -> dict[str, str]:
    lines: dict[str, str] = {}
    while (line := (await reply.content.readline()).decode().rstrip("\n")) or not lines:
        if line:
            name, _, value = line.partition(": ")
            lines[name] = value
    return lines


async def test_events_with_ids_and_replay(daemon: Daemon) -> None:
    async with daemon.client.get("/v1/events", headers=daemon.bearer) as reply:
        assert reply.content_type == "text/event-stream"
        assert await _read_event(reply) == {"": "hello"}
        daemon.engine.tell(Event("started", "view", {"pid": 7}))
        first = await _read_event(reply)
        assert first["event"] == "engine"
        assert '"pid":7' in first["data"]
    daemon.app[EVENTS].publish("job", {"id": "missed"})
    headers = {**daemon.bearer, "Last-Event-ID": first["id"]}
    async with daemon.client.get("/v1/events", headers=headers) as reply:
        await _read_event(reply)
        assert "missed" in (await _read_event(reply))["data"]


async def test_events_beat_while_nothing_happens(make_daemon: MakeDaemon) -> None:
    daemon = await make_daemon(heartbeat_s=0.01)
    async with daemon.client.get("/v1/events", headers=daemon.bearer) as reply:
        assert await _read_event(reply) == {"": "hello"}
        assert await _read_event(reply) == {"": "beat"}


async def test_events_end_when_the_daemon_goes(daemon: Daemon) -> None:
    async with daemon.client.get("/v1/events", headers=daemon.bearer) as reply:
        await _read_event(reply)
        daemon.app[EVENTS].end()
        assert await reply.content.read() == b""


async def test_metrics_count_answers_and_refusals(daemon: Daemon) -> None:
    await daemon.ask("POST", "/v1/decode", sdz_file(), SDZ)
    await daemon.ask("GET", "/v1/status", headers={"Authorization": ""})
    text = (await daemon.ask("GET", "/metrics")).data.decode()
    assert 'sdz_answers_total{method="POST",route="/v1/decode",status="200"} 1.0' in text
    assert 'sdz_refusals_total{code="token-missing"} 1.0' in text
    assert 'sdz_engine_results_total{device="cpu",kind="DecodeJob",rung="single"} 1.0' in text
    assert 'sdz_cache_lookups_total{result="miss"} 1.0' in text
    assert 'sdz_answer_seconds_bucket{le="+Inf",route="/v1/decode"} 1.0' in text
