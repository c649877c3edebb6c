"""How much of small text is read after each wish, beside AVIF; the letters: ``written.py``."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from benchmarks.pictures import Picture
from benchmarks.written import CONTRASTS, SURELY, characters, missing, write_on

AVIF_QUALITIES = (40, 50, 60, 90)
SPEED = 6

Made = tuple[Image.Image, int]
"""What is decoded, and the bytes it was decoded from."""


def run(pictures: list[Picture], wishes: list[str]) -> None:
    """Print the table. wishes: values of --keep, tried at preset standard."""
    if problem := missing():
        raise SystemExit(problem)
    ways = {f"sdz --keep {keep}": _sdz(keep) for keep in wishes}
    ways |= {f"AVIF {quality}": _avif(quality) for quality in AVIF_QUALITIES}
    print(f"{'contrast':10}{'':22}{'bytes':>8}{'read':>8}   of characters, 12 pixels high")
    for contrast in CONTRASTS:
        sizes: dict[str, list[int]] = {name: [] for name in ways}
        read = dict.fromkeys(ways, 0)
        known = 0
        for number, picture in enumerate(pictures):
            image, lines = write_on(picture.image, contrast, number)
            source = characters(image, lines, SURELY)
            known += sum(map(len, source))
            for name, make in ways.items():
                decoded, size = make(image)
                sizes[name].append(size)
                found = characters(decoded, lines, 1)
                read[name] += sum(len(a & b) for a, b in zip(source, found, strict=True))
        for name in ways:
            share = read[name] / max(known, 1)
            print(f"{contrast:10}{name:22}{np.mean(sizes[name]):8,.0f}{share:8.3f}   {known}")


def _sdz(keep: str) -> Callable[[Image.Image], Made]:
    import sdz

    def make(image: Image.Image) -> Made:
        data = sdz.encode(image, preset="standard", keep=keep)
        return sdz.decode(data).convert("RGB"), len(data)

    return make


def _avif(quality: int) -> Callable[[Image.Image], Made]:
    def make(image: Image.Image) -> Made:
        buffer = io.BytesIO()
        image.save(buffer, "AVIF", quality=quality, speed=SPEED, subsampling="4:4:4")
        return Image.open(buffer).convert("RGB"), len(buffer.getvalue())

    return make
