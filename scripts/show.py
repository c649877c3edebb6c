"""The main job, once: compress a picture, measure it, and set it beside a JPEG of the same size.

    scripts/start [PICTURE] [--out DIR]

Writes sample.sdz, its decoded sample.png, the weightless preview and comparison.png.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import sdz
from sample import landscape
from sdz.grades import in_words

MARGIN, CAPTION = 12, 34


def jpeg_of_size(image: Image.Image, size: int) -> bytes:
    """The best JPEG (optimised, progressive) of at most ``size`` bytes, or the smallest."""
    best = b""
    for quality in range(1, 96):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if best and buffer.tell() > size:
            break
        best = buffer.getvalue()
    return best


def side_by_side(panels: list[tuple[str, Image.Image]]) -> Image.Image:
    """Pictures of equal size in a row, each with a caption below."""
    width, height = panels[0][1].size
    sheet = Image.new(
        "RGB",
        (MARGIN + (width + MARGIN) * len(panels), height + CAPTION + MARGIN),
        "white",
    )
    draw = ImageDraw.Draw(sheet)
    for index, (caption, picture) in enumerate(panels):
        left = MARGIN + index * (width + MARGIN)
        sheet.paste(picture.convert("RGB"), (left, MARGIN))
        draw.text((left, height + MARGIN + 6), caption, "black", font=ImageFont.load_default(18))
    return sheet


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", nargs="?", type=Path)
    parser.add_argument("--out", type=Path, default=Path("build/sample"))
    parser.add_argument("--quality", type=float, default=40.0)
    args = parser.parse_args()
    try:
        source = Image.open(args.picture).convert("RGB") if args.picture else landscape()
    except OSError as error:
        print(f"scripts/start: {args.picture}: {error}", file=sys.stderr)
        return 1
    args.out.mkdir(parents=True, exist_ok=True)

    began = time.perf_counter()
    data = sdz.encode(source, quality=args.quality)
    encode_s = time.perf_counter() - began
    sdz.decode(data)  # the first one loads what later ones find loaded
    began = time.perf_counter()
    decoded = sdz.decode(data)
    decode_s = time.perf_counter() - began
    jpeg = jpeg_of_size(source, len(data))
    report = sdz.info(data)["report"]

    (args.out / "sample.sdz").write_bytes(data)
    decoded.save(args.out / "sample.png")
    sdz.preview(data).save(args.out / "preview.png")
    panels = [
        ("source", source),
        (f"sdz, {len(data):,} bytes", decoded),
        (f"JPEG, {len(jpeg):,} bytes", Image.open(io.BytesIO(jpeg))),
    ]
    side_by_side(panels).save(args.out / "comparison.png")

    pixels = source.width * source.height
    print(f"source      {source.width}x{source.height}, {pixels * 3:,} bytes of pixels")
    print(f"sample.sdz  {len(data):,} bytes, {8 * len(data) / pixels:.3f} bits a pixel")
    print(
        f"measured    SSIMULACRA2 {in_words(report['ssimulacra2'])} of 100, "
        f"worst region {in_words(report['worst_region'])}; PSNR {report['psnr']:.1f} dB"
    )
    print(f"time        encoded and verified in {encode_s:.2f} s, decoded in {decode_s:.2f} s")
    print(f"look at     {args.out / 'comparison.png'}: source, .sdz, and a JPEG of the same size")
    print("next        .venv/bin/sdz encode YOUR.jpg && .venv/bin/sdz decode YOUR.sdz")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
