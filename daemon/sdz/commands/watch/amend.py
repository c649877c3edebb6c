"""``sdz watch retry`` and ``sdz watch undo``: files once more, and originals back.

Both work on the journal, so they work whoever watches the folder, and when nobody does.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from sdz.commands.console import DONE, SOME_FAILED, say
from sdz.errors import FolderUnfit
from sdz.watch import amend, pausing
from sdz.watch.journal.journal import Journal, opened
from sdz.watch.journal.rows import TrashedRow
from sdz.watch.telling.report import Undone
from sdz.watch.telling.status import TROUBLES

_NEVER = "no folder is or was watched"


def run_retry(args: argparse.Namespace) -> int:
    """Have files that failed, or were left alone, tried again."""
    failed, tried = False, 0
    with opened(to_write=True) as journal:
        if journal is None:
            say(f"sdz: {_NEVER}", sys.stderr)
            return SOME_FAILED if args.paths else DONE
        for name in args.paths or [str(root) for root in journal.roots.paths()]:
            try:
                tried += _retry(journal, name, args.paths)
            except FolderUnfit as error:
                say(f"sdz: {name}: {error.reason}", sys.stderr)
                failed = True
    words = "1 file is" if tried == 1 else f"{tried} files are"
    say(json.dumps({"files": tried}) if args.json else f"{words} tried again", sys.stdout)
    return SOME_FAILED if failed else DONE


def _retry(journal: Journal, name: str, named: bool) -> int:
    """Files at or below a path; how many. Raises FolderUnfit where a named one is none of them."""
    root, path = journal.roots.around(name), Path(os.path.realpath(name))
    if path == root:
        return amend.retry(journal, root)
    troubled = [row.path for row in journal.files.rows(root, TROUBLES)]
    below = [one for one in troubled if one.is_relative_to(path)]
    tried = amend.retry(journal, root, below or [path])
    if named and not tried:
        raise FolderUnfit(name, "nothing there failed or was left alone")
    return tried


def run_pause(args: argparse.Namespace) -> int:
    """Have watched folders wait."""
    return _each_root(args, pausing.pause, "waits from now on", "waits already")


def run_resume(args: argparse.Namespace) -> int:
    """Have folders go on that wait."""
    return _each_root(args, pausing.resume, "goes on", "did not wait")


def _each_root(
    args: argparse.Namespace, act: Callable[[Path], bool], done: str, was_so: str
) -> int:
    failed = False
    with opened() as journal:
        roots = [] if journal is None else journal.roots.paths()
        for name in args.folders or [str(root) for root in roots]:
            try:
                if journal is None:
                    raise FolderUnfit(name, _NEVER)
                root = journal.roots.around(name)
            except FolderUnfit as error:
                say(f"sdz: {name}: {error.reason}", sys.stderr)
                failed = True
                continue
            say(f"{root} {done if act(root) else was_so}", sys.stdout)
    return SOME_FAILED if failed else DONE


def add_pause_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz watch pause``."""
    parser.add_argument("folders", nargs="*", metavar="DIR", help="default: all")


add_resume_arguments = add_pause_arguments
"""The words of ``sdz watch resume``."""


def run_undo(args: argparse.Namespace) -> int:
    """Bring the last originals back: of all folders together, or of what is named."""
    with opened(to_write=True) as journal:
        if journal is None:
            say(f"sdz: {_NEVER}", sys.stderr)
            return SOME_FAILED
        chosen = _chosen(journal, args.paths, args.count)
        if not chosen:
            say("sdz: no such original is in the trash", sys.stderr)
            return SOME_FAILED
        by_root: dict[Path, list[Path]] = {}
        for row in chosen:
            by_root.setdefault(row.root, []).append(row.path)
        files = [
            file
            for root, paths in by_root.items()
            for file in amend.undo(journal, root, len(paths), paths)
        ]
    for file in files:
        _say_undone(file, as_json=args.json)
    return DONE if all(file.restored for file in files) else SOME_FAILED


def _chosen(journal: Journal, names: list[str], count: int | None) -> list[TrashedRow]:
    """The last ``count`` originals of all, or of those at or below the names.

    Where there are names and no count: the last one of each. Raises FolderUnfit.
    """
    named = [(journal.roots.around(name), Path(os.path.realpath(name))) for name in names]
    groups = [
        [row for row in journal.trashed.rows(root) if row.path.is_relative_to(path)]
        for root, path in named or [(root, root) for root in journal.roots.paths()]
    ]
    each = 1 if names and count is None else None
    found = {row.id: row for group in groups for row in group[:each]}
    last_first = sorted(found.values(), key=lambda row: row.at, reverse=True)
    return last_first if each else last_first[: count or 1]


def _say_undone(file: Undone, *, as_json: bool) -> None:
    if as_json:
        row = {"path": str(file.path), "restored": file.restored, "reason": file.reason}
        say(json.dumps({**row, "output_trashed": file.output_trashed}), sys.stdout)
    elif file.restored:
        gone = f"; {file.output} is in the trash" if file.output_trashed else ""
        say(f"{file.path} is back{gone}", sys.stdout)
    if not file.restored:
        say(f"sdz: {file.path}: {file.reason}", sys.stderr)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, found {text!r}")
    return int(text)


def add_retry_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz watch retry``."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def add_undo_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz watch undo``."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files or folders: the last original of each"
    )
    parser.add_argument(
        "--count", type=_count, metavar="N", help="the last N of them all (default: 1)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
