"""The daemon from outside: cold start, memory, cached answers, viewers while encoders wait.

    PYTHONPATH=daemon:scripts python -m benchmarks.service

Starts a daemon of its own in a folder that is deleted. Answers are checked before their times
are printed. The rate is measured with wrk where it is installed.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import numpy as np
from PIL import Image

from sdz.client import Client
from sdz.discovery import Credentials, local_credentials
from sdz.home import service_folder

STARTS = 5
ROUNDS = 200
VIEWERS = 64
ENCODERS = 200
WRK_SECONDS = 5

_WRK = """
wrk.method = "POST"
local file = io.open("{file}", "rb")
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = "application/x-sdz"
wrk.headers["Accept"] = "image/png"
wrk.headers["Authorization"] = "Bearer {token}"
wrk.headers["If-None-Match"] = '{tag}'
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["SDZ_HOME"] = home
        starts = [_cold_start() for _ in range(STARTS)]
        print(f"start to first answer   {min(starts) * 1e3:.0f} ms (best of {STARTS})")
        with _daemon() as process:
            print(f"memory, idle            {_resident(process.pid):.1f} MiB")
            _pictures(process.pid, Path(home))


def _pictures(pid: int, home: Path) -> None:
    png = _png(512, 768)
    with Client.find() as client:
        file = client.encode(png, quality=50, allow_larger=True).data
        first = client.decode(file)
        seconds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            again = client.decode(file)
            seconds.append(time.perf_counter() - began)
            if again != first:
                raise SystemExit("the cache answered with another picture")
        print(
            f"cached decode           {statistics.median(seconds) * 1e3:.2f} ms median, "
            f"{len(first):,} bytes of PNG"
        )
        credentials = local_credentials(service_folder())
        assert credentials is not None
        (home / "picture.sdz").write_bytes(file)
        tag = client.ask(
            "POST",
            "/v1/decode",
            {},
            file,
            {"Content-Type": "application/x-sdz", "Accept": "image/png"},
        ).headers["etag"]
        for name, given in (("cached", ""), ("304", tag)):
            rate = _wrk(client.url, home, credentials.token, given)
            print(f"{name + ' answers':<24}{rate}")
        asyncio.run(_crowd(client.url, credentials, file, png))
        print(f"memory, afterwards      {_resident(pid):.1f} MiB")


async def _crowd(url: str, credentials: Credentials, file: bytes, png: bytes) -> None:
    """Viewers of pictures that are in no cache, alone and while encoders wait."""
    headers = {"Authorization": f"Bearer {credentials.token}"}
    connections = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(url, connector=connections, headers=headers) as session:
        await _viewers(session, file, 1)  # the model is loaded now
        alone = await _viewers(session, file, 100)
        encoders = [asyncio.create_task(_encode(session, png)) for _ in range(ENCODERS)]
        while await _waiting(session) < ENCODERS * 0.8:
            await asyncio.sleep(0.05)
        crowded = await _viewers(session, file, 200)
        for encoder in encoders:
            encoder.cancel()
        await asyncio.gather(*encoders, return_exceptions=True)
    print(
        f"{VIEWERS} viewers              {alone * 1e3:.0f} ms median alone, "
        f"{crowded * 1e3:.0f} ms while {ENCODERS} encoders wait ({crowded / alone:.2f} times)"
    )


async def _viewers(session: aiohttp.ClientSession, file: bytes, first_side: int) -> float:
    """Median seconds of as many decodes at once, each of another size."""

    async def view(side: int) -> float:
        began = time.perf_counter()
        async with session.post(
            "/v1/decode",
            params={"max_side": side},
            data=file,
            headers={"Content-Type": "application/x-sdz"},
        ) as reply:
            data = await reply.read()
            if reply.status != 200 or not data.startswith(b"\x89PNG"):
                raise SystemExit(f"a viewer was answered {reply.status}: {data[:200]!r}")
        return time.perf_counter() - began

    sides = range(first_side, first_side + VIEWERS)
    return statistics.median(await asyncio.gather(*map(view, sides)))


async def _encode(session: aiohttp.ClientSession, png: bytes) -> None:
    async with session.post(
        "/v1/encode", params={"background": 1}, data=png, headers={"Content-Type": "image/png"}
    ) as reply:
        await reply.read()


async def _waiting(session: aiohttp.ClientSession) -> int:
    async with session.get("/v1/status") as reply:
        return int((await reply.json())["engine"]["queued"]["background"])


def _wrk(url: str, home: Path, token: str, tag: str) -> str:
    if shutil.which("wrk") is None:
        return "not measured: wrk is not installed"
    script = home / "wrk.lua"
    script.write_text(_WRK.format(file=home / "picture.sdz", token=token, tag=tag))
    said = subprocess.run(
        ["wrk", "-t1", "-c8", f"-d{WRK_SECONDS}s", "-s", str(script), f"{url}/v1/decode"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in said and not tag:
        raise SystemExit(f"wrk was refused:\n{said}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return f"{float(found[1]):,.0f} a second over 8 connections" if found else said


def _cold_start() -> float:
    began = time.perf_counter()
    with _daemon():
        return time.perf_counter() - began


@contextmanager
def _daemon() -> Iterator[subprocess.Popen[str]]:
    """A daemon on a free port that has given its first answer."""
    command = [
        sys.executable,
        "-m",
        "sdz",
        "serve",
        "--port",
        "0",
        "--set",
        "service.log_level=error",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        if connection.getresponse().status != 200:
            raise SystemExit("the daemon is not healthy")
        connection.close()
        yield process
        process.send_signal(signal.SIGTERM)


def _resident(pid: int) -> float:
    """MiB, on Linux."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else float("nan")


def _png(height: int, width: int) -> bytes:
    import io

    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / 31) * np.cos(y / 17), np.sin((x + y) / 11), np.cos(x * y / 9000)]
    noise = np.random.default_rng(1).normal(0, 4, (height, width, 3))
    pixels = np.clip(127 + 80 * np.stack(waves, axis=2) + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    main()
