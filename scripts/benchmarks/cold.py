"""What people wait for, and how much memory it takes: commands from a cold start, a picture of 12
megapixels, and the engine's child while it has nothing to do."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median

from PIL import Image

import sdz
from benchmarks import launch
from benchmarks.launch import Ran
from benchmarks.pictures import Picture
from benchmarks.timing import over
from sdz.engine import DecodeJob, Engine, EngineConfig

STARTS = 7
LARGE = 4000, 3000  # width, height
TIMES = 3  # of the large picture, each way

_DECODE = """
import sys, time, sdz
began, used = time.perf_counter(), time.process_time()
image = sdz.decode(sys.argv[1])
print(time.perf_counter() - began, time.process_time() - used, *image.size)
"""
_ENCODE = """
import sys, time, sdz
from PIL import Image
image = Image.open(sys.argv[1]).convert("RGB")
began, used = time.perf_counter(), time.process_time()
data = sdz.encode(image, model=sys.argv[3], preset="standard")
print(time.perf_counter() - began, time.process_time() - used, *image.size)
open(sys.argv[2], "wb").write(data)
"""


def commands(picture: Picture, model: str) -> None:
    """Time whole commands on a picture at the standard preset."""
    print(f"\ncommands from a cold start, {STARTS} each")
    print(f"{'':16}{'fastest s':>10}{'median s':>10}{'processors s':>14}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as name:
        path, png = Path(name) / "picture.sdz", Path(name) / "picture.png"
        path.write_bytes(sdz.encode(picture.image, model=model, preset="standard"))
        to_png = [str(path), "-o", str(png), "--force"]
        for title, words in {
            "sdz info": ["-m", "sdz", "info", str(path)],
            "sdz preview": ["-m", "sdz", "preview", *to_png],
            "sdz decode": ["-m", "sdz", "decode", *to_png],
            "thumbnail": ["-P", "-m", "sdz.desktop.thumbnail", "-s", "256", str(path), str(png)],
        }.items():
            ran = [launch.run([sys.executable, *words], {"SDZ_HOME": name}) for _ in range(STARTS)]
            best, usual = (over([each.spent for each in ran], how) for how in (min, median))
            print(
                f"{title:16}{best.clock:10.2f}{usual.clock:10.2f}{best.processors:14.2f}"
                f"{max(each.peak_mib for each in ran):10.0f}"
            )


def large(pictures: list[Picture], model: str) -> None:
    """12 megapixels there and back, each way in processes of its own."""
    width, height = LARGE
    print(f"\n{width}x{height}, the pictures side by side, preset standard, {TIMES} processes each")
    print(f"{'':16}{'fastest s':>10}{'processors s':>14}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as name:
        source, file = Path(name) / "large.png", Path(name) / "large.sdz"
        mosaic(pictures, width, height).save(source, compress_level=1)
        for title, words in {
            "encode()": ["-c", _ENCODE, str(source), str(file), model],
            "decode()": ["-c", _DECODE, str(file)],
        }.items():
            ran = [launch.run([sys.executable, *words]) for _ in range(TIMES)]
            print(f"{title:16}{_inside(ran, 0):10.2f}{_inside(ran, 1):14.2f}{_peak(ran):10.0f}")
        print(f"{file.stat().st_size} bytes; seconds are the call's, the peak is the process's")


def _inside(ran: list[Ran], which: int) -> float:
    """The least seconds that the call itself took, as the processes said."""
    for each in ran:
        if [int(word) for word in each.printed.split()[2:]] != list(LARGE):
            raise SystemExit(f"a picture of another size: {each.printed}")
    return min(float(each.printed.split()[which]) for each in ran)


def _peak(ran: list[Ran]) -> float:
    return max(each.peak_mib for each in ran)


def mosaic(pictures: list[Picture], width: int, height: int) -> Image.Image:
    """The pictures row by row, again from the first when they have all been, until it is full."""
    canvas = Image.new("RGB", (width, height))
    top, number = 0, 0
    while top < height:
        left, tallest = 0, 0
        while left < width:
            image = pictures[number % len(pictures)].image
            canvas.paste(image, (left, top))
            left, number = left + image.width, number + 1
            tallest = max(tallest, image.height)
        top += tallest
    return canvas


def resting(picture: Picture, model: str) -> None:
    """Memory of the engine's child for viewers, which has just decoded a picture."""
    data = sdz.encode(picture.image, model=model, preset="standard")
    print(f"\nthe engine's child at rest, after a picture: {asyncio.run(_rest(data)):.0f} MiB")


async def _rest(data: bytes) -> float:
    async with Engine(EngineConfig()) as engine:
        await engine.run(DecodeJob(data))
        pid = engine.status().pid
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise SystemExit("the engine has no child")
