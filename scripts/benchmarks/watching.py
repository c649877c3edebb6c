"""What a watched folder costs: memory and processor time at rest, a scan, emptying it.

    PYTHONPATH=daemon:scripts python -m benchmarks.watching [--files N] [--pictures N]

Files at rest are small ones that the journal has been told are done, so that the watcher has
nothing to do but to watch. The folder is then emptied for real beside `sdz encode` on the same
pictures, by turns; outputs are compared before times are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

RESCAN_S = 300.0
PATIENCE_S = 600.0
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rest", type=float, default=60.0, help="seconds of watching at rest")
    parser.add_argument("--pictures", type=int, default=40, help="to be encoded; 0: none")
    parser.add_argument("--side", type=int, default=256, help="pixels of these pictures")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        watch(*args.child)
        return
    for in_each in (100, args.files):
        if args.files:
            with tempfile.TemporaryDirectory() as home:
                rest(Path(home), args.files, in_each, args.rest)
    if args.pictures:
        with tempfile.TemporaryDirectory() as home:
            empty(Path(home), args.pictures, args.side, args.rounds)


# --- at rest --------------------------------------------------------------------------------------


def watch(root: Path, home: Path) -> None:
    """The watcher that is measured; says when a scan has ended, makes one at SIGUSR1."""
    from functools import partial

    from sdz.watch.folder import FolderOptions
    from sdz.watch.inbox import RescanWanted
    from sdz.watch.journal.journal import Journal
    from sdz.watch.telling.report import WatchEvent
    from sdz.watch.watcher import Watcher
    from sdz.watch.work import Work

    class NoMaker:
        async def make(self, *_: object) -> bytes:
            raise SystemExit("a watcher at rest has nothing to encode")

    def publish(event: WatchEvent) -> None:
        if event.kind in ("scan", "folder"):
            print(event.kind, event.state, event.reason, flush=True)

    async def run() -> None:
        options = FolderOptions(root, settle_s=3600.0, rescan_s=86400.0)
        with Journal(home / "journal.sqlite") as journal:
            watcher = Watcher(Work(options, NoMaker(), journal, publish=publish))
            rescan = partial(watcher.inbox.post, RescanWanted())
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, rescan)
            await watcher.run()

    asyncio.run(run())


def rest(home: Path, files: int, in_each: int, seconds: float) -> None:
    root = home / "in"
    for number in range(files):
        folder = root / f"{number // in_each:04}"
        if number % in_each == 0:
            folder.mkdir(parents=True)
        (folder / f"photo {number}.jpg").write_bytes(b"\xff\xd8" + bytes(100))
    command = [sys.executable, "-m", "benchmarks.watching", "--child", str(root), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            began = time.perf_counter()
            await_scan(process)
            first = time.perf_counter() - began
            with sqlite3.connect(home / "journal.sqlite", timeout=60) as journal:
                told = journal.execute("UPDATE files SET state = 'done', bytes_after = 50").rowcount
            journal.close()
            if told != files:
                raise SystemExit(f"the scan found {told} of {files} files")
            scans = []
            for _ in range(3):
                before = cpu_s(process.pid)
                process.send_signal(signal.SIGUSR1)
                await_scan(process)
                scans.append(cpu_s(process.pid) - before)
            before = cpu_s(process.pid)
            time.sleep(seconds)
            resting = (cpu_s(process.pid) - before) / seconds
            share = resting + statistics.median(scans) / RESCAN_S
            print(f"{files:,} files, {in_each:,} in each folder")
            print(f"  first scan            {first:.1f} s")
            print(f"  scan, nothing new     {statistics.median(scans):.2f} s of processor time")
            print(f"  memory at rest        {memory(process.pid, 'VmRSS'):.0f} MiB")
            print(f"  memory, highest       {memory(process.pid, 'VmHWM'):.0f} MiB")
            print(f"  between scans         {resting:.3%} of a core")
            print(f"  with a scan each {RESCAN_S:.0f} s {share:.3%} of a core")
            size = (home / "journal.sqlite").stat().st_size
            print(f"  journal               {size / 2**20:.0f} MiB")
        finally:
            process.kill()


def await_scan(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("scan"):
            return
    raise SystemExit("the watcher ended")


def cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def memory(pid: int, what: str) -> float:
    """MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"no {what}")


# --- emptying -------------------------------------------------------------------------------------


def empty(home: Path, count: int, side: int, rounds: int) -> None:
    os.environ["SDZ_HOME"] = str(home / "sdz")
    sdz = [sys.executable, "-m", "sdz"]
    times: dict[str, list[float]] = {"encode": [], "watch": []}
    for turn in range(rounds):
        sources = draw(home / f"in{turn}", count, side)
        one, two = home / f"encode{turn}", home / f"watch{turn}"
        encode = [*sdz, "encode", "--no-daemon", "--out-dir", str(one), *map(str, sources)]
        once = [
            *sdz,
            "watch",
            "--once",
            "--no-daemon",
            "--out-dir",
            str(two),
            str(home / f"in{turn}"),
        ]
        for name, command in (("encode", encode), ("watch", once)):
            began = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True)
            times[name].append(time.perf_counter() - began)
            if done.returncode:
                raise SystemExit(f"{name} failed: {done.stderr[-500:]}")
        for path in one.iterdir():
            if (two / path.name).read_bytes() != path.read_bytes():
                raise SystemExit(f"{path.name} differs between encode and watch")
        if len(list(two.iterdir())) != count:
            raise SystemExit("outputs are missing")
    encoded, watched = (statistics.median(times[name]) for name in ("encode", "watch"))
    print(f"{count} pictures of {side}x{side}, median of {rounds}, by turns")
    print(f"  sdz encode            {encoded:.1f} s, {count / encoded:.2f} pictures a second")
    print(f"  sdz watch --once      {watched:.1f} s, {count / watched:.2f} pictures a second")
    print(f"  of which settling     2.0 s; throughput {encoded / (watched - 2.0):.2f} without it")


def draw(folder: Path, count: int, side: int) -> list[Path]:
    folder.mkdir()
    made = []
    for number in range(count):
        rng = np.random.default_rng(number)
        y, x = np.mgrid[0:side, 0:side]
        a, b, c = rng.uniform(0.02, 0.2, 3)
        planes = [np.sin(a * x), np.cos(b * y), np.sin(c * (x + y))]
        pixels = 127 + 100 * np.stack(planes, 2) + rng.normal(0, 6, (side, side, 3))
        buffer = io.BytesIO()
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        image.save(buffer, "JPEG", quality=90)
        made.append(folder / f"photo {number}.jpg")
        made[-1].write_bytes(buffer.getvalue())
    return made


if __name__ == "__main__":
    main()
