#!/usr/bin/env python3
"""Bytes of Stable Diffusion latents at equal error: this coder against the palette codec of 2022.

    python scripts/bench_latents.py [--latents FOLDER] [--every N]

FOLDER holds sd1-kodak.npz, sd1-photos.npz (raw latents [4, h, w]) and palette_baseline.py, the
yardstick; by default ../shared/latents beside the project. One step serves all latents of a
set and is searched until the mean squared error is the yardstick's; all streams are decoded again.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from sdz.entropy import (
    Recon,
    decode_tilted,
    encode_symbols,
    encode_tilted,
    fit_recon,
    reconstruct,
)

ROOT = Path(__file__).resolve().parents[1]
Floats = NDArray[np.float32]
Coded = tuple[float, int]  # mean squared error in steps, bytes
CLOSE = 0.002  # of the error aimed at
SPEED_SIDE = 64  # latents of a 512 x 512 picture


def measure(y: Floats, q: NDArray[np.int32], blob: bytes, tilted: bool) -> Coded:
    """Decodes and places the values; five bytes are counted for where."""
    found, tilt = decode_tilted(blob, y.shape)
    if not np.array_equal(found, q):
        sys.exit("a stream does not decode to what was coded")
    tilt = tilt if tilted else np.zeros_like(tilt)
    placed = reconstruct(found, tilt, fit_recon(y, found, tilt))
    return float(np.mean((placed - y) ** 2)), len(blob) + (5 if tilted else 2)


def rounded(tilted: bool) -> Callable[[Floats], Coded]:
    def code(y: Floats) -> Coded:
        q = np.round(y).astype(np.int32)
        return measure(y, q, encode_symbols(q), tilted)

    return code


def chosen(weight: float, trellis: bool, tilted: bool) -> Callable[[Floats], Coded]:
    def code(y: Floats) -> Coded:
        recon = None if tilted else Recon()
        q, _, blob = encode_tilted(y, np.full(len(y), weight), recon=recon, trellis=trellis)
        return measure(y, q, blob, tilted)

    return code


WAYS: dict[str, tuple[Callable[[Floats], Coded], float]] = {
    "rounded": (rounded(False), 0.6),
    "rounded, tilts": (rounded(True), 0.65),
    "chosen": (chosen(8.0, False, False), 0.55),
    "chosen, tilts": (chosen(8.0, False, True), 0.57),
    "trellis": (chosen(4.5, True, False), 0.37),
    "trellis, tilts": (chosen(4.5, True, True), 0.4),
}


def at_equal_error(
    code: Callable[[Floats], Coded], latents: list[Floats], target: float, step: float
) -> tuple[float, int]:
    """The step that meets the target error, from above, and the bytes it takes."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        low, high, best = 0.0, float("inf"), (step, 0)
        for _ in range(14):
            results = list(pool.map(code, [z / np.float32(step) for z in latents]))
            error = float(np.mean([e for e, _ in results])) * step**2
            if error <= target:
                low, best = step, (step, sum(size for _, size in results))
                if error > (1 - CLOSE) * target:
                    break
            else:
                high = step
            guess = step * ((1 - CLOSE / 2) * target / error) ** 0.6
            step = guess if low < guess < high else (low + high) / 2
    return best


def yardstick(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("palette", folder / "palette_baseline.py")
    if spec is None or spec.loader is None:
        sys.exit(f"palette_baseline.py in {folder} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare(folder: Path, name: str, every: int) -> None:
    palette = yardstick(folder)
    with np.load(folder / f"{name}.npz") as archive:
        raw = [archive[key] for key in archive.files[::every]]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sizes, errors = zip(*pool.map(palette.palette_code, raw), strict=True)
    latents = [(z.astype(np.float32) * np.float32(palette.SCALE)) for z in raw]
    target = float(np.mean(errors))
    print(f"{name}: {len(raw)} latents, palette {np.mean(sizes):.0f} bytes, mse {target:.5f}")
    for way, (code, step) in WAYS.items():
        step, total = at_equal_error(code, latents, target, step)
        share = total / sum(sizes)
        print(f"  {way:15} {total / len(raw):7.0f} bytes  {share:.3f}  step {step:.3f}", flush=True)


def speed(folder: Path) -> None:
    with np.load(folder / "sd1-kodak.npz") as archive:
        z = archive[archive.files[4]][:, :SPEED_SIDE, :SPEED_SIDE].astype(np.float32)
    y = z * np.float32(0.18215 / 0.6)
    q = np.round(y).astype(np.int32)
    blob = encode_symbols(q)
    if not np.array_equal(decode_tilted(blob, q.shape)[0], q):
        sys.exit("a stream does not decode to what was coded")

    def least(work: Callable[[], object]) -> float:
        times = []
        for _ in range(20):
            begin = time.perf_counter()
            work()
            times.append(time.perf_counter() - begin)
        return 1000 * min(times)

    print(f"{q.size} symbols, {len(blob)} bytes: ", end="")
    print(f"coded in {least(lambda: encode_symbols(q)):.1f} ms, ", end="")
    print(f"decoded in {least(lambda: decode_tilted(blob, q.shape)):.1f} ms, ", end="")
    print(f"chosen on a trellis in {least(lambda: encode_tilted(y, np.full(4, 4.5))):.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latents", type=Path, default=ROOT.parent / "shared" / "latents")
    parser.add_argument("--every", type=int, default=1, help="take only every N-th latent")
    options = parser.parse_args()
    if not (options.latents / "palette_baseline.py").exists():
        sys.exit(f"no latents in {options.latents}; name their folder by --latents FOLDER")
    speed(options.latents)
    for name in ("sd1-kodak", "sd1-photos"):
        compare(options.latents, name, options.every)


if __name__ == "__main__":
    main()
