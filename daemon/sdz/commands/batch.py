"""``sdz batch``: a folder or bucket of pictures to ``.sdz`` files by a Ray cluster."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sdz.commands.many import run_many
from sdz.commands.rows import Row
from sdz.commands.waiting import at_work
from sdz.commands.wishes import add_wishes, wish_of
from sdz.errors import BadOption
from sdz.extras import need
from sdz.grades import in_words
from sdz.models import require_able
from sdz.progress import part

if TYPE_CHECKING:
    from sdz.distributed.manifest import Record
    from sdz.distributed.run import Run


def run(args: argparse.Namespace) -> int:
    """Encode what is in ``args.source`` into ``args.target``; see ``sdz batch --help``."""
    need("fsspec", "ray")
    from sdz.distributed.run import BatchRequest, Run

    require_able(args.model, args.effort)
    for word in ("jobs", "cpus"):
        value = getattr(args, word)
        if value is not None and value < 1:
            raise BadOption(word, "at least 1", value)
    batch = BatchRequest(
        source=args.source,
        target=args.target,
        wish=wish_of(args),
        address=args.ray,
        jobs=args.jobs,
        cpus=args.cpus,
        force=args.force,
    )
    with part("looking for pictures"):
        planned = Run(batch)
    rows = dict[str, Row]()
    return run_many(
        _sources(planned, rows),
        rows.pop,
        show,
        as_json=args.json,
        summary=True,
        total=len(planned.plan.items) + len(planned.plan.refused),
        skipped=planned.plan.done,
    )


def _sources(planned: Run, rows: dict[str, Row]) -> Iterator[str]:
    """The sources as their records come; the rows of these in ``rows``."""
    records = iter(planned)
    while True:
        # Ray prints what its nodes report, such as one that died, to standard output, where only
        # results belong. Not around the yield: lines are written above the bar only where the
        # stream they go to is standard output as it is then.
        with redirect_stdout(sys.stderr), at_work("the cluster"):
            record = next(records, None)
        if record is None:
            return
        rows[record.source] = row_of(record)
        yield record.source


def row_of(record: Record) -> dict[str, Any]:
    """A record as a row of a batch."""
    facts = asdict(record)
    if record.state == "failed":
        return {"error": record.code, "reason": record.reason, "output": record.output}
    return {
        "output": record.output,
        "source_bytes": record.size,
        "bytes": facts["bytes"],
        "ssimulacra2": record.score,
    }


def show(row: Row) -> str:
    """One line for a person."""
    score = "" if row["ssimulacra2"] is None else f"  score {in_words(row['ssimulacra2'])}"
    return (
        f"{row['source']} -> {row['output']}  {row['source_bytes']:,} -> {row['bytes']:,} bytes"
        f"{score}"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz batch``."""
    place = "a folder, or an address such as s3://bucket/photos"
    parser.add_argument("source", metavar="SRC", help=f"where pictures are looked for: {place}")
    parser.add_argument("target", metavar="DST", help="where the .sdz files and the manifest go")
    parser.add_argument(
        "--ray",
        default="local",
        metavar="ADDRESS",
        help="the cluster: auto, HOST:PORT, ray://HOST:PORT, or local for this machine (default)",
    )
    parser.add_argument(
        "-j", "--jobs", type=int, metavar="N", help="actors (default: one a GPU, or by --cpus)"
    )
    parser.add_argument(
        "--cpus", type=int, default=1, metavar="N", help="processors an actor has (default: 1)"
    )
    add_wishes(parser)
    parser.add_argument("--force", action="store_true", help="replace outputs that are in the way")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
