"""Fuzzes the adaptive coder's kernel under the address and undefined-behaviour sanitizers.

    python scripts/fuzz_coder.py [ROUNDS] [SEED]        about a second each; needs gcc on Linux

Builds the kernel aside and runs itself again with it: arrays of odd shapes and wild values are
coded and decoded again, their streams damaged, cut and made up. A fault ends it with a report.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from sdz.entropy import decode_rows, decode_symbols, decode_tilted, encode_symbols, encode_tilted
from sdz.entropy.adaptive import symbols
from sdz.entropy.adaptive.kernel import LIBRARY, Kernel
from sdz.entropy.allowance import Allowance, allowing
from sdz.errors import FormatError
from sdz.stopping import Stop, Stopped, heeding

FLAGS = ("-std=c99", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
SHIFTS = "-fno-sanitize=shift"  # << of what is negative: a habit of compilers that kernel.c names


def build(folder: str) -> dict[str, str]:
    """Build the kernel; the environment in which it runs."""
    library = Path(folder, "_kernel.so")
    source = str(LIBRARY.with_name("kernel.c"))
    words = ["gcc", *FLAGS, SHIFTS, "-fPIC", "-shared", "-o", str(library), source]
    subprocess.run(words, check=True)
    asan = subprocess.run(
        ["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    own = {"LD_PRELOAD": asan, "ASAN_OPTIONS": "detect_leaks=0", "FUZZED": str(library)}
    return {**os.environ, **own}


def wild(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Latents in steps as no network makes them."""
    y = rng.laplace(0, 10.0 ** rng.uniform(-2, 9), shape)
    y[rng.random(shape) < rng.random()] = 0
    return np.clip(y, -(2.0**40), 2.0**40).astype(np.float32)


def some_steps(rng: np.random.Generator) -> int:
    return int(10 ** rng.uniform(0, 8))


def one(rng: np.random.Generator) -> None:
    """Code, compare, damage."""
    shape = tuple(int(side) for side in rng.integers(1, (9, 14, 14)))
    trellis, passes = bool(rng.integers(2)), int(rng.integers(1, 3))
    weights = rng.uniform(0, 20, shape[0])
    q, tilt, blob = encode_tilted(wild(rng, shape), weights, trellis=trellis, passes=passes)
    read = decode_tilted(blob, shape)
    assert np.array_equal(q, read[0])
    assert np.array_equal(tilt, read[1])
    plain = rng.integers(-(2**31), 2**31 - 1, shape, np.int32) >> rng.integers(0, 32)
    for stream in (blob, encode_symbols(plain), rng.bytes(int(rng.integers(0, 60)))):
        bad = bytearray(stream[: rng.integers(0, len(stream) + 1)])
        for _ in range(int(rng.integers(0, 4)) if bad else 0):
            bad[rng.integers(0, len(bad))] = rng.integers(0, 256)
        with contextlib.suppress(FormatError):
            decode_tilted(bytes(bad), shape, whole=bool(rng.integers(2)))
        with contextlib.suppress(FormatError), allowing(Allowance(len(bad), some_steps(rng))):
            decode_rows(bytes(bad), shape, lambda _: None)
        # Large and nearly blank: whole runs of places are decoded together.
        wide = tuple(int(side) for side in rng.integers(1, (5, 90, 90)))
        with contextlib.suppress(FormatError), allowing(Allowance(len(bad), some_steps(rng))):
            decode_tilted(bytes(bad), wide, whole=bool(rng.integers(2)))
    sparse = (rng.random((2, 70, 90)) < 10 ** rng.uniform(-5, -1)).astype(np.int32)
    assert np.array_equal(decode_symbols(encode_symbols(sparse), sparse.shape), sparse)
    stop = Stop()
    stop.set()
    try:
        with heeding(stop):
            encode_tilted(wild(rng, shape), weights)
        raise AssertionError("it was not stopped")
    except Stopped:
        pass


def main() -> None:
    """Build, then fuzz in a process of its own."""
    words = sys.argv[1:]
    rounds = int(words[0]) if words else 300
    seed = int(words[1]) if len(words) > 1 else 1
    if "FUZZED" not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            again = [sys.executable, __file__, str(rounds), str(seed)]
            sys.exit(subprocess.run(again, env=build(folder), check=False).returncode)
    kernel = Kernel(Path(os.environ["FUZZED"]))
    symbols.kernel = lambda *_: kernel  # type: ignore[assignment]
    rng = np.random.default_rng(seed)
    for number in range(rounds):
        if number % 100 == 0:
            print(number, flush=True)
        one(rng)
    print(f"{rounds} rounds, nothing touched that may not be")


if __name__ == "__main__":
    main()
