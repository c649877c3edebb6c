"""Small pictures, drawn quickly: a thousand in a second or two."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, kind: str = "JPEG") -> bytes:
    """A picture file of 32 to 64 pixels a side, another one for each seed."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(32, 65, 2)
    y, x = np.mgrid[0:height, 0:width]
    a, b, c = rng.uniform(0.02, 0.2, 3)
    planes = [np.sin(a * x + seed), np.cos(b * y), np.sin(c * (x + y))]
    pixels = np.rint(127 + 100 * np.stack(planes, 2) + rng.normal(0, 4, (height, width, 3)))
    buffer = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def pictures(folder: Path, count: int, first: int = 0) -> list[Path]:
    """That many picture files of several kinds, in folders of a hundred."""
    made = []
    for number in range(first, first + count):
        kind, suffix = (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("JPEG", "JPEG"))[
            number % 4
        ]
        place = folder / f"{number // 100:02}"
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"photo {number}.{suffix}"
        path.write_bytes(picture(number, kind))
        made.append(path)
    return made


def animation(kind: str, **options: object) -> bytes:
    """Three pictures one after the other."""
    frames = [Image.open(io.BytesIO(picture(seed))).resize((40, 40)) for seed in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], **options)
    return buffer.getvalue()
