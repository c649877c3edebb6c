"""Lines of small letters over photographs, and how many of their characters tesseract reads.

Each picture gets a line in each of five fonts, 12 pixels high: white or black, or lighter or darker
than what is below it by 80 or 48 levels. A character counts where tesseract reads it in the source
in three of four views: of what it reads in one alone it loses a tenth when the picture changes by a
level. In what was decoded one of the four is enough, as a person looks closer, too.
"""

from __future__ import annotations

import difflib
import os
import random
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = (
    "DejaVuSans",
    "DejaVuSerif",
    "LiberationSans-Regular",
    "LiberationMono-Regular",
    "FreeSerif",
)
SIZE = 12
CONTRASTS = {"full": 255, "middle": 80, "low": 48}
"""Levels between the letters and the mean of what is below them."""
MOST_SIDE = 768
WORDS = """
    harbour evening market window silver bridge garden paper winter station number seven orange
    yellow river stone public letter answer children morning kitchen Amsterdam Berlin Platform
    Ticket Exit Open Closed 24 1987 365 Room Street North
"""
VIEWS = ((3, 6, 4), (4, 6, 4), (6, 6, 4), (5, 3, 2))
"""How often a line is magnified, and how many pixels are shown beside it, and above and below."""
SURELY = 3
"""Views in which a character is to be read in the source."""
APART = 24

Place = tuple[int, int, int, int]


@dataclass(frozen=True)
class Line:
    """What is written, and where: left, top, right, bottom."""

    text: str
    place: Place


def missing() -> str | None:
    """What is to be installed before anything can be read, if there is something."""
    if shutil.which("tesseract") is None:
        return "tesseract reads the letters: apt install tesseract-ocr"
    try:
        for name in FONTS:
            ImageFont.truetype(f"{name}.ttf", SIZE)
    except OSError:
        return f"{name}: apt install fonts-dejavu fonts-liberation fonts-freefont-ttf"
    return None


def write_on(photo: Image.Image, contrast: str, seed: int) -> tuple[Image.Image, list[Line]]:
    """The picture, at most ``MOST_SIDE`` pixels, with a line in each font."""
    rng = random.Random(seed)
    image = photo.copy()
    image.thumbnail((MOST_SIDE, MOST_SIDE))
    pixels, draw = np.asarray(image, np.float64), ImageDraw.Draw(image)
    lines: list[Line] = []
    for name in FONTS:
        font = ImageFont.truetype(f"{name}.ttf", SIZE)
        text = " ".join(rng.sample(WORDS.split(), 6))
        width = int(font.getlength(text)) + 2
        for _ in range(200):
            x, y = rng.randrange(8, image.width - width - 8), rng.randrange(8, image.height - 28)
            if all(abs(y - line.place[1]) > APART for line in lines):
                break
        place = (x, y, x + width, y + 18)
        below = pixels[y : y + 18, x : x + width].mean((0, 1))
        draw.text((x, y), text, font=font, fill=_ink(below, CONTRASTS[contrast]))
        lines.append(Line(text, place))
    return image, lines


def _ink(below: np.ndarray, levels: int) -> tuple[int, ...]:
    away = levels if below @ (0.299, 0.587, 0.114) < 128 else -levels
    return tuple(int(value) for value in np.clip(below + away, 0, 255))


def characters(image: Image.Image, lines: list[Line], times: int) -> list[frozenset[int]]:
    """Of each line: which of its characters, by number, are read in so many views."""
    read = _read([_shown(image, line.place, *view) for line in lines for view in VIEWS])
    found = []
    for number, line in enumerate(lines):
        views = read[number * len(VIEWS) : (number + 1) * len(VIEWS)]
        right = [_right(line.text, view) for view in views]
        counts = {at: sum(at in one for one in right) for one in right for at in one}
        found.append(frozenset(at for at, count in counts.items() if count >= times))
    return found


def _shown(image: Image.Image, place: Place, by: int, across: int, down: int) -> Image.Image:
    left, top, right, bottom = place
    part = image.crop((left - across, top - down, right + across, bottom + down)).convert("L")
    return part.resize((part.width * by, part.height * by), Image.Resampling.LANCZOS)


def _read(images: list[Image.Image]) -> list[str]:
    """What tesseract reads in each, of one line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, image in enumerate(images):
            image.save(folder / f"{number}.png", compress_level=1)
        names = "".join(f"{folder / str(number)}.png\n" for number in range(len(images)))
        (folder / "all.txt").write_text(names)
        done = subprocess.run(
            ["tesseract", str(folder / "all.txt"), "-", "--psm", "7"],
            capture_output=True,
            check=True,
            text=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    pages = [page.strip() for page in done.stdout.split("\f")]
    if len(pages) not in (len(images), len(images) + 1):
        raise SystemExit(f"tesseract read {len(pages)} pages of {len(images)}")
    return pages[: len(images)]


def _right(text: str, read: str) -> set[int]:
    """The numbers of the characters of ``text`` that were read, spaces aside."""
    blocks = difflib.SequenceMatcher(None, text, read, autojunk=False).get_matching_blocks()
    same = {at for block in blocks for at in range(block.a, block.a + block.size)}
    return {at for at in same if text[at] != " "}
