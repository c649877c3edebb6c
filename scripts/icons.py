"""The mark of sdz, from one geometry: an SVG, and PNGs at the sizes that browsers ask for.

    .venv/bin/python scripts/icons.py      writes extension/icons/

A mountain under a sun, its left slope in blocks and its right slope smooth: few values in, a
picture out. Grey where sdz is off.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "extension" / "icons"

SIDE = 96  # of the drawing; all figures below are in its units
RADIUS = 22
SUN = (71, 29, 11)  # x, y, radius
# Steps and slope begin and end on whole pixels of the 16-pixel icon, which are 6 units wide.
STEPS = 3
TREAD, RISE = 12, 18
LEFT, FOOT = 12, 78
SLOPE_END = 84
SIZES = (16, 32, 48, 128)
SHADES = {
    "": {"ground": "#0f5f63", "hill": "#eef6f4", "sun": "#f7c25b"},
    "off-": {"ground": "#6e7677", "hill": "#eceeee", "sun": "#c9cdcd"},
}
SUPERSAMPLE = 8


def hill() -> list[tuple[int, int]]:
    """The mountain's outline: up the steps, down the slope."""
    outline = []
    for step in range(STEPS):
        x = LEFT + step * TREAD
        outline += [(x, FOOT - step * RISE), (x, FOOT - (step + 1) * RISE)]
    return [*outline, (LEFT + STEPS * TREAD, FOOT - STEPS * RISE), (SLOPE_END, FOOT)]


def svg(shade: dict[str, str]) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in hill())
    x, y, radius = SUN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">\n'
        f'<rect width="{SIDE}" height="{SIDE}" rx="{RADIUS}" fill="{shade["ground"]}"/>\n'
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{shade["sun"]}"/>\n'
        f'<polygon points="{points}" fill="{shade["hill"]}"/>\n'
        "</svg>\n"
    )


def png(shade: dict[str, str], size: int) -> Image.Image:
    big = size * SUPERSAMPLE
    scale = big / SIDE
    image = Image.new("RGBA", (big, big))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, big - 1, big - 1), RADIUS * scale, fill=shade["ground"])
    x, y, radius = SUN
    draw.ellipse(
        [c * scale for c in (x - radius, y - radius, x + radius, y + radius)], fill=shade["sun"]
    )
    draw.polygon([(a * scale, b * scale) for a, b in hill()], fill=shade["hill"])
    # Alpha is carried along, so that the corners do not get a dark edge.
    return image.resize((size, size), Image.Resampling.BOX)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for prefix, shade in SHADES.items():
        (OUT / f"{prefix}icon.svg").write_text(svg(shade))
        for size in SIZES:
            png(shade, size).save(OUT / f"{prefix}icon-{size}.png", optimize=True)


if __name__ == "__main__":
    main()
