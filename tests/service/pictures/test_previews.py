"""POST /v1/previews: many files in, each small picture out as soon as it is there."""

from __future__ import annotations

import asyncio
import io
import struct
from functools import cache

import drawn
import numpy as np
import pytest
from PIL import Image
from samples import sdz_file
from service_kit import Daemon

import sdz
from sdz.container import WELL_KNOWN
from sdz.engine.jobs import PreviewJob, Priority
from sdz.service.pictures import previews

LIST = {"Content-Type": "application/x-sdz-list"}


def listed(*files: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(data)) + data for data in files)


def parts(answer: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(answer):
        number, length = struct.unpack_from(">II", answer, at)
        found[number] = answer[at + 8 : at + 8 + length]
        at += 8 + length
    assert at == len(answer)
    return found


@cache
def picture(alpha: bool = False) -> bytes:
    rgb = drawn.scene(64, 96)
    return sdz.encode(
        Image.fromarray(np.dstack([rgb, drawn.soft_alpha(64, 96)]) if alpha else rgb), quality=50
    )


async def test_each_file_has_its_preview_and_what_has_none_is_empty(daemon: Daemon) -> None:
    broken = picture()[:-9]
    body = listed(b"GIF89a", picture(), broken, picture(alpha=True), sdz_file(60000, 60000))
    answer = await daemon.ask("POST", "/v1/previews", body, LIST)
    assert (answer.status, answer.headers["Content-Type"]) == (200, previews.PREVIEWS_TYPE)
    found = parts(answer.data)
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert {number for number, data in found.items() if not data} == {0, 2, 4}
    for number, kind, mode in ((1, "JPEG", "RGB"), (3, "PNG", "RGBA")):
        with Image.open(io.BytesIO(found[number])) as image:
            assert (image.format, image.mode, image.size) == (kind, mode, (12, 8))


async def test_it_is_drawn_small_from_few_channels_the_large_ones_last(daemon: Daemon) -> None:
    large = sdz_file(8192, 8192)
    await daemon.ask("POST", "/v1/previews?max_side=8", listed(picture(), large), LIST)
    few, soon = previews.CHANNELS, Priority.VIEW
    assert daemon.engine.jobs == [
        PreviewJob(picture(), "jpeg", 8, stored=True, channels=few),
        PreviewJob(large, "jpeg", 8, stored=True, channels=previews.FEW_CHANNELS),
    ]
    assert daemon.engine.priorities == [soon, Priority.BACKGROUND]


async def test_the_first_comes_while_others_are_being_drawn(daemon: Daemon) -> None:
    daemon.engine.gate.clear()
    body = listed(b"GIF89a", picture())
    sent = {**daemon.bearer, **LIST}
    async with daemon.client.post("/v1/previews", data=body, headers=sent) as reply:
        first = await asyncio.wait_for(reply.content.readexactly(8), 30)
        assert first == struct.pack(">II", 0, 0)
        daemon.engine.gate.set()
        assert list(parts(await reply.read())) == [1]


async def test_who_goes_away_has_none_drawn(daemon: Daemon) -> None:
    daemon.engine.gate.clear()
    body = listed(picture(), picture(alpha=True))
    sent = {**daemon.bearer, **LIST}
    async with daemon.client.post("/v1/previews", data=body, headers=sent) as reply:
        await asyncio.wait_for(daemon.engine.begun.wait(), 30)
        reply.close()
    async with asyncio.timeout(30):
        while daemon.engine.cancelled < 2:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "body",
    [b"\0\0\0", listed(picture())[:-1], listed(*[b""] * (previews.MOST_FILES + 1))],
    ids=["within a length", "within a file", "too many"],
)
async def test_what_is_no_list_is_refused(daemon: Daemon, body: bytes) -> None:
    answer = await daemon.ask("POST", "/v1/previews", body, LIST)
    assert (answer.status, answer.code) == (400, "bad-body")
    assert daemon.engine.jobs == []


async def test_a_model_that_is_not_there_is_no_hindrance(daemon: Daemon) -> None:
    """Its latents are as those of its family, which the daemon knows."""
    body = listed(sdz_file(model=WELL_KNOWN[1]))
    await daemon.ask("POST", "/v1/previews", body, LIST)
    assert len(daemon.engine.jobs) == 1


async def test_a_list_of_none_has_none(daemon: Daemon) -> None:
    answer = await daemon.ask("POST", "/v1/previews", b"", LIST)
    assert (answer.status, answer.data) == (200, b"")
