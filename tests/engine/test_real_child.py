"""The real child with the built-in model: the whole way, once, and it leaves nothing behind."""

from __future__ import annotations

import asyncio
import io
import os
import signal

import drawn
import numpy as np
import pytest
import torch
from PIL import Image

from sdz.codec.decode import decode_file
from sdz.container import unpack
from sdz.engine import DecodeJob, EncodeJob, Engine, EngineConfig, Priority
from sdz.models import load
from sdz.wish import Wish


def pixels(data: bytes) -> drawn.Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


@pytest.mark.asyncio
async def test_a_picture_there_and_back_and_after_a_crash() -> None:
    picture = drawn.as_file(drawn.scene(96, 128))
    wish = Wish(quality=60, allow_larger=True)
    config = EngineConfig(device="cpu", keep_alive_s=-1, threads=1)
    async with asyncio.timeout(100), Engine(config) as engine:
        encoded = await engine.run(EncodeJob(picture, wish))
        decodes = [
            engine.run(DecodeJob(encoded.data), priority=Priority.BACKGROUND) for _ in range(3)
        ]
        results = await asyncio.gather(*decodes)
        expected = decode_file(unpack(encoded.data), load("lite-1"))
        for result in results:
            # A batch may round otherwise than one alone: by one level, no more.
            difference = pixels(result.data).astype(int) - expected.astype(int)
            assert np.abs(difference).max() <= 1
        (model,) = engine.status().models
        assert (model.name, model.device, model.lane) == ("lite-1", "cpu", "work")

        pid = engine.status().pid
        assert pid is not None
        again = asyncio.create_task(engine.run(EncodeJob(picture, wish)))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        assert (await again).data == encoded.data
        assert engine.status().pid != pid
    assert engine.status().state == "stopped"


@pytest.mark.gpu
@pytest.mark.asyncio
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
async def test_the_gpu_gives_the_processors_picture() -> None:
    picture = drawn.as_file(drawn.scene(96, 128))
    wish = Wish(quality=60, allow_larger=True)
    async with asyncio.timeout(300), Engine(EngineConfig(device="cuda")) as engine:
        encoded = await engine.run(EncodeJob(picture, wish))
        decoded = await engine.run(DecodeJob(encoded.data))
        assert decoded.device == "cuda"
        expected = decode_file(unpack(encoded.data), load("lite-1"))
        difference = pixels(decoded.data).astype(int) - expected.astype(int)
        assert np.abs(difference).max() <= 2
