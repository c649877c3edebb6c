"""Pictures through the engine on a card: alone, 64 at once, large, and searched for.

The engine is the daemon's, with its child process; what is not measured is HTTP.
"""

from __future__ import annotations

import asyncio
import io
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import sdz
from benchmarks.card_rows import Row
from sdz.engine import DecodeJob, EncodeJob, Engine, EngineConfig
from sdz.wish import Wish

AT_ONCE = 64
ALONE_AIM_MS, EACH_AIM_MS, SEARCH_AIM_MS, LARGE_AIM_MS = 12.0, 4.0, 1500.0, 300.0
LEAST_LEFT_S = {"alone": 20.0, "each": 20.0, "large": 30.0, "search": 60.0}
WITHIN = 1
"""Levels by which a card's pixels may be off."""

Pixels = NDArray[np.uint8]


def measure(device: str, *, small: bool, left_s: Callable[[], float]) -> Iterator[Row]:
    """Decodes of 768x512 alone and of 64 at once, of 12 megapixels, an encode at high effort."""
    size, large = ((96, 64), (400, 300)) if small else ((768, 512), (4000, 3000))
    names = {
        "alone": f"decode {size[0]}x{size[1]} alone",
        "each": f"decode {size[0]}x{size[1]}, each of {AT_ONCE}",
        "large": f"decode {large[0]}x{large[1]}",
        "search": f"encode {size[0]}x{size[1]} at high effort",
    }
    rows = asyncio.run(_rows(device, size, large, names, left_s, small))
    yield from rows


async def _rows(
    device: str,
    size: tuple[int, int],
    large: tuple[int, int],
    names: dict[str, str],
    left_s: Callable[[], float],
    small: bool,
) -> list[Row]:
    picture = drawn(*size)
    file, wide = (sdz.encode(_png(pixels), quality=50) for pixels in (picture, drawn(*large)))
    others = [sdz.encode(_png(drawn(*size, seed)), quality=50) for seed in range(1, 9)]
    rows: list[Row] = []
    async with Engine(EngineConfig(device=device, keep_alive_s=-1)) as engine:

        async def decode(data: bytes) -> Pixels:
            result = await engine.run(DecodeJob(data, stored=True))
            if result.device != device:
                raise SystemExit(f"decoded on {result.device}, not on {device}")
            return np.asarray(Image.open(io.BytesIO(result.data)))

        async def each() -> float:
            began = time.perf_counter()
            await asyncio.gather(*(decode(others[n % len(others)]) for n in range(AT_ONCE)))
            return (time.perf_counter() - began) / AT_ONCE

        async def search() -> float:
            wish = Wish(quality=50, effort="high", allow_larger=True)
            return await _timed(lambda: engine.run(EncodeJob(_png(picture), wish)))

        works: dict[str, tuple[Callable[[], Awaitable[float]], int, float]] = {
            "alone": (lambda: _timed(lambda: decode(file)), 20, ALONE_AIM_MS),
            "each": (each, 5, EACH_AIM_MS),
            "large": (lambda: _timed(lambda: decode(wide)), 3, LARGE_AIM_MS),
            "search": (search, 2, SEARCH_AIM_MS),
        }
        for key, (work, rounds, aim) in works.items():
            if left_s() < LEAST_LEFT_S[key]:
                rows.append(Row("engine", names[key], note="no time left"))
                continue
            error = None
            if key in ("alone", "large"):
                data = file if key == "alone" else wide
                error = off(await decode(data), np.asarray(sdz.decode(data)))
                if error[0] > WITHIN:
                    raise SystemExit(f"{names[key]}: off by {error[0]:g} levels")
            if not small:  # the first has the model loaded, and the card's kernels chosen
                await work()
            spent = [await work() for _ in range(1 if small else rounds)]
            rows.append(Row("engine", names[key], 1e3 * statistics.median(spent), aim, error))
    return rows


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def off(found: Pixels, wanted: Pixels) -> tuple[float, float]:
    """The largest and the mean difference, in levels."""
    difference = np.abs(found.astype(np.int16) - wanted)
    return float(difference.max()), float(difference.mean())


def drawn(width: int, height: int, seed: int = 0) -> Pixels:
    """Waves and noise, which fill latents as a photograph does."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    a, b, c = rng.uniform(0.02, 0.2, 3)
    waves = [np.sin(a * x) * np.cos(b * y), np.sin(c * (x + y)), np.cos(b * x - a * y)]
    pixels = 127 + 80 * np.stack(waves, 2) + rng.normal(0, 6, (height, width, 3))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _png(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
