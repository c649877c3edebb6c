"""Pages of drawn text, shapes and lines, so that words and diagrams survive the training."""

from __future__ import annotations

import random
import string

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE = 512
_BACKGROUND = 272  # side of the part of a photograph that is behind


def draw_page(rnd: random.Random, photo: np.ndarray) -> np.ndarray:
    """A page on paper or on a part of ``photo`` (uint8 [H, W, 3]): [512, 512, 3]."""
    side = SIDE
    if rnd.random() < 0.5:
        paper = rnd.choice([(255, 255, 255), (16, 16, 20), (240, 236, 220)])
        page = Image.new("RGB", (side, side), paper)
    else:
        page = Image.fromarray(cut(photo, min(_BACKGROUND, *photo.shape[:2]), rnd)).resize(
            (side, side)
        )
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


def cut(picture: np.ndarray, side: int, rnd: random.Random) -> np.ndarray:
    """A random square of a picture [H, W, 3]."""
    top = rnd.randrange(picture.shape[0] - side + 1)
    left = rnd.randrange(picture.shape[1] - side + 1)
    return picture[top : top + side, left : left + side]
