"""A full folder by `sdz watch --once` beside the same files by `sdz encode`, and by the daemon.

    PYTHONPATH=daemon:scripts python -m benchmarks.folder [FOLDER] [--count N] [--rounds N]

Each way has copies of the files and a home of its own; ways take turns, and what they made is
compared before any time is printed. Without a folder pictures of 768x512 are drawn. Watching
includes the two seconds for which files must have rested, every way the start of its processes.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

LOOK_S = 0.02


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.folder", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="pictures (default: drawn ones)")
    parser.add_argument("--count", type=int, default=24, metavar="N", help="how many of them")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--size", default="768x512", help="of drawn pictures (default: 768x512)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        sources = home / "sources"
        sources.mkdir()
        if args.folder is None:
            _draw(sources, args.count, *map(int, args.size.split("x")))
        else:
            _choose(args.folder, sources, args.count)
        _compare(home, sources, args.rounds)


WAYS: dict[str, Callable[[Path, Path], float]] = {}


def _way(name: str) -> Callable[[Callable[[Path, Path], float]], Callable[[Path, Path], float]]:
    def note(way: Callable[[Path, Path], float]) -> Callable[[Path, Path], float]:
        WAYS[name] = way
        return way

    return note


@_way("sdz encode")
def _encode(folder: Path, home: Path) -> float:
    files = sorted(str(path) for path in folder.iterdir())
    return _timed(home, ["encode", "--no-daemon", *files])


@_way("the same at nice 5")
def _encode_politely(folder: Path, home: Path) -> float:
    """With the priority that the engine's process for encodes has: it matters on a busy machine."""
    files = sorted(str(path) for path in folder.iterdir())
    return _timed(home, ["encode", "--no-daemon", *files], ["nice", "-n", "5"])


@_way("sdz watch --once")
def _watch(folder: Path, home: Path) -> float:
    return _timed(home, ["watch", str(folder), "--once", "--no-daemon"])


@_way("the daemon, sdz encode")
def _by_daemon(folder: Path, home: Path) -> float:
    with _Daemon(home):
        files = sorted(str(path) for path in folder.iterdir())
        return _timed(home, ["encode", *files])


@_way("the daemon, watching")
def _daemon_watching(folder: Path, home: Path) -> float:
    """From the files' being there to the last output."""
    count = len(list(folder.iterdir()))
    with _Daemon(home, "--watch", str(folder)) as began:
        while len(list(folder.glob("*.sdz"))) < count:
            time.sleep(LOOK_S)
        return time.perf_counter() - began


class _Daemon:
    """A daemon in ``home``; entering it gives the time when it answered."""

    def __init__(self, home: Path, *words: str) -> None:
        self._command = [sys.executable, "-m", "sdz", "serve", "--port", "0", *words]
        self._environment = _environment(home)

    def __enter__(self) -> float:
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()


def _compare(home: Path, sources: Path, rounds: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    work: dict[str, list[float]] = {name: [] for name in WAYS}
    made: dict[str, dict[str, bytes]] = {}
    for number in range(rounds):
        for name, way in WAYS.items():
            place = home / f"{number}-{len(made)}-{name.replace(' ', '-').replace(',', '')}"
            shutil.copytree(sources, place / "pictures")
            (place / "home").mkdir()
            before = _processor_s()
            times[name].append(way(place / "pictures", place / "home"))
            work[name].append(_processor_s() - before)
            outputs = {path.name: path.read_bytes() for path in place.rglob("*.sdz")}
            if made.setdefault("first", outputs) != outputs:
                raise SystemExit(f"{name} made other files than the first way")
            shutil.rmtree(place)
    count = len(made["first"])
    print(f"{count} pictures, {rounds} rounds in turns; medians; files are the same by all ways")
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        spread = f"{min(seconds):.1f} to {max(seconds):.1f}"
        print(
            f"{name:<26}{middle:7.1f} s ({spread})  {count / middle:6.2f} pictures/s  "
            f"{statistics.median(work[name]):7.1f} s of processors"
        )
    names = list(WAYS)
    for ours, theirs in ((names[2], names[0]), (names[2], names[1]), (names[4], names[3])):
        print(
            f"{ours} / {theirs}: {_ratio(times, ours, theirs):.2f} of the throughput, "
            f"{_ratio(work, ours, theirs):.2f} by the processors' time"
        )


def _ratio(seconds: dict[str, list[float]], ours: str, theirs: str) -> float:
    """How much of their throughput ours is: the median of the rounds."""
    return statistics.median(b / a for a, b in zip(seconds[ours], seconds[theirs], strict=True))


def _processor_s() -> float:
    """What all processes that have ended so far took: says more than time on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _timed(home: Path, words: list[str], before: Sequence[str] = ()) -> float:
    began = time.perf_counter()
    subprocess.run(
        [*before, sys.executable, "-m", "sdz", *words],
        check=True,
        stdout=subprocess.DEVNULL,
        env=_environment(home),
    )
    return time.perf_counter() - began


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "SDZ_HOME": str(home), "PYTHONUNBUFFERED": "1"}


def _choose(folder: Path, target: Path, count: int) -> None:
    kinds = (".jpg", ".jpeg", ".png")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in kinds)
    if not found:
        sys.exit(f"no pictures in {folder}")
    for path in found[:: max(1, len(found) // count)][:count]:
        shutil.copy(path, target / path.name)


def _draw(folder: Path, count: int, width: int, height: int) -> None:
    y, x = np.mgrid[0:height, 0:width] / 97
    for number in range(count):
        rng = np.random.default_rng(number)
        a, b, c = rng.uniform(0.3, 3, 3)
        planes = [np.sin(a * x + b), np.sin(y * b + x * a), np.cos(x * c - y)]
        pixels = 127.5 + 90 * np.stack(planes, 2) + rng.normal(0, 6, (height, width, 3))
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        image.save(folder / f"{number:04}.jpg", quality=90)


if __name__ == "__main__":
    main()
