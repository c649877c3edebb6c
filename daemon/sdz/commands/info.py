"""``sdz info``: what files say of themselves. Loads neither numpy nor torch, but for a map."""

from __future__ import annotations

import argparse
import io

from sdz import container
from sdz.commands.console import STANDARD
from sdz.commands.many import read_source, run_many
from sdz.commands.rows import Row
from sdz.container.summary import summarize
from sdz.errors import BadOption, ModelError
from sdz.grades import grade, in_words


def run(args: argparse.Namespace) -> int:
    """Describe ``args.sources``; see ``sdz info --help``."""
    if args.map is not None and len(args.sources) > 1:
        raise BadOption("map", "one file to draw the map of", f"{len(args.sources)} of them")

    def describe(source: str) -> Row:
        data = read_source(source)
        row = summarize(container.unpack(data), len(data))
        if args.map is not None:
            from sdz.commands.output import Outputs

            outputs = Outputs(args.map, None, force=args.force)
            place = outputs.place(source, ".png")
            outputs.write(place, _drawn_map(data), None)
            row["map"] = place
        return row

    to_stdout = args.map == STANDARD
    return run_many(args.sources, describe, show, as_json=args.json, quiet_stdout=to_stdout)


def _drawn_map(data: bytes) -> bytes:
    """A PNG of the map over a grey preview. Raises BadOption, FormatError."""
    from sdz.codec.map_image import draw_map
    from sdz.pictures import preview, score_map

    classes = score_map(data)
    if classes is None:
        raise BadOption(
            "map", "a file that has a map of scores", "none: it is too small, or of an earlier sdz"
        )
    try:
        below = preview(data)
    except ModelError:  # of a model from whose latents there is no small picture
        below = None
    header = container.read_header(data)
    buffer = io.BytesIO()
    draw_map(classes, (header.width, header.height), below).save(buffer, "PNG")
    return buffer.getvalue()


_PARTS = (
    ("alpha", "alpha_bytes"),
    ("EXIF", "exif_bytes"),
    ("XMP", "xmp_bytes"),
    ("scores", "map_bytes"),
)


def show(row: Row) -> str:
    """A few lines for a person."""
    latents, report = row["latents"], row["report"]
    lines = [
        f"{row['source']}: {row['width']}x{row['height']}, {row['bytes']:,} bytes, "
        f"{row['bits_per_pixel']:.3f} bits a pixel",
        f"  model    {row['model']} (weights {row['weights']}), step code {row['step']}",
        f"  latents  {latents['channels']}x{latents['height']}x{latents['width']} at "
        f"1/{latents['factor']}, {latents['bytes']:,} bytes in {latents['groups']} group(s)",
    ]
    if report:
        lines.append(
            f"  measured SSIMULACRA2 {in_words(report['ssimulacra2'])}, worst region "
            f"{in_words(report['worst_region'])}, PSNR {report['psnr']:.2f} dB, when it was encoded"
        )
        lines.append(f"           {grade(report['ssimulacra2']).about}")
    if row["kept"]:
        kept = row["kept"]
        lines.append(
            f"  kept     {kept['regions']} region(s) as they were, {kept['share']:.0%} of the "
            f"picture, {kept['bytes']:,} bytes"
        )
    for name, key in _PARTS:
        if row[key] is not None:
            lines.append(f"  {name:<8} {row[key]:,} bytes")
    if row["unknown_chunks"]:
        lines.append(f"  unknown  {', '.join(row['unknown_chunks'])}: made by a later sdz, skipped")
    if "map" in row:
        lines.append(f"  map      {row['map']}")
    lines.append(
        "  The picture is reconstructed by the model: fine detail may differ from the source."
    )
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz info``."""
    parser.add_argument(
        "sources", nargs="+", metavar="FILE", help=".sdz files; - is standard input"
    )
    parser.add_argument(
        "--map",
        metavar="OUT",
        help="draw where detail may be invented, of one file, as a PNG; - is standard output",
    )
    parser.add_argument("--force", action="store_true", help="overwrite a map that exists")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
