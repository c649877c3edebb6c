"""Fit the linear preview of Stable Diffusion 1.x: scaled latents -> a picture at 1/8 of the size.

    python scripts/fit_preview.py FOLDER

FOLDER holds ``latents/sd1-photos.npz`` with ``photos/`` (fitted on these) and
``latents/sd1-kodak.npz`` with ``kodak/`` (only measured on these): raw latents [4, h, w] by
picture name. A latent stands for the 8x8 pixels at its place, counted from the top left corner:
taking the crop from the middle, or resizing, fits 3 to 11 dB worse where the sizes differ.
Prints the five rows of the table (four channels, then the bias), outputs in 0..1 sRGB, as
``daemon/sdz/models/preview_tables.py`` holds them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SCALE = 0.18215  # scaling_factor of Stable Diffusion 1.x: raw latents to unit variance
FACTOR = 8


def pairs(folder: Path, name: str) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Yield ([h*w, 5] scaled latents and a one, [h*w, 3] mean colours in 0..1) by picture."""
    with np.load(folder / "latents" / f"sd1-{name}.npz", allow_pickle=False) as archive:
        for key in archive.files:
            latent = archive[key].astype(np.float64) * SCALE
            _, h, w = latent.shape
            [path] = (folder / name).glob(f"{key}.*")
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"), np.float64) / 255
            pixels = pixels[: h * FACTOR, : w * FACTOR]
            small = pixels.reshape(h, FACTOR, w, FACTOR, 3).mean((1, 3))
            yield np.c_[latent.reshape(4, -1).T, np.ones(h * w)], small.reshape(-1, 3)


def psnr(got: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """Peak signal-to-noise ratio in dB of pictures in 0..1, after clipping."""
    return float(-10 * np.log10(np.mean((np.clip(got, 0, 1) - wanted) ** 2)))


def main() -> None:
    folder = Path(sys.argv[1])
    # Every picture counts the same, whatever its size.
    gram, moment = np.zeros((5, 5)), np.zeros((5, 3))
    for latents, colours in pairs(folder, "photos"):
        gram += latents.T @ latents / len(latents)
        moment += latents.T @ colours / len(latents)
    table = np.linalg.solve(gram, moment)
    for row in table:
        print("    (" + ", ".join(f"{value:.4f}" for value in row) + "),")
    for name in ("photos", "kodak"):
        fits = [psnr(latents @ table, colours) for latents, colours in pairs(folder, name)]
        print(f"{name}: {np.mean(fits):.2f} dB mean, {min(fits):.2f} dB worst")


if __name__ == "__main__":
    main()
