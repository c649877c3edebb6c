"""``sdz info``: what files say of themselves. Loads neither numpy nor torch."""

from __future__ import annotations

import argparse

from sdz import container
from sdz.commands.many import read_source, run_many
from sdz.commands.rows import Row
from sdz.container.summary import summarize
from sdz.grades import grade, in_words


def run(args: argparse.Namespace) -> int:
    """Describe ``args.sources``; see ``sdz info --help``."""
    return run_many(args.sources, _describe, show, as_json=args.json)


def _describe(source: str) -> Row:
    data = read_source(source)
    return summarize(container.unpack(data), len(data))


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
    for name, key in (("alpha", "alpha_bytes"), ("EXIF", "exif_bytes"), ("XMP", "xmp_bytes")):
        if row[key] is not None:
            lines.append(f"  {name:<8} {row[key]:,} bytes")
    lines.append(
        "  The picture is reconstructed by the model: fine detail may differ from the source."
    )
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz info``."""
    parser.add_argument(
        "sources", nargs="+", metavar="FILE", help=".sdz files; - is standard input"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
