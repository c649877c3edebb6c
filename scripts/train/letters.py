"""Train the little network that finds small letters: lines drawn over photographs, block by block.

    PYTHONPATH=scripts python scripts/train/letters.py --photos FOLDER --out letters.npz

Letters of 9 to 20 pixels in many fonts and contrasts, over crops of photographs of three sizes, of
which half have none; what lies beside a line within its ascenders counts for nothing. The fonts of
``scripts/bench text`` are left out, and so should be its pictures. On one core 2,000 steps take
four minutes. The weights of the package had 2,500, in three runs one after the other; 1,800 in one
find as many lines within two of a hundred.
"""

from __future__ import annotations

import argparse
import io
import math
import random
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.written import FONTS
from sdz.codec.kept.letters import BLOCK, CALM

HEIGHT, WIDTH = 96, 256  # of a crop
SCALES = (1.0, 0.6, 0.35)
SUFFIXES = {".avif", ".jpg", ".jpeg", ".png", ".webp"}
LETTERS = (
    "etaoinshrdlucmfwypvbgkqjxz" * 6
    + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 2
    + "0123456789" * 3
    + ".,-:/()&!?"
)
LEAST_COVERED = 0.3
"""Of a block's area that the x-height of a line covers, for the block to be in it."""

Sample = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Grey [H, W], and of each block whether it is in a line, and whether it counts."""


class Network(nn.Module):
    """The layers that ``sdz.codec.kept.letters`` computes by NumPy."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(1, 12, 7, stride=2, padding=3)
        self.b = nn.Conv2d(12, 24, 6, stride=4, padding=1)
        self.c = nn.Conv2d(24, 24, (3, 9), padding=(1, 4))
        self.d = nn.Conv2d(24, 1, 1)

    def forward(self, grey: Tensor) -> Tensor:
        layers = relative(grey)
        for layer in (self.a, self.b, self.c):
            layers = functional.relu(layer(layers))
        return self.d(layers)


def relative(grey: Tensor) -> Tensor:
    mean, square = (around(functional.avg_pool2d(grey**power, BLOCK)) for power in (1, 2))
    deviation = (square - mean * mean).clamp(min=0).sqrt() + CALM
    return (grey - wide(mean)) / wide(deviation)


def around(blocks: Tensor) -> Tensor:
    padded = functional.pad(blocks, (2, 2, 1, 1), mode="replicate")
    return functional.avg_pool2d(padded, (3, 5), stride=1)


def wide(blocks: Tensor) -> Tensor:
    return blocks.repeat_interleave(BLOCK, 2).repeat_interleave(BLOCK, 3)


