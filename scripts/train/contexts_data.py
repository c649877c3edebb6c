"""Latents to fit contexts to: ``python scripts/train/contexts_data.py --photos DIR --out FILE``.

Each photograph is scaled at random, cut, and encoded once; the latents stay unrounded
(float16), so that the fit can round them at any step. Writes ``FILE`` (npz): arrays [C, h, w]
of at most 28 x 40 places.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
from corpus import SUFFIXES
from PIL import Image

from sdz.models.editions import WEIGHTS
from sdz.models.lite import load

LEAST_SIDE = 224  # pixels of a picture after scaling
MOST = (448, 640)  # rows and columns of a crop, pixels
SCALES = (0.35, 1.0)  # few photographs are as sharp as their own pixels: most files are smaller


def crop(path: Path, rnd: random.Random) -> np.ndarray | None:
    """A part of a photograph at a random scale, uint8 [H, W, 3]; None where it is too small."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    scale = rnd.uniform(*SCALES)
    width, height = round(picture.width * scale), round(picture.height * scale)
    if min(width, height) < LEAST_SIDE:
        scale = LEAST_SIDE / min(picture.size)
        if scale > 1:
            return None
        width, height = round(picture.width * scale), round(picture.height * scale)
    picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    rows, columns = min(height, MOST[0]) // 16 * 16, min(width, MOST[1]) // 16 * 16
    top, left = rnd.randrange(height - rows + 1), rnd.randrange(width - columns + 1)
    part = np.asarray(picture)[top : top + rows, left : left + columns]
    return part[:, ::-1] if rnd.random() < 0.5 else part


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="of the edition that encodes")
    parser.add_argument("--rounds", type=int, default=2, help="crops of each photograph")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    model, rnd = load(args.weights), random.Random(args.seed)
    paths = [p for d in args.photos for p in sorted(d.iterdir()) if p.suffix.lower() in SUFFIXES]
    found, start = [], time.monotonic()
    for _ in range(args.rounds):
        rnd.shuffle(paths)
        for path in paths:
            if time.monotonic() - start > args.seconds:
                break
            part = crop(path, rnd)
            if part is not None:
                latents = model.encode(np.ascontiguousarray(part))
                found.append(latents.astype(np.float16))
    np.savez(args.out, *found)
    places = sum(x.shape[1] * x.shape[2] for x in found)
    print(f"{len(found)} crops, {places} places, {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
