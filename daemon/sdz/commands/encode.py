"""``sdz encode``: pictures to ``.sdz`` files."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from typing import Any

from sdz import container
from sdz.codec.options import PRESETS, EncodeOptions, quality_of
from sdz.commands.batch import Row, read_source, run_batch
from sdz.commands.daemon_choice import add_no_daemon
from sdz.commands.output import STANDARD, Outputs
from sdz.errors import UnknownModel


def run(args: argparse.Namespace) -> int:
    """Encode ``args.sources``; see ``sdz encode --help``."""
    _require_known(args.model)
    outputs = Outputs(args.out, args.out_dir, force=args.force)
    quality = quality_of(args.preset) if args.preset else args.quality
    options = EncodeOptions(
        quality=quality,
        target_bytes=args.target_bytes,
        min_score=args.min_score,
        keep_metadata=args.keep_metadata,
        keep_location=args.keep_location,
        allow_larger=args.allow_larger,
    )

    def work(source: str) -> Row:
        place = outputs.place(source, ".sdz")  # first: an output that exists costs nothing
        data = read_source(source)
        began = time.perf_counter()
        encoded, notes = _encode(data, args.model, options, no_daemon=args.no_daemon)
        outputs.write(place, encoded)
        seconds = round(time.perf_counter() - began, 3)
        return {"output": place, **_measured(data, encoded), "seconds": seconds, "notes": notes}

    to_stdout = args.out == STANDARD or (args.out is None and STANDARD in args.sources)
    return run_batch(args.sources, work, show, as_json=args.json, quiet_stdout=to_stdout)


def _encode(
    data: bytes, model: str, options: EncodeOptions, *, no_daemon: bool
) -> tuple[bytes, list[str]]:
    """(file, notes), by the running daemon if there is one: it has the model loaded."""
    from sdz.client import reach

    daemon = None if no_daemon else reach()
    if daemon is not None:
        reply = daemon.encode(data, model=model, **asdict(options))
        return reply.data, json.loads(reply.headers.get("sdz-notes", "[]"))
    from sdz.codec.pixels import open_picture
    from sdz.pictures import encode_picture

    picture = open_picture(
        data, keep_metadata=options.keep_metadata, keep_location=options.keep_location
    )
    encoded = encode_picture(picture, model, options)
    return encoded.data, list(encoded.notes)


def _measured(source: bytes, encoded: bytes) -> dict[str, Any]:
    """What the file's own header says of it."""
    header = container.read_header(encoded)
    pixels = header.width * header.height
    row = {
        "width": header.width,
        "height": header.height,
        "source_bytes": len(source),
        "bytes": len(encoded),
        "bits_per_pixel": round(8 * len(encoded) / pixels, 4),
        "model": header.model.name,
    }
    if header.report is not None:
        row["ssimulacra2"] = header.report.score
        row["worst_region"] = header.report.worst
        row["psnr"] = header.report.psnr
    return row


def _require_known(model: str) -> None:
    """Raise UnknownModel for a name that means nothing, before anything is read."""
    from sdz.models.store import known_names

    known = known_names()
    if model not in known:
        raise UnknownModel(model, known)


def show(row: Row) -> str:
    """One line for a person."""
    share = row["bytes"] / max(row["source_bytes"], 1)
    line = (
        f"{row['source']} -> {row['output']}  {row['source_bytes']:,} -> {row['bytes']:,} bytes "
        f"({share:.1%})  score {row['ssimulacra2']:.1f}, worst region {row['worst_region']:.1f}"
    )
    return "\n".join([line, *(f"  note: {note}" for note in row["notes"])])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz encode``."""
    parser.add_argument("sources", nargs="+", metavar="SRC", help="pictures; - is standard input")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--out", help="the output file, for one source; - is standard output")
    where.add_argument("--out-dir", metavar="DIR", help="put the outputs here (default: beside)")
    parser.add_argument("--model", default="lite-1", help="autoencoder (default: lite-1)")
    wish = parser.add_mutually_exclusive_group()
    wish.add_argument("--preset", choices=list(PRESETS), help="default: standard")
    wish.add_argument("--quality", type=float, metavar="1..100")
    wish.add_argument(
        "--target-bytes", type=int, metavar="N", help="largest size of the file; met within 2 %%"
    )
    wish.add_argument(
        "--min-score", type=float, metavar="S", help="least SSIMULACRA2 (90 cannot be told apart)"
    )
    parser.add_argument("--keep-metadata", action="store_true", help="keep EXIF and XMP, not GPS")
    parser.add_argument("--keep-location", action="store_true", help="with the former: GPS too")
    parser.add_argument(
        "--allow-larger", action="store_true", help="write it even if it is not smaller"
    )
    add_no_daemon(parser)
    parser.add_argument("--force", action="store_true", help="overwrite outputs that exist")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
