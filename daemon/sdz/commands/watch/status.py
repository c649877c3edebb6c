"""``sdz watch status``: the watched folders, how far each is, and what hinders it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from sdz.commands.console import DONE, SOME_FAILED, say
from sdz.commands.watch.counts import watch_counts
from sdz.commands.watch.known import daemon_rows, matters, opened, root_of, row_of
from sdz.errors import FolderUnfit

NOTES_IN_LIST, NOTES_OF_ONE = 5, 1000
_WORDS = {"refused": "left alone", "settling": "waiting"}


def run(args: argparse.Namespace) -> int:
    """Print every folder that is or was watched, or those that are named."""
    with opened() as journal:
        if journal is None or not journal.roots.paths():
            print("no folder is or was watched; watch one by: sdz watch DIR", file=sys.stderr)
            return SOME_FAILED if args.folders else DONE
        failed = False
        roots = sorted(root for root in journal.roots.paths() if matters(journal, root))
        if args.folders:
            roots = []
            for name in args.folders:
                try:
                    roots.append(root_of(journal, name))
                except FolderUnfit as error:
                    say(f"sdz: {name}: {error.reason}", sys.stderr)
                    failed = True
        notes = NOTES_OF_ONE if args.folders or args.json else NOTES_IN_LIST
        rows = [row_of(journal, root, notes) for root in roots]
    by_daemon = daemon_rows()
    for row in rows:
        said = by_daemon.get(row["id"])
        if said is not None and said["state"] == "stopped":  # it would, and says why it cannot
            row |= {"state": said["state"], "reason": said["reason"]}
        say(json.dumps(row) if args.json else show(row, all_notes=bool(args.folders)), sys.stdout)
    return SOME_FAILED if failed else DONE


def show(row: dict[str, Any], *, all_notes: bool) -> str:
    """A few lines for a person."""
    by = f", by {row['by']} (process {row['pid']})" if row["by"] else ""
    why = f": {row['reason']}" if row["reason"] else ""
    lines = [f"{row['root']}  {row['state']}{by}{why}", f"  {watch_counts(row)}"]
    for note in row["notes"]:
        if note["state"] == "refused" and not all_notes:
            continue
        tries = f" (tried {note['attempts']} times)" if note["attempts"] > 1 else ""
        lines.append(
            f"  {_WORDS.get(note['state'], note['state'])}: {note['path']}: {note['reason']}{tries}"
        )
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz watch status``."""
    parser.add_argument("folders", nargs="*", metavar="DIR", help="default: all")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