class Drawn:
    """Crops with and without lines."""

    def __init__(self, photos: list[np.ndarray], fonts: list[Path], seed: int) -> None:
        self.rng = random.Random(seed)
        self.photos = photos
        sizes = (9, 10, 11, 12, 12, 12, 13, 14, 15, 16, 18, 20)
        self.fonts = [ImageFont.truetype(path, size) for path in fonts for size in sizes]

    def sample(self) -> Sample:
        """One crop, half of them with lines."""
        rng = self.rng
        photo = rng.choice(self.photos)
        top = rng.randrange(photo.shape[0] - HEIGHT + 1)
        left = rng.randrange(photo.shape[1] - WIDTH + 1)
        grey = photo[top : top + HEIGHT, left : left + WIDTH].astype(np.float32)
        grey = grey[:, :: rng.choice((1, -1))]
        if rng.random() < 0.15:
            grey = 255 - grey
        if rng.random() < 0.1:
            grey = np.full_like(grey, rng.randrange(256))
        if rng.random() < 0.35:  # less contrast, lighter or darker
            grey = (grey - grey.mean()) * rng.uniform(0.4, 1) + grey.mean() + rng.uniform(-30, 30)
        grey = np.clip(grey, 0, 255)
        inside, near = np.zeros((2, HEIGHT, WIDTH), np.float32)
        if rng.random() < 0.5:
            grey = self._written_on(grey, inside, near)
        covered, beside = (blocks_of(mask) for mask in (inside, near))
        is_in = covered >= LEAST_COVERED
        counts = is_in | ((covered == 0) & (beside <= 0.05))
        return self._used(grey), is_in.astype(np.float32), counts.astype(np.float32)

    def _written_on(self, grey: np.ndarray, inside: np.ndarray, near: np.ndarray) -> np.ndarray:
        rng = self.rng
        top = rng.randrange(-6, 40)
        for _ in range(rng.choice((1, 1, 2, 3, 6))):
            font, text = rng.choice(self.fonts), self._text()
            left = rng.randrange(-WIDTH // 3, WIDTH - 20)
            mask = Image.new("L", (WIDTH, HEIGHT))
            ImageDraw.Draw(mask).text((left, top), text, font=font, fill=255)
            box = mask.getbbox()
            if top > HEIGHT - 6 or box is None:
                break
            x0, y0, x1, y1 = box
            ink = self._ink(float(grey[y0:y1, x0:x1].mean()))
            share = np.asarray(mask, np.float32) / 255
            grey = grey * (1 - share) + ink * share
            base = top + font.getmetrics()[0]
            inside[max(0, int(base - 0.55 * font.size)) : max(0, base), x0:x1] = 1
            near[max(0, y0 - 2) : y1 + 2, max(0, x0 - 12) : x1 + 12] = 1
            top += round(font.size) + rng.choice((2, 4, 6, 12, 24, 40))
        return grey

    def _ink(self, below: float) -> float:
        rng = self.rng
        away = rng.choice((rng.uniform(34, 60), rng.uniform(45, 100), rng.uniform(80, 255)))
        lighter, darker = min(below + away, 255), max(below - away, 0)
        fits = [ink for ink in (lighter, darker) if abs(ink - below) >= away - 1]
        return rng.choice(fits or [max(lighter, darker, key=lambda ink: abs(ink - below))])

    def _text(self) -> str:
        return " ".join(self._word() for _ in range(self.rng.randint(1, 9)))

    def _word(self) -> str:
        word = "".join(self.rng.choice(LETTERS) for _ in range(self.rng.randint(1, 10)))
        how = self.rng.random()
        return word.lower() if how < 0.6 else word.capitalize() if how < 0.85 else word

    def _used(self, grey: np.ndarray) -> np.ndarray:
        """As pictures come: through JPEG, or with noise."""
        rng = self.rng
        if rng.random() < 0.3:
            buffer = io.BytesIO()
            Image.fromarray(grey.astype(np.uint8)).save(buffer, "JPEG", quality=rng.randint(60, 95))
            grey = np.asarray(Image.open(buffer), np.float32)
        if rng.random() < 0.2:
            noise = np.random.default_rng(rng.randrange(1 << 30)).normal(size=grey.shape)
            grey = np.clip(grey + rng.uniform(1, 6) * noise, 0, 255)
        return grey.astype(np.float32)


def blocks_of(mask: np.ndarray) -> np.ndarray:
    return mask.reshape(HEIGHT // BLOCK, BLOCK, WIDTH // BLOCK, BLOCK).mean((1, 3))


def photos_in(folder: Path) -> list[np.ndarray]:
    """Grey pictures of the folder at ``SCALES``, those that a crop fits in."""
    found = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES):
        image = Image.open(path).convert("L")
        for scale in SCALES:
            size = (round(image.width * scale), round(image.height * scale))
            if size[0] >= WIDTH and size[1] >= HEIGHT:
                found.append(np.asarray(image.resize(size, Image.Resampling.LANCZOS)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, nargs="+")
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts/truetype"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    args = parser.parse_args()
    torch.manual_seed(0)
    fonts = [path for path in sorted(args.fonts.rglob("*.ttf")) if path.stem not in FONTS]
    drawn = Drawn([one for folder in args.photos for one in photos_in(folder)], fonts, seed=0)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-4)
    for step in range(args.steps):
        for group in optimizer.param_groups:
            rise = min(1, (step + 1) / 100)
            group["lr"] = 2.5e-3 * rise * (0.5 + 0.5 * math.cos(math.pi * step / args.steps))
        samples = zip(*(drawn.sample() for _ in range(48)), strict=True)
        grey, is_in, counts = (torch.from_numpy(np.stack(part))[:, None] for part in samples)
        loss = functional.binary_cross_entropy_with_logits(network(grey), is_in, counts)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 99:
            print(f"{step + 1}: {loss.item():.4f}", flush=True)
    stored = {
        name: value.numpy().astype(np.float16) for name, value in network.state_dict().items()
    }
    np.savez_compressed(args.out, **stored)


if __name__ == "__main__":
    main()
