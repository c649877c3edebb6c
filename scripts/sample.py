"""A picture to show and to measure with where there is no photograph: a drawn landscape.

Drawn from noise, so that nobody's photograph has to travel with the project: a sky with clouds,
mountain ridges in haze, a wooded slope, a lake that mirrors them, and a signpost with words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Plane = NDArray[np.float32]


def landscape(width: int = 768, height: int = 512, seed: int = 7) -> Image.Image:
    """The picture, RGB, the same for the same arguments."""
    rng = np.random.default_rng(seed)
    shore = int(height * 0.66)
    scene = _sky(width, shore, rng)
    for depth in range(5):
        _ridge(scene, depth, rng)
    _slope(scene, rng)
    picture = np.concatenate([scene, _lake(scene, height - shore, rng)])
    grain = rng.normal(0, 1.2, picture.shape).astype(np.float32)
    image = Image.fromarray(np.clip(picture + grain, 0, 255).astype(np.uint8))
    return _signpost(image)


def noise(height: int, width: int, rng: np.random.Generator, base: int, fall: float) -> Plane:
    """Fractal noise [height, width] of about -1..1: octaves from ``base`` cells across up,
    each ``fall`` times as strong as the one before."""
    total = np.zeros((height, width), np.float32)
    strength, cells, norm = 1.0, base, 0.0
    while cells < max(width, height):
        rows = max(2, cells * height // width + 1)
        grid = Image.fromarray(rng.uniform(-1, 1, (rows, cells + 1)).astype(np.float32))
        total += strength * np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC))
        norm += strength
        strength, cells = strength * fall, cells * 2
    return total / np.float32(norm) * 1.6


def _sky(width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    top, low = np.array([72, 118, 186]), np.array([246, 214, 178])
    sky = (top * (1 - down) + low * down) * np.ones((1, width, 1))
    clouds = np.clip(noise(height, width, rng, 5, 0.58) * 1.5 + 0.05, 0, 1) ** 1.3
    light = (
        np.array([255, 248, 238]) - 60 * np.clip(noise(height, width, rng, 9, 0.6), 0, 1)[..., None]
    )
    cover = (clouds * (1.05 - 0.75 * down[..., 0]))[..., None]
    return (sky * (1 - cover) + light * cover).astype(np.float32)


def _ridge(scene: NDArray[np.float32], depth: int, rng: np.random.Generator) -> None:
    """One mountain ridge, the nearer the lower, the darker and the sharper."""
    height, width = scene.shape[:2]
    near = depth / 4
    crest = noise(8, width, rng, 3 + depth, 0.52)[4] * (0.26 - 0.12 * near)
    line = ((0.42 + 0.40 * near - crest) * height).astype(int)
    rows = np.arange(height)[:, None]
    inside = rows >= line[None, :]
    relief = noise(height, width, rng, 10 + 6 * depth, 0.62)
    lit = np.tanh(np.gradient(relief, axis=1) * (10 + 3 * depth))
    snow = np.clip((line[None, :] + height * 0.11 - rows) / (height * 0.1) + relief * 1.5, 0, 1) * (
        1 - near
    )
    rock = np.array([104, 106, 118]) * (1 - near) + np.array([44, 62, 44]) * near
    colour = rock + lit[..., None] * 40 * (1 - 0.5 * near) + relief[..., None] * 26 * (0.4 + near)
    colour = (
        colour * (1 - snow[..., None])
        + (np.array([226, 230, 240]) + 26 * lit[..., None]) * snow[..., None]
    )
    haze = np.array([206, 206, 214])
    mist = (0.62 - 0.55 * near) * np.ones_like(colour[..., :1])
    scene[inside] = (colour * (1 - mist) + haze * mist)[inside]


def _slope(scene: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Trees on the left bank: many small cones, darker at the back."""
    height, width = scene.shape[:2]
    canvas = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    for _ in range(420):
        across = rng.beta(1.0, 2.2)
        foot = height * (0.80 + 0.2 * rng.random() + 0.10 * across)
        x, tall = across * width * 0.9, height * rng.uniform(0.05, 0.13) * (1.15 - across)
        green = rng.uniform(0.55, 1.15)
        for tier in range(4):
            y = foot - tall * tier / 4
            wide = tall * 0.24 * (1 - tier / 5)
            tone = tuple(int(c * green * (0.8 + 0.12 * tier)) for c in (38, 66, 40))
            draw.polygon([(x - wide, y), (x + wide, y), (x, y - tall * 0.42)], tone)
    scene[:] = np.asarray(canvas, np.float32)


def _lake(scene: NDArray[np.float32], rows: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """The scene upside down, drawn out by ripples and tinted."""
    height, width = scene.shape[:2]
    mirrored = scene[::-1][: min(rows, height)]
    mirrored = np.pad(mirrored, ((0, rows - len(mirrored)), (0, 0), (0, 0)), mode="edge")
    ripple = noise(rows, width, rng, 40, 0.75) * np.linspace(1, 7, rows)[:, None]
    ys = np.clip(np.arange(rows)[:, None] + ripple * 1.5, 0, rows - 1).astype(int)
    xs = np.clip(np.arange(width)[None, :] + ripple, 0, width - 1).astype(int)
    water = mirrored[ys, xs] * 0.74 + np.array([14, 30, 44])
    return (water + ripple[..., None] * 2.2).astype(np.float32)


def _signpost(image: Image.Image) -> Image.Image:
    """A board with words at the lower right, and a soft shadow of it."""
    width, height = image.size
    unit = height / 512
    left, top = int(width * 0.63), int(height * 0.55)
    right, bottom = left + int(196 * unit), top + int(92 * unit)
    shadow = Image.new("L", image.size)
    ImageDraw.Draw(shadow).rectangle((left + 8, top + 10, right + 8, bottom + 10), fill=110)
    dark = Image.new("RGB", image.size, "black")
    image.paste(dark, mask=shadow.filter(ImageFilter.GaussianBlur(6 * unit)))
    draw = ImageDraw.Draw(image)
    post = (left + int(90 * unit), bottom, left + int(104 * unit), height)
    draw.rectangle(post, fill=(92, 66, 44))
    draw.rectangle((left, top, right, bottom), fill=(236, 226, 204), outline=(92, 66, 44), width=4)
    for line, (size, text) in enumerate(
        [(22, "Lake Latent"), (15, "path to the summit"), (15, "3 h 40 min")]
    ):
        font = ImageFont.load_default(size * unit)
        y = top + (8 + (0, 32, 56)[line]) * unit
        draw.text((left + 14 * unit, y), text, fill=(40, 34, 30), font=font)
    return image
