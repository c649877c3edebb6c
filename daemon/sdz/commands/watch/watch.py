"""``sdz watch``: keep the pictures of folders as ``.sdz`` files; for ever, or once, or in words."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from sdz.commands.config import add_settings_argument, parse_flags
from sdz.commands.console import SOME_FAILED, TERMINATED, say
from sdz.commands.daemon_choice import add_no_daemon
from sdz.commands.watch import folders
from sdz.commands.watch.agreeing import agreed
from sdz.commands.watch.lines import Lines
from sdz.commands.wishes import add_wishes, asked_of
from sdz.config import Settings, load_settings
from sdz.models import require_able
from sdz.service.watches.shapes import WatchRequest, folder_options
from sdz.units import parse_duration
from sdz.watch.claim import fit_root
from sdz.watch.folder import FolderOptions

SAMPLE = 12
"""Of 54 photographs twelve told the saving of all to a percent, in a fifth of the time."""


def run(args: argparse.Namespace) -> int:
    """Watch ``args.folders``; see ``sdz watch --help``."""
    settings = load_settings(parse_flags(args.settings)).settings
    require_able(args.model, args.effort)
    options = tuple(_options(name, args, settings) for name in args.folders)
    order = folders.Order(options, settings, Lines(as_json=args.json), no_daemon=args.no_daemon)
    if args.dry_run:
        return _run_until_stopped(folders.plan(order, args.sample))
    if not all(agreed(folder) for folder in options):
        say("sdz: nothing was done", sys.stderr)
        return SOME_FAILED
    return _run_until_stopped(folders.once(order) if args.once else folders.for_ever(order))


def _options(name: str, args: argparse.Namespace, settings: Settings) -> FolderOptions:
    root = fit_root(name)
    request = WatchRequest(
        str(root),
        out=None if args.out_dir is None else str(Path(args.out_dir).absolute()),
        **asked_of(args),
        originals=args.originals,
        settle_s=args.settle,
        jobs=args.jobs,
    )
    return folder_options(request, root, settings.watch)


def _run_until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Run; SIGTERM ends it as Ctrl-C does, which comes out of here as KeyboardInterrupt."""

    async def main() -> int:
        task = asyncio.ensure_future(work)
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            say("sdz: stopped", sys.stderr)
            return TERMINATED

    return asyncio.run(main())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz watch``."""
    parser.add_argument(
        "folders",
        nargs="+",
        metavar="DIR",
        help="folders; ./status for one that is called as a command is, such as status or undo",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="do what is there now, and be done")
    how.add_argument(
        "--dry-run",
        action="store_true",
        help="estimate from a sample what would be saved; write nothing",
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=SAMPLE,
        metavar="N",
        help=f"pictures that --dry-run encodes to estimate from (default: {SAMPLE}; 0: all)",
    )
    parser.add_argument(
        "--originals",
        choices=("keep", "trash"),
        help="what becomes of a picture once its .sdz is verified (default: watch.originals)",
    )
    parser.add_argument("--out-dir", metavar="DIR", help="mirror the folder here (default: beside)")
    add_wishes(parser, watched=True)
    parser.add_argument(
        "--settle",
        type=_duration,
        metavar="2s",
        help="how long a file must not change (default: watch.settle)",
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="pictures under way at once (default: watch.jobs)"
    )
    add_no_daemon(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_settings_argument(parser)


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected {error}, found {text!r}") from None
