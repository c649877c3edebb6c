"""What a person would see at small sizes: block edges, the lowest rates, small text.

Edges: the mean absolute step of luma across the lines where 8-pixel blocks meet, over the mean step
elsewhere, in regions that are smooth in the original; 1 is none, JPEG shows what many is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.codecs import Codec
from benchmarks.colour import smooth_colour_error
from benchmarks.matching import closest
from benchmarks.pictures import Picture
from benchmarks.sizes import Sizes
from sdz.codec.fidelity import Reference

LOW_BPP = 0.10
BLOCK = 8
SMOOTH_SIDE = 16  # of a region
SMOOTH_LEVELS = 3.0  # standard deviation of luma up to which a region of the original is smooth
LEAST_SMOOTH = 40  # regions, for a picture to count
TEXT = "Quartz glyphs vex my jolly fox: 0123456789 (sdz, 12 pixels high)"
TEXT_SIZE = 16  # of the font, whose letters from b to p are then 12 pixels high

Luma = NDArray[np.float32]


@dataclass
class Row:
    """What was found of one codec, a value a picture. ``ahead``: points that sdz at the same bytes
    scores more."""

    bpp: list[float] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    ahead: list[float] = field(default_factory=list)
    edges: list[float] = field(default_factory=list)
    colour: list[float] = field(default_factory=list)


def run(codecs: list[Codec], pictures: list[Picture], text_out: Path | None) -> None:
    """Print the table; draw the text, where a place for it is given."""
    rows = {codec.name: Row() for codec in codecs}
    for number, picture in enumerate(pictures, 1):
        print(f"\r{picture.name} ({number} of {len(pictures)})", end="")
        _measure(codecs, picture, rows)
    print("\r" + " " * 60)
    print(f"at {LOW_BPP} bits a pixel, or the least a codec can ({len(pictures)} pictures)")
    print(
        f"{'':14}{'bpp':>7}{'SSIMULACRA2':>13}{'sdz above':>12}{'by':>7}"
        f"{'edges':>8}{'worst':>8}{'colour':>8}"
    )
    for name, row in rows.items():
        wins = f"{sum(a > 0 for a in row.ahead)} of {len(row.ahead)}" if row.ahead else ""
        by = f"{np.mean(row.ahead):+.1f}" if row.ahead else ""
        ratios = row.edges or [float("nan")]
        print(
            f"{name:14}{np.mean(row.bpp):7.3f}{np.mean(row.score):13.1f}"
            f"{wins:>12}{by:>7}{np.mean(ratios):8.3f}{np.max(ratios):8.3f}"
            f"{np.mean(row.colour or [float('nan')]):8.2f}"
        )
    print(
        "sdz above: pictures on which sdz, at that codec's own bytes, has the higher score; by so"
    )
    print("many points in the mean. colour: CIEDE2000 of 8x8 means in smooth regions")
    if text_out:
        draw_text(pictures[0], text_out)


def _measure(codecs: list[Codec], picture: Picture, rows: dict[str, Row]) -> None:
    original = np.asarray(picture.image)
    reference = Reference(original)
    smooth = smooth_regions(luma(original))
    target = round(LOW_BPP * picture.pixels / 8)
    own = codecs[0]
    sizes = Sizes(own, picture.image)

    def own_score(size: int) -> float:
        setting = closest(sizes.size, own.low, own.high, size, own.curve[1])
        return reference.measure(np.asarray(own.decode(sizes.file(setting)))).score

    for codec in codecs:
        mine = sizes if codec is own else Sizes(codec, picture.image)
        data = mine.file(closest(mine.size, codec.low, codec.high, target, codec.curve[1]))
        decoded = np.asarray(codec.decode(data))
        row = rows[codec.name]
        row.score.append(reference.measure(decoded).score)
        row.bpp.append(8 * len(data) / picture.pixels)
        if smooth.sum() >= LEAST_SMOOTH:
            row.edges.append(edge_ratio(luma(decoded), smooth))
            row.colour.append(smooth_colour_error(original, decoded, smooth))
        if codec is not own:
            row.ahead.append(own_score(max(target, len(data))) - row.score[-1])


def luma(pixels: NDArray[np.uint8]) -> Luma:
    """[H, W, 3] uint8 -> [H, W] float32, BT.601."""
    return pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def smooth_regions(y: Luma) -> NDArray[np.bool_]:
    """[H / 16, W / 16]: which regions of the original vary little, and not at all by a burnt-out
    or black surface, which every codec keeps."""
    h, w = (side // SMOOTH_SIDE for side in y.shape)
    cells = y[: h * SMOOTH_SIDE, : w * SMOOTH_SIDE]
    cells = cells.reshape(h, SMOOTH_SIDE, w, SMOOTH_SIDE).swapaxes(1, 2)
    deviation = cells.std((2, 3))
    return np.asarray((deviation > 0.3) & (deviation < SMOOTH_LEVELS))


def edge_ratio(y: Luma, smooth: NDArray[np.bool_]) -> float:
    """Mean step across block lines over the mean step elsewhere, in smooth regions."""
    mask = smooth.repeat(SMOOTH_SIDE, 0).repeat(SMOOTH_SIDE, 1)
    y = y[: mask.shape[0], : mask.shape[1]]
    on, off = [], []
    for plane, held in ((y, mask), (y.T, mask.T)):
        steps = np.abs(np.diff(plane, axis=1))
        inside = held[:, 1:] & held[:, :-1]
        line = (np.arange(1, plane.shape[1]) % BLOCK) == 0
        on.append(steps[:, line][inside[:, line]])
        off.append(steps[:, ~line][inside[:, ~line]])
    ratio = np.concatenate(on).mean() / max(np.concatenate(off).mean(), 1e-9)
    return float(
        min(ratio, 99.0)
    )  # blocks of one value each, as JPEG's coarsest, have no elsewhere


def draw_text(picture: Picture, path: Path) -> None:
    """Letters on the picture as they were and as the standard preset keeps them, twice the size."""
    import sdz

    image = picture.image.copy()
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(TEXT_SIZE)
    inks = (("white", None), ("black", "white"), ("#ffe070", "#203040"))
    for row, (ink, paper) in enumerate(inks):
        place = (24, 40 + 34 * row)
        if paper:
            left, top, right, bottom = draw.textbbox(place, TEXT, font)
            draw.rectangle((left - 6, top - 5, right + 6, bottom + 5), fill=paper)
        draw.text(place, TEXT, ink, font)
    data = sdz.encode(image, preset="standard")
    box = (16, 30, 16 + 520, 30 + 120)
    sheet = Image.new("RGB", (1040, 2 * 240 + 8), "white")
    for row, one in enumerate((image, sdz.decode(data))):
        sheet.paste(one.crop(box).resize((1040, 240), Image.Resampling.LANCZOS), (0, row * 248))
    sheet.save(path, quality=88, method=6)
    print(f"written: {path} (above as drawn, below at {8 * len(data) / picture.pixels:.2f} bpp)")
