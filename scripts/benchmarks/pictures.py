"""The pictures measured: a folder's, Kodak's where they lie beside the checkout, or drawn ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

KODAK = Path(__file__).parents[3] / "shared" / "kodak"
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"}
HEIGHT, WIDTH = 512, 768  # of what is drawn: as Kodak's


@dataclass(frozen=True)
class Picture:
    """An RGB picture and its name."""

    name: str
    image: Image.Image

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.image.width * self.image.height


def load(folder: Path | None, count: int = 0) -> list[Picture]:
    """The folder's pictures by name, ``count`` of them evenly chosen (0: all); says which."""
    if folder is None and not KODAK.is_dir():
        print(f"no pictures in {KODAK}: measuring drawn ones instead, which say less")
        return list(_drawn())
    folder = folder or KODAK
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not files:
        raise SystemExit(f"no pictures in {folder}")
    chosen = files
    if 0 < count < len(files):
        chosen = [files[i * len(files) // count] for i in range(count)]
    print(f"{len(chosen)} of {len(files)} pictures in {folder}")
    return [Picture(path.stem, Image.open(path).convert("RGB")) for path in chosen]


def _drawn() -> Iterator[Picture]:
    """Four scenes, the same each time: hills, a page of words, shapes, cloth."""
    rng = np.random.default_rng(2022)
    yield Picture("hills", _hills(rng))
    yield Picture("words", _words(rng))
    yield Picture("shapes", _shapes(rng))
    yield Picture("cloth", _cloth(rng))


def _noise(rng: np.random.Generator, power: float) -> NDArray[np.float64]:
    """Noise whose amplitude falls with frequency to the ``power``, [H, W, 3] of unit variance."""
    frequency = np.hypot(np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None])
    frequency[0, 0] = 1
    planes = np.fft.rfft2(rng.normal(size=(3, HEIGHT, WIDTH))) / frequency**power
    planes[:, 0, 0] = 0
    waves = np.fft.irfft2(planes, (HEIGHT, WIDTH))
    waves = 0.8 * waves[:1] + 0.2 * waves  # mostly grey, as nature is
    scaled: NDArray[np.float64] = waves / waves.std()
    return scaled.transpose(1, 2, 0)


def _image(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _hills(rng: np.random.Generator) -> Image.Image:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    values = np.dstack([110 + y / 8, 150 + y / 12, 210 - y / 9]) + 6 * _noise(rng, 1.6)
    for layer in range(4):
        ridge = 170 + 85 * layer + 40 * np.sin(x[0] / (60 + 23 * layer) + layer)
        ground = np.array([60, 95, 55]) - 9 * layer + 22 * _noise(rng, 1.0 - 0.1 * layer)
        below = y > ridge[None]
        values[below] = ground[below]
    return _image(values).filter(ImageFilter.GaussianBlur(0.6))


def _words(rng: np.random.Generator) -> Image.Image:
    page = _image(np.full((HEIGHT, WIDTH, 3), [246, 243, 234]) + 2 * _noise(rng, 0.8))
    draw = ImageDraw.Draw(page)
    letters = np.array(list("aeinorstldcumhpgbfvkw"))
    for row in range(28):
        lengths = rng.integers(2, 10, 16)
        line = " ".join("".join(rng.choice(letters, n)) for n in lengths)
        draw.text((24, 10 + 18 * row), line, fill=(35, 32, 40), font_size=10 + row % 4 * 2)
    return page


def _shapes(rng: np.random.Generator) -> Image.Image:
    twice = Image.new("RGB", (2 * WIDTH, 2 * HEIGHT), (205, 214, 222))
    draw = ImageDraw.Draw(twice)
    for _ in range(60):
        x, y, r = rng.uniform(0, 2 * WIDTH), rng.uniform(0, 2 * HEIGHT), rng.uniform(10, 150)
        colour = tuple(int(v) for v in rng.integers(20, 240, 3))
        if rng.random() < 0.5:
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        else:
            draw.regular_polygon((x, y, r), int(rng.integers(3, 7)), rng.uniform(0, 90), colour)
    smooth = twice.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return _image(np.asarray(smooth) + 2.5 * _noise(rng, 0.3))


def _cloth(rng: np.random.Generator) -> Image.Image:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    bend = 14 * _noise(rng, 2.0)[:, :, 0]
    weave = np.sin((x + bend) / 2.3) * np.sin((y - bend) / 2.9)
    fold = 90 + 45 * np.sin((x + 2 * y + 3 * bend) / 110)
    values = fold[:, :, None] * np.array([1.25, 0.95, 0.8]) + 26 * weave[:, :, None]
    return _image(values + 7 * _noise(rng, 0.5))
