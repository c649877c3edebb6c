"""The words of ``sdz watch``."""

from __future__ import annotations

import argparse

from sdz.commands.config import add_settings_argument
from sdz.commands.daemon_choice import add_no_daemon
from sdz.commands.wishes import add_wishes
from sdz.units import parse_duration


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz watch``."""
    parser.add_argument(
        "folders",
        nargs="+",
        metavar="DIR",
        help="folders; ./status for one that is called status, retry or undo",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="do what is there now, and be done")
    how.add_argument(
        "--dry-run", action="store_true", help="print what would be saved; write nothing"
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
