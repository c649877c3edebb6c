"""Bytes and milliseconds of the trained coder beside the adaptive one, for the same integers:
``python scripts/train/contexts_measure.py --statistics FILE --pictures DIR``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from corpus import SUFFIXES
from PIL import Image

from sdz.entropy import decode_symbols as decode_adaptive
from sdz.entropy import encode_rd as encode_adaptive
from sdz.entropy import encode_symbols as code_adaptive
from sdz.entropy.trained import Statistics, decode_symbols, encode_chosen, encode_symbols
from sdz.models.editions import WEIGHTS
from sdz.models.lite import load

QUALITIES = (15, 33, 50, 70)
TIMES = 9  # the least of so many counts: machines are shared


def least_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor time of the quickest of TIMES calls."""
    found = []
    for _ in range(TIMES):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return 1000 * min(found)


def measure(folder: Path, statistics: Statistics, weights: Path = WEIGHTS) -> None:
    """Print a line for each quality: integers as the adaptive coder chooses them, and as rounding
    does; then what either coder makes of the latents by its own choice, and their errors."""
    model = load(path=weights)
    quantiser = model.quantiser
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    latents = []
    for path in paths:
        with Image.open(path) as opened:
            latents.append(model.encode(np.asarray(opened.convert("RGB"))))
    print("quality | chosen: bytes, adaptive, ratio | rounded: ratio | own choice: ratio, error's")
    for quality in QUALITIES:
        code = quantiser.code_for_quality(quality)
        price, rows = quantiser.rd_weights(code), []
        for each in latents:
            y = each * quantiser.scales(code)[:, None, None]
            chosen, theirs = encode_adaptive(y, price, trellis=False)
            plain = np.rint(y).astype(np.int32)
            ours = encode_symbols(chosen, statistics, code)
            own, by_own = encode_chosen(y, price, statistics, code)
            worth = price[:, None, None]
            rows.append(
                [
                    *(len(ours), len(theirs)),
                    *(len(encode_symbols(plain, statistics, code)), len(code_adaptive(plain))),
                    *(len(by_own), np.sum(worth * (y - own) ** 2)),
                    np.sum(worth * (y - chosen) ** 2),
                    least_ms(partial(decode_symbols, ours, chosen.shape, statistics, code)),
                    least_ms(partial(decode_adaptive, theirs, chosen.shape)),
                ]
            )
        table = np.array(rows)
        total = table.sum(0)
        print(
            f"{quality:7} | {total[0] / len(rows):.0f} {total[1] / len(rows):.0f} "
            f"{total[0] / total[1]:.4f} | {total[2] / total[3]:.4f} | "
            f"{total[4] / total[1]:.4f} {total[5] / total[6]:.4f} | "
            f"{table[:, 7].mean():.2f} ms (at most {table[:, 7].max():.2f}), "
            f"adaptive {table[:, 8].mean():.1f}",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statistics", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    args = parser.parse_args()
    measure(args.pictures, Statistics.from_bytes(args.statistics.read_bytes()))
