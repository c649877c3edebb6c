"""``sdz publish``: a folder of pictures or pages to what a server can offer to anybody."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdz.commands.console import DONE, SOME_FAILED, say
from sdz.commands.daemon_choice import add_no_daemon, daemon_of_thread
from sdz.commands.many import run_many
from sdz.commands.rows import Row, Task
from sdz.commands.wishes import add_wishes, wish_of
from sdz.errors import BadOption, ChangedMeanwhile
from sdz.grades import in_words
from sdz.models import describe, require_able
from sdz.names import counted
from sdz.progress import part

if TYPE_CHECKING:
    from sdz.making.maker import BlockingMaker
    from sdz.publishing.bill import Bill
    from sdz.publishing.manifest import PictureRecord
    from sdz.publishing.markup import Showing
    from sdz.publishing.site import Pages, Site


def run(args: argparse.Namespace) -> int:
    """Publish ``args.folder`` into ``args.out``; see ``sdz publish --help``."""
    from sdz.making.first import BlockingDaemonFirst
    from sdz.making.here import Here
    from sdz.publishing.markup import Showing
    from sdz.publishing.recipe import Recipe
    from sdz.publishing.site import Site

    require_able(args.model, args.effort)
    if args.jobs < 1:
        raise BadOption("jobs", "at least 1", args.jobs)
    weights = describe(args.model).weights_hash
    recipe = Recipe(wish_of(args), widths_of(args.widths), weights.hex() if weights else "")
    here = Here(args.jobs)
    maker = here if args.no_daemon else BlockingDaemonFirst(here, daemon_of_thread)
    showing = Showing(args.sizes, args.script)
    with ExitStack() as stack:
        with part("looking for pictures"):
            claim = Site.claimed(Path(args.folder), Path(args.out), recipe)
            site = stack.enter_context(claim)
        return _publish(site, maker, showing, args)


def _publish(site: Site, maker: BlockingMaker, showing: Showing, args: argparse.Namespace) -> int:
    if site.folder.left:
        say(f"sdz: left alone, for sdz reads none: {counted(site.folder.left)}", sys.stderr)

    def work(source: str) -> Row | Task:
        data = site.read(source)
        known = site.known(source, data)
        if known is not None:
            return {"output": known.base, "skipped": "done already"}

        def published() -> Row:
            record = site.publish(source, data, maker)
            if site.read(source) != data:
                raise ChangedMeanwhile
            return row_of(record, source, showing)

        return published

    code = run_many(
        list(site.folder.pictures),
        work,
        show,
        as_json=args.json,
        jobs=args.jobs,
        summary=True,
    )
    with part("writing pages"):
        pages = site.finish(showing)
    _tell(site, pages, as_json=args.json)
    return SOME_FAILED if pages.refused else code or DONE


def widths_of(text: str) -> tuple[int, ...]:
    """``480,960,1600`` as numbers. Raises BadOption."""
    try:
        return tuple(sorted({int(word) for word in text.split(",")}))
    except ValueError:
        raise BadOption("widths", "numbers such as 480,960,1600", text) from None


def row_of(record: PictureRecord, source: str, showing: Showing) -> dict[str, Any]:
    """What was made of a picture; ``bytes`` and the score are those of the widest .sdz."""
    from sdz.publishing.gallery import snippet

    widest = {one.kind: one for one in record.outputs}
    return {
        "output": record.base,
        "width": record.width,
        "height": record.height,
        "widths": [one.width for one in record.outputs if one.kind == "sdz"],
        "source_bytes": record.source_bytes,
        "bytes": widest["sdz"].bytes,
        "fallbacks": {kind: one.bytes for kind, one in widest.items() if kind != "sdz"},
        "ssimulacra2": widest["sdz"].score,
        "html": snippet(source, record, showing),
        "notes": list(record.notes),
    }


def show(row: Row) -> str:
    """One line for a person."""
    widths = ", ".join(str(width) for width in row["widths"])
    others = ", ".join(f"{kind.upper()} {size:,}" for kind, size in row["fallbacks"].items())
    line = (
        f"{row['source']} -> {row['output']}.sdz  {widths} wide; {row['bytes']:,} bytes "
        f"({others})  score {in_words(row['ssimulacra2'])}"
    )
    return "\n".join([line, *(f"  note: {note}" for note in row["notes"])])


def _tell(site: Site, pages: Pages, *, as_json: bool) -> None:
    """What became of the pages, and what visitors will fetch."""
    for page, left in site.folder.left_tags.items():
        say(f"sdz: {page}: left as they are: {_reasons(left)}", sys.stderr)
    for reason in pages.refused:
        say(f"sdz: {reason}", sys.stderr)
    if pages.leftover:
        some = ", ".join(pages.leftover[:3]) + (", ..." if len(pages.leftover) > 3 else "")
        say(f"sdz: no longer made of anything, and left there: {some}", sys.stderr)
    bills = site.bills()
    if as_json:
        rows = [
            {
                **asdict(bill),
                "script": bill.script,
                "script_pays_beside_avif": bill.beside_avif,
                "script_pays_beside_plain": bill.beside_plain,
            }
            for bill in bills
        ]
        say(json.dumps({"pages": pages.written, "visitors": rows}), sys.stdout)
        return
    for page in pages.written:
        say(f"{page} written", sys.stdout)
    for line in table(bills):
        say(line, sys.stdout)


def _reasons(left: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in left.most_common())


def table(bills: list[Bill]) -> list[str]:
    """What visitors fetch of all pictures, for people: a column for each width."""
    if not bills:
        return []
    rows = [
        ("with the extension", [bill.sdz for bill in bills]),
        ("with sdz.js, at first", [bill.script for bill in bills]),
        ("without: AVIF", [bill.avif for bill in bills]),
        ("older browsers: JPEG", [bill.plain for bill in bills]),
    ]
    pictures = bills[0].pictures
    head = f"{pictures:,} picture{'s' if pictures != 1 else ''}, bytes at"
    lines = [f"{head:28}" + "".join(f"{bill.width:>12}" for bill in bills)]
    lines += [f"  {word:26}" + "".join(f"{size:12,}" for size in sizes) for word, sizes in rows]
    for word, froms in (
        ("sdz.js pays beside AVIF", [bill.beside_avif for bill in bills]),
        ("sdz.js pays beside JPEG", [bill.beside_plain for bill in bills]),
    ):
        texts = ("never" if one is None else f"from {one:,}" for one in froms)
        lines.append(f"  {word:26}" + "".join(f"{text:>12}" for text in texts))
    return lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz publish``."""
    parser.add_argument(
        "folder", metavar="DIR", help="a folder of pictures, or of pages (HTML) with pictures"
    )
    parser.add_argument("out", metavar="OUT", help="where all that is to be served goes")
    parser.add_argument(
        "--widths",
        default="480,960,1600",
        metavar="W,W,...",
        help="how wide pictures are offered, none wider than it is (default: 480,960,1600)",
    )
    parser.add_argument(
        "--sizes",
        metavar="SIZES",
        help="how wide pages show a picture, as in HTML, such as 50vw (default: its width, at most "
        "the window's)",
    )
    parser.add_argument(
        "--script", metavar="ADDRESS", help="have pages load sdz.js, which lies at that address"
    )
    add_wishes(parser)
    parser.add_argument(
        "-j", "--jobs", type=int, default=1, metavar="N", help="pictures at a time (default: 1)"
    )
    add_no_daemon(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
