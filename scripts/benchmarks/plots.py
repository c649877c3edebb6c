"""Drawings of what was measured: curves, and codecs beside each other at equal bytes."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.codecs import Codec
from benchmarks.matching import closest
from benchmarks.pictures import Picture
from benchmarks.sizes import Sizes
from sdz.codec.fidelity import Reference

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "sdz"  # the same figures give the same file
from matplotlib import pyplot  # noqa: E402 (after the backend is chosen)

SIDE_BY_SIDE_BPP = 0.15
MOST_SIDE_BY_SIDE = 6
MOST_BPP = 1.2
_LABEL = 34  # height of the line of words over a picture


def draw_curves(
    curves: dict[str, dict[str, list[float]]], metrics: dict[str, str], path: Path
) -> None:
    """One panel per metric, bits per pixel across; sdz in front."""
    units = {"psnr": "PSNR, dB", "msssim": "MS-SSIM, dB", "ssimulacra2": "SSIMULACRA2"}
    figure, panels = pyplot.subplots(1, len(metrics), figsize=(15, 4.6), layout="constrained")
    for panel, key in zip(panels, metrics, strict=True):
        shown: list[float] = []
        for i, (name, curve) in enumerate(curves.items()):
            bpp, quality = np.array(curve["bpp"]), np.array(curve[key])
            inside = bpp <= MOST_BPP
            shown.extend(quality[inside])
            style = {"linewidth": 2.6, "zorder": 5} if i == 0 else {"linewidth": 1.3}
            panel.plot(bpp[inside], quality[inside], marker="o", markersize=3, label=name, **style)
        panel.set_xlabel("bits per pixel, whole file")
        panel.set_title(units.get(key, metrics[key]), fontsize=11)
        panel.grid(alpha=0.3)
        if key == "ssimulacra2":
            panel.set_ylim(bottom=max(min(shown), -20))
    panels[0].legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def draw_side_by_side(codecs: list[Codec], pictures: list[Picture], folder: Path) -> None:
    """A PNG per picture: the original, then every codec at the bytes of ``SIDE_BY_SIDE_BPP``."""
    folder.mkdir(parents=True, exist_ok=True)
    stride = -(-len(pictures) // MOST_SIDE_BY_SIDE)
    for picture in pictures[::stride]:
        target = round(SIDE_BY_SIDE_BPP * picture.pixels / 8)
        reference = Reference(np.asarray(picture.image))
        cells = [(f"original {picture.name}", picture.image)]
        for codec in codecs:
            sizes = Sizes(codec, picture.image)
            setting = closest(sizes.size, codec.low, codec.high, target, codec.curve[2])
            data = sizes.file(setting)
            decoded = codec.decode(data)
            found = reference.measure(np.asarray(decoded))
            words = f"{codec.name}: {len(data)} B, {found.psnr:.1f} dB, {found.score:.0f}"
            cells.append((words, decoded))
        _sheet(cells).save(folder / f"{picture.name}.png")
        print(f"written: {folder / picture.name}.png")


def _sheet(cells: list[tuple[str, Image.Image]]) -> Image.Image:
    """Labelled pictures of one size in rows of three (two, where they are wide)."""
    width, height = cells[0][1].size
    columns = 2 if width > 1000 else 3
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * width, rows * (height + _LABEL)), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (words, image) in enumerate(cells):
        x, y = i % columns * width, i // columns * (height + _LABEL)
        draw.text((x + 8, y + 6), words, fill="black", font_size=20)
        sheet.paste(image, (x, y + _LABEL))
    return sheet
