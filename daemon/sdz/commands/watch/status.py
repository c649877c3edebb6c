"""``sdz watch status``: the watched folders, how far each is, and what hinders it."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sdz.client import reach
from sdz.commands.console import DONE, SOME_FAILED, say, say_block
from sdz.commands.status import pace_words, watch_counts
from sdz.errors import DaemonError, FolderUnfit
from sdz.names import counted
from sdz.printable import printable_values
from sdz.watch.claim import folder_id, who_watches
from sdz.watch.journal.journal import Journal, opened
from sdz.watch.journal.rows import State
from sdz.watch.looking.others import left_alone
from sdz.watch.pausing import WHY, is_paused
from sdz.watch.telling.news import shown
from sdz.watch.telling.report import FolderState
from sdz.watch.telling.status import TROUBLES, folder_status, notes_of

NOTES_IN_LIST, NOTES_OF_ONE = 5, 1000
_TO_DO = (State.FAILED, State.BAD)  # what is left alone is all right
_WORDS = {
    "refused": "left alone",
    "settling": "waiting",
    "bad": "failed",
    "done": "not in the trash",
}


def run(args: argparse.Namespace) -> int:
    """Print every folder that is or was watched, or those that are named."""
    with opened() as journal:
        if journal is None or not journal.roots.paths():
            say("no folder is or was watched; watch one by: sdz watch DIR", sys.stderr)
            return SOME_FAILED if args.folders else DONE
        failed = False
        roots = sorted(root for root in journal.roots.paths() if _matters(journal, root))
        if args.folders:
            roots = []
            for name in args.folders:
                try:
                    roots.append(journal.roots.around(name))
                except FolderUnfit as error:
                    say(f"sdz: {name}: {error.reason}", sys.stderr)
                    failed = True
        whole = bool(args.folders or args.json)
        rows = [_row(journal, root, whole=whole) for root in roots]
    by_daemon = _daemon_rows()
    for row in rows:
        said = by_daemon.get(row["id"])
        if said is not None:
            row["stages"] = said.get("stages", {})
            if said["state"] == "stopped":  # it would, and says why it cannot
                row |= {"state": said["state"], "reason": said["reason"]}
        if args.json:
            say(json.dumps(row), sys.stdout)
        else:
            say_block(show(printable_values(row), all_notes=bool(args.folders)), sys.stdout)
    return SOME_FAILED if failed else DONE


def _matters(journal: Journal, root: Path) -> bool:
    """Whether a folder is listed unasked: not one that is gone, with nothing to come of it."""
    return root.is_dir() or who_watches(root) is not None or bool(journal.trashed.rows(root))


def _row(journal: Journal, root: Path, *, whole: bool) -> dict[str, Any]:
    """How a folder stands, as JSON values, with all of its files in trouble, or the last few of
    those that something is to be done about."""
    status = folder_status(journal, root, time.time())
    watching = who_watches(root)
    if watching is None:
        status = replace(
            status,
            state=FolderState.STOPPED,
            reason="nobody watches it",
            waiting=status.waiting + status.running,  # as a killed watcher has left them
            running=0,
            in_work=(),
        )
    elif is_paused(root):
        status = replace(status, state=FolderState.PAUSED, reason=WHY)
    most, troubles = (NOTES_OF_ONE, TROUBLES) if whole else (NOTES_IN_LIST, _TO_DO)
    row = asdict(status)
    del row["root"], row["last_scan"]
    return {
        "id": folder_id(root),
        "root": shown(root),
        "by": watching.by if watching else None,
        "pid": watching.pid if watching else None,
        **row,
        "left_alone": dict(left_alone(root)),
        "in_work": [shown(name) for name in status.in_work],
        "stages": {},
        "oldest_waiting_s": round(status.oldest_waiting_s, 1),
        "notes": [
            {
                "path": shown(file.path.relative_to(root)),
                "state": str(file.state),
                "code": file.code,
                "reason": shown(file.reason),
                "attempts": file.attempts,
            }
            for file in notes_of(journal, root, most, troubles)
        ],
    }


def _daemon_rows() -> dict[str, dict[str, Any]]:
    """What a running daemon says of its folders, by id; nothing where none runs."""
    daemon = reach()
    if daemon is None:
        return {}
    try:
        return {row["id"]: row for row in daemon.watches()}
    except DaemonError:
        return {}


def show(row: dict[str, Any], *, all_notes: bool) -> str:
    """A few lines for a person."""
    by = f", by {row['by']} (process {row['pid']})" if row["by"] else ""
    why = f": {row['reason']}" if row["reason"] else ""
    lines = [f"{row['root']}  {row['state']}{by}{why}", f"  {watch_counts(row)}"]
    if row["hindrance"]:
        lines.append(f"  {row['hindrance']}")
    if (pace := pace_words(row)) and row["by"]:
        lines.append(f"  {pace}")
    if row["left_alone"]:
        lines.append(f"  not read: {counted(row['left_alone'])}")
    for note in row["notes"]:
        tries = f" (tried {note['attempts']} times)" if note["attempts"] > 1 else ""
        lines.append(
            f"  {_WORDS.get(note['state'], note['state'])}: {note['path']}: {note['reason']}{tries}"
        )
    wrong = sum(row[name] for name in ("failed", "bad", "not_trashed", "unfinished"))
    if (more := wrong - len(row["notes"])) > 0 and not all_notes:
        lines.append(f"  and {more:,} more; see: sdz watch status {shlex.quote(row['root'])}")
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz watch status``."""
    parser.add_argument("folders", nargs="*", metavar="DIR", help="default: all")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
