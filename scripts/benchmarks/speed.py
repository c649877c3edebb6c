"""How long sdz's parts take: parse and network of a decoding apart, and commands started cold."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.codecs import Codec, check
from benchmarks.pictures import Picture
from sdz import container
from sdz.codec.fidelity import Reference
from sdz.codec.latents import decode_latents
from sdz.codec.looks import quality_for
from sdz.codec.through import to_pixels
from sdz.pictures import load_model
from sdz.wish import PRESETS

STANDARD = round(quality_for(PRESETS["standard"]))
STARTS = 7  # of a command; the fastest is what the machine needs, the rest is waiting
LARGE = """
import resource, sys, time
import numpy as np
from PIL import Image
import sdz
tile = np.asarray(Image.open(sys.argv[1]).convert("RGB"))
height, width = 4000, 6000
down, across = -(-height // tile.shape[0]), -(-width // tile.shape[1])
image = Image.fromarray(np.tile(tile, (down, across, 1))[:height, :width])
if sys.argv[3] == "encode":
    start = time.perf_counter()
    data = sdz.encode(image, model=sys.argv[4], preset="standard")
    spent = time.perf_counter() - start
    open(sys.argv[2], "wb").write(data)
else:
    del image, tile
    start = time.perf_counter()
    assert sdz.decode(sys.argv[2]).size == (width, height)
    spent = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{spent:.1f} s, {peak:.0f} MiB at most")
"""


def run(codec: Codec, pictures: list[Picture], rounds: int, large: bool) -> None:
    """Print medians over the pictures of each part's time, at each preset."""
    import torch

    print(f"{torch.get_num_threads()} threads; ms, medians over pictures and {rounds} rounds")
    print(
        f"{'':10}{'parse':>8}{'network':>9}{'both':>8}{'decode()':>10}{'measure':>9}{'encode()':>10}"
    )
    for preset, score in PRESETS.items():
        quality = quality_for(score)
        times: dict[str, list[float]] = {}
        for picture in pictures:
            data, decoded = check(picture.image, codec, round(quality))
            for _ in range(rounds):
                for part, spent in _parts(codec, data, picture, np.asarray(decoded)).items():
                    times.setdefault(part, []).append(1000 * spent)
        m = {part: median(values) for part, values in times.items()}
        print(
            f"{preset:10}{m['parse']:8.1f}{m['network']:9.1f}{m['both']:8.1f}{m['decode']:10.1f}"
            f"{m['measure']:9.1f}{m['encode']:10.1f}"
        )
    _cold(pictures[0], codec)
    if large:
        _large(pictures[0], codec)


def _parts(codec: Codec, data: bytes, picture: Picture, expected: np.ndarray) -> dict[str, float]:
    """Seconds of each part of one decoding; the parts' result is what decode() gives."""
    start = time.perf_counter()
    file = container.unpack(data)
    model = load_model(file.header.model.name)
    values = decode_latents(file.header, file.streams, model.quantiser)
    parsed = time.perf_counter()
    rgb = to_pixels(model, values, file.header)
    done = time.perf_counter()
    if not np.array_equal(rgb, expected):
        raise SystemExit(f"{picture.name}: parse and network give another picture than decode()")
    reference = Reference(np.asarray(picture.image))
    return {
        "parse": parsed - start,
        "network": done - parsed,
        "both": done - start,
        "decode": _seconds(lambda: codec.decode(data)),
        "measure": _seconds(lambda: reference.measure(rgb)),
        "encode": _seconds(
            lambda: codec.encode(picture.image, round(quality_for(PRESETS["standard"])))
        ),
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _cold(picture: Picture, codec: Codec) -> None:
    """Whole commands, each a new process."""
    print(f"\ncommands from a cold start, {STARTS} each, ms")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "picture.sdz"
        path.write_bytes(codec.encode(picture.image, 50))
        commands = {
            "sdz info": ["info", str(path)],
            "sdz preview": ["preview", str(path), "-o", f"{name}/preview.png", "--force"],
            "sdz decode": ["decode", str(path), "-o", f"{name}/picture.png", "--force"],
        }
        for title, words in commands.items():
            times = []
            for _ in range(STARTS):
                start = time.perf_counter()
                _sdz(words)
                times.append(1000 * (time.perf_counter() - start))
            print(f"{title:14} fastest {min(times):6.0f}, median {median(times):6.0f}")


def _sdz(words: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "sdz", *words], check=True, stdout=subprocess.DEVNULL)


def _large(picture: Picture, codec: Codec) -> None:
    """6000x4000 there and back, each way in a process of its own, with its peak memory."""
    print("\n6000x4000, preset standard, in a new process")
    model = codec.name.removeprefix("sdz ")
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "tile.png", Path(name) / "large.sdz"
        picture.image.save(source)
        for way in ("encode", "decode"):
            words = [sys.executable, "-c", LARGE, str(source), str(target), way, model]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            print(f"{way}: {done.stdout.strip()}")
        print(f"{target.stat().st_size} bytes")
