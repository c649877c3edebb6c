"""The training pictures: a folder held decoded in memory, and crops cut from it.

Photographs are kept at several sizes, since a network that saw only one learns that size's
statistics; pages of drawn text and line art are mixed in, so that words and diagrams survive.
"""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import torch
from draw import cut, draw_page
from PIL import Image

SUFFIXES = {".avif", ".jpg", ".jpeg", ".png", ".webp"}
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
        self.drawn = [draw_page(self.random, self._photo()) for _ in range(drawn)]

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

    def crops(self, count: int, side: int, drawn_share: float) -> torch.Tensor:
        """[count, 3, side, side] float32 in -0.5..0.5, flipped and turned at random."""
        batch = np.empty((count, side, side, 3), np.uint8)
        for i in range(count):
            is_drawn = bool(self.drawn) and self.random.random() < drawn_share
            source = self.random.choice(self.drawn) if is_drawn else self._photo()
            crop = cut(source, side, self.random)
            if self.random.random() < 0.5:
                crop = crop[:, ::-1]
            if self.random.random() < 0.25:
                crop = crop.transpose(1, 0, 2)
            batch[i] = crop
        return torch.from_numpy(batch).permute(0, 3, 1, 2).float().div_(255).sub_(0.5)


def psnr(mse: float) -> float:
    """Peak signal-to-noise ratio in dB of a mean squared error of pixels in 0..1."""
    return -10 * math.log10(max(mse, 1e-12))
