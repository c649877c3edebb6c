"""``sdz encode``: pictures to ``.sdz`` files."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sdz import container
from sdz.commands.console import STANDARD, say
from sdz.commands.daemon_choice import add_no_daemon, daemon_of_thread
from sdz.commands.many import read_source, run_many
from sdz.commands.output import Outputs, origin_of
from sdz.commands.resume import Resume
from sdz.commands.rows import Row, Task
from sdz.commands.sources import walk
from sdz.commands.wishes import add_wishes, wish_of
from sdz.errors import BadOption, ChangedMeanwhile, FolderGiven, OutputStale, UnreadableImage
from sdz.grades import in_words
from sdz.making.first import BlockingDaemonFirst
from sdz.making.here import Here
from sdz.media import SDZ_SUFFIX
from sdz.models import require_able
from sdz.names import counted, ending
from sdz.progress import part


def run(args: argparse.Namespace) -> int:
    """Encode ``args.sources``; see ``sdz encode --help``."""
    require_able(args.model, args.effort)
    if args.jobs < 1:
        raise BadOption("jobs", "at least 1", args.jobs)
    outputs = Outputs(args.out, args.out_dir, force=args.force)
    _require_ours(args.out)
    wish = wish_of(args)
    left: Counter[str] = Counter()
    with part("looking for pictures"):
        sources = walk(args.sources, left, recursive=args.recursive)
        found = {source.path: source.below for source in sources}
    if args.out is not None and len(found) > 1:
        raise BadOption("out", "one source; use --out-dir for several", f"{len(found)} of them")
    resume = Resume(wish) if args.resume else None
    # The running daemon, since it has the model loaded.
    here = Here(args.jobs)
    maker = here if args.no_daemon else BlockingDaemonFirst(here, daemon_of_thread)

    def work(source: str) -> Row | Task:
        if source != STANDARD:
            _require_source(Path(source))
        if resume is not None and source != STANDARD:
            there = outputs.planned(source, SDZ_SUFFIX, found[source])
            if there is not None and there.exists():
                stale = resume.reason_to_redo(source, there)
                if stale is None:
                    outputs.claim(there, source)
                    return {"output": str(there), "skipped": "done already"}
                if not args.force:
                    raise OutputStale(str(there), stale)
        # First: one that exists costs nothing.
        place = outputs.place(source, SDZ_SUFFIX, found[source])
        return lambda: encoded(source, place)

    def encoded(source: str, place: str) -> Row:
        origin = origin_of(source)
        data = read_source(source)
        began = time.perf_counter()
        made = maker.make(data, wish)
        if origin is not None and origin.has_changed():
            raise ChangedMeanwhile
        outputs.write(place, made.data, origin)
        seconds = round(time.perf_counter() - began, 3)
        measured = _measured(data, made.data)
        return {"output": place, **measured, "seconds": seconds, "notes": list(made.notes)}

    if left:
        say(f"sdz: left alone, for sdz reads none: {counted(left)}", sys.stderr)
    to_stdout = args.out == STANDARD or (args.out is None and STANDARD in args.sources)
    return run_many(
        list(found),
        work,
        show,
        as_json=args.json,
        quiet_stdout=to_stdout,
        jobs=args.jobs,
        summary=len(found) > 1,
    )


def _require_ours(out: str | None) -> None:
    """Raise BadOption where the output's name says that it is something else."""
    if out is not None and ending(Path(out).name) not in ("", SDZ_SUFFIX):
        raise BadOption(
            "out", f"a name ending in {SDZ_SUFFIX}, which is all that encode makes", out
        )


def _require_source(path: Path) -> None:
    """Raise what is wrong with a source at first sight: its output's troubles would hide it."""
    if path.is_dir():
        raise FolderGiven
    if not path.is_file():
        path.stat()  # there must be something; a pipe is read once, and not here
        return
    with path.open("rb") as file:
        if file.read(len(container.SIGNATURE)) == container.SIGNATURE:
            from sdz.codec.headers.allowed import ALREADY

            raise UnreadableImage(ALREADY)


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


def show(row: Row) -> str:
    """One line for a person."""
    share = row["bytes"] / max(row["source_bytes"], 1)
    line = (
        f"{row['source']} -> {row['output']}  {row['source_bytes']:,} -> {row['bytes']:,} bytes "
        f"({share:.1%})  score {in_words(row['ssimulacra2'])}, "
        f"worst region {in_words(row['worst_region'])}"
    )
    return "\n".join([line, *(f"  note: {note}" for note in row["notes"])])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz encode``."""
    parser.add_argument(
        "sources", nargs="+", metavar="SRC", help="pictures, or folders (-r); - is standard input"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--out", help="the output file, for one source; - is standard output")
    where.add_argument("--out-dir", metavar="DIR", help="put the outputs here (default: beside)")
    add_wishes(parser)
    parser.add_argument(
        "-r", "--recursive", action="store_true", help="take the pictures in folders, too"
    )
    parser.add_argument(
        "-j", "--jobs", type=int, default=1, metavar="N", help="pictures at a time (default: 1)"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="skip sources whose output is there, whole, of this source, and as asked for",
    )
    add_no_daemon(parser)
    parser.add_argument("--force", action="store_true", help="overwrite outputs that exist")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
