"""The training pictures: a folder held decoded in memory, and crops cut from it.

Photographs are kept at several sizes, since a network that saw only one learns that size's
statistics; pages of drawn text and line art are mixed in, so that words and diagrams survive.
"""

from __future__ import annotations

import math
import random
import string
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
SCALES = (1.0, 0.7, 0.5)
LEAST_SIDE = 272


class Corpus:
    """uint8 pictures [H, W, 3] in memory; ``crops`` cuts random batches from them."""

    def __init__(self, folder: Path, drawn: int, seed: int, every: int = 1) -> None:
        self.random = random.Random(seed)
        self.photos: list[np.ndarray] = []
        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)[::every]
        if not paths:
            raise SystemExit(f"no pictures in {folder}: give a folder of photographs by --photos")
        for path in paths:
            with Image.open(path) as opened:
                self._keep_scales(opened.convert("RGB"))
        self.areas = np.cumsum([p.shape[0] * p.shape[1] for p in self.photos], dtype=np.float64)
        self.drawn = [self._draw() for _ in range(drawn)]

    def _keep_scales(self, picture: Image.Image) -> None:
        for scale in SCALES:
            size = (round(picture.width * scale), round(picture.height * scale))
            if min(size) < LEAST_SIDE:
                continue
            scaled = picture if scale == 1 else picture.resize(size, Image.Resampling.LANCZOS)
            self.photos.append(np.asarray(scaled))

    def _photo(self) -> np.ndarray:
        at = self.random.random() * self.areas[-1]
        return self.photos[int(np.searchsorted(self.areas, at))]

    def _draw(self) -> np.ndarray:
        """A page of text, shapes and lines, on paper or on a photograph: [512, 512, 3]."""
        rnd, side = self.random, 512
        if rnd.random() < 0.5:
            paper = rnd.choice([(255, 255, 255), (16, 16, 20), (240, 236, 220)])
            page = Image.new("RGB", (side, side), paper)
        else:
            page = Image.fromarray(_cut(self._photo(), LEAST_SIDE, rnd)).resize((side, side))
        draw = ImageDraw.Draw(page)
        for _ in range(rnd.randrange(2, 14)):
            box = sorted(rnd.sample(range(side), 2)) + sorted(rnd.sample(range(side), 2))
            corners = (box[0], box[2], box[1], box[3])
            colour = tuple(rnd.randrange(256) for _ in range(3))
            width = rnd.randrange(1, 5)
            shape = rnd.randrange(4)
            if shape == 0:
                draw.line(corners, fill=colour, width=width)
            elif shape == 1:
                draw.ellipse(corners, outline=colour, width=width)
            elif shape == 2:
                draw.rectangle(corners, outline=colour, width=width)
            else:
                draw.polygon([(rnd.randrange(side), rnd.randrange(side)) for _ in range(3)], colour)
        y = rnd.randrange(20)
        while y < side - 40:
            size = int(rnd.triangular(9, 48, 13))
            words = [
                "".join(rnd.choices(string.ascii_lowercase + string.digits, k=rnd.randrange(1, 10)))
                for _ in range(12)
            ]
            line = " ".join(w.capitalize() if rnd.random() < 0.2 else w for w in words)
            colour = tuple(rnd.choice([0, 30, 128, 230, 255]) for _ in range(3))
            draw.text((rnd.randrange(60), y), line, colour, font=ImageFont.load_default(size))
            y += int(size * rnd.uniform(1.1, 2.5))
        return np.asarray(page)

    def crops(self, count: int, side: int, drawn_share: float) -> torch.Tensor:
        """[count, 3, side, side] float32 in -0.5..0.5, flipped and turned at random."""
        batch = np.empty((count, side, side, 3), np.uint8)
        for i in range(count):
            is_drawn = bool(self.drawn) and self.random.random() < drawn_share
            source = self.random.choice(self.drawn) if is_drawn else self._photo()
            crop = _cut(source, side, self.random)
            if self.random.random() < 0.5:
                crop = crop[:, ::-1]
            if self.random.random() < 0.25:
                crop = crop.transpose(1, 0, 2)
            batch[i] = crop
        return torch.from_numpy(batch).permute(0, 3, 1, 2).float().div_(255).sub_(0.5)


def _cut(picture: np.ndarray, side: int, rnd: random.Random) -> np.ndarray:
    top = rnd.randrange(picture.shape[0] - side + 1)
    left = rnd.randrange(picture.shape[1] - side + 1)
    return picture[top : top + side, left : left + side]


def psnr(mse: float) -> float:
    """Peak signal-to-noise ratio in dB of a mean squared error of pixels in 0..1."""
    return -10 * math.log10(max(mse, 1e-12))
