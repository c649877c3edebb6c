"""Cut-outs of one size beside each other, of files of one size: for the eye, and without names.

Two sheets are drawn: ``cutouts-blind.webp``, in which nobody knows which side is whose (the key is
in ``cutouts-key.txt``), and ``cutouts.webp``, which says it.
"""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.codecs import Codec
from benchmarks.matching import closest
from benchmarks.pictures import Picture
from benchmarks.sizes import Sizes

CUTS = {  # left, top: skin and hair, lettering, foliage and stones, wool, grass
    "kodim04": (70, 190),
    "kodim08": (368, 180),
    "kodim13": (180, 90),
    "kodim15": (90, 212),
    "kodim19": (112, 468),
}
"""Of Kodak's pictures; of others the middle is taken."""
SIDE = (400, 300)
LINE = 26  # for words over a picture


def run(codecs: list[Codec], pictures: list[Picture], bpp: float, seed: int, out: Path) -> None:
    """Draw both sheets of the first codec and its one peer at ``bpp`` bits a pixel into ``out``."""
    if len(codecs) != 2:
        raise SystemExit(
            "two codecs are compared: --codecs NAME NAME, as scripts/bench sizes has them"
        )
    own, peer = codecs
    rnd, rows, key = random.Random(seed), [], []
    for picture in pictures:
        target = round(bpp * picture.pixels / 8)
        cells = {}
        for codec in (own, peer):
            sizes = Sizes(codec, picture.image)
            data = sizes.file(closest(sizes.size, codec.low, codec.high, target, codec.curve[1]))
            cells[codec.name] = (cut(codec.decode(data), picture), len(data))
            target = len(data)  # the peer's file is as near as it comes to ours
        order = [own.name, peer.name]
        rnd.shuffle(order)
        key.append(f"{picture.name}: A {order[0]}, B {order[1]}")
        rows.append((picture, cells, order))
    out.mkdir(parents=True, exist_ok=True)
    (out / "cutouts-key.txt").write_text("\n".join(key) + "\n")
    for name, blind in (("cutouts-blind.webp", True), ("cutouts.webp", False)):
        sheet = _sheet(rows, own.name, peer.name, blind)
        sheet.save(out / name, quality=94, method=6)
        print(f"written: {out / name}")


def cut(image: Image.Image, picture: Picture) -> Image.Image:
    """What is compared of a picture as decoded."""
    width, height = SIDE
    middle = (max(image.width - width, 0) // 2, max(image.height - height, 0) // 2)
    left, top = CUTS.get(Path(picture.name).stem, middle)
    return image.crop((left, top, left + width, top + height))


def _sheet(
    rows: list[tuple[Picture, dict[str, tuple[Image.Image, int]], list[str]]],
    own: str, peer: str, blind: bool,
) -> Image.Image:  # fmt: skip
    width, height = SIDE
    font = ImageFont.load_default(15)
    sheet = Image.new("RGB", (3 * width + 16, len(rows) * (height + LINE)), "white")
    draw = ImageDraw.Draw(sheet)
    for row, (picture, cells, order) in enumerate(rows):
        y = row * (height + LINE)
        names = order if blind else [own, peer]
        shown = [(f"{picture.name}, as it was", cut(picture.image, picture))]
        for letter, name in zip("AB", names, strict=True):
            image, size = cells[name]
            shown.append((letter if blind else f"{name}, {size:,} bytes", image))
        for column, (words, image) in enumerate(shown):
            x = column * (width + 8)
            draw.text((x + 4, y + 4), words, "black", font)
            sheet.paste(image, (x, y + LINE))
    return sheet
