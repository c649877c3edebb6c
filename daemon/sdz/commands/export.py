"""``sdz export``: whole folders of ``.sdz`` files as JPEG, AVIF, WebP or PNG, for programs that
read no others, such as Immich, PhotoPrism, digiKam and Nextcloud.

The tree is mirrored under another folder; files keep the times of theirs, by which a second run
knows what it has done. EXIF and XMP go along where a file has them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

from sdz import container
from sdz.commands.daemon_choice import add_no_daemon
from sdz.commands.decode import FORMATS, decoded, saved_for, show
from sdz.commands.many import read_source, run_many
from sdz.commands.output import Outputs, origin_of
from sdz.commands.rows import Row
from sdz.commands.sources import SourcePath
from sdz.errors import BadOption
from sdz.media import SDZ_SUFFIX
from sdz.names import ending
from sdz.origin import has_time_of
from sdz.progress import part


def run(args: argparse.Namespace) -> int:
    """Export ``args.folder`` into ``args.out_dir``; see ``sdz export --help``."""
    root = Path(args.folder)
    if not root.is_dir():
        raise BadOption("export", "a folder", args.folder)
    out = args.out_dir or f"{root.resolve().name}-{args.to}"
    if Path(out).resolve() == root.resolve():
        raise BadOption("out dir", "another folder than the one that is exported", out)
    outputs = Outputs(None, out, force=args.force)
    suffix = ".jpg" if args.to == "jpeg" else f".{args.to}"
    with part("looking for .sdz files"):
        found = {source.path: source.below for source in _below(root, Path(out))}

    def work(source: str) -> Row:
        there = outputs.planned(source, suffix, found[source])
        if there is not None and not args.force and _is_done(there, Path(source)):
            outputs.claim(there, source)
            return {"output": str(there), "skipped": "done already"}
        origin, data = origin_of(source), read_source(source)
        container.read_header(data)
        place = outputs.place(source, suffix, found[source])
        began = time.perf_counter()
        image = decoded(data, no_daemon=args.no_daemon)
        with part("writing"):
            saved = saved_for(place, image, args.to)
        outputs.write(place, saved, origin)
        return {
            "output": place,
            "width": image.width,
            "height": image.height,
            "source_bytes": len(data),
            "bytes": len(saved),
            "seconds": round(time.perf_counter() - began, 3),
        }

    return run_many(list(found), work, show, as_json=args.json, summary=True)


def _is_done(there: Path, source: Path) -> bool:
    return there.exists() and has_time_of(there.stat(), source.stat())


def _below(root: Path, out: Path) -> Iterator[SourcePath]:
    """The files of a folder, by name, folder by folder; hidden ones and the output left out."""
    skipped = out.resolve()
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and Path(folder, name).resolve() != skipped
        )
        relative = os.path.relpath(folder, root)
        for name in sorted(files):
            if not name.startswith(".") and ending(name) == SDZ_SUFFIX:
                path = os.path.join(folder, name)  # noqa: PTH118 - keeps what the user wrote
                yield SourcePath(path, "" if relative == "." else relative)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz export``."""
    parser.add_argument("folder", metavar="DIR", help="where .sdz files are looked for")
    parser.add_argument("--to", required=True, choices=list(FORMATS), help="the format")
    parser.add_argument(
        "--out-dir", metavar="DIR", help="mirror the folder here (default: NAME-FORMAT, here)"
    )
    add_no_daemon(parser)
    parser.add_argument("--force", action="store_true", help="overwrite outputs that exist")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
