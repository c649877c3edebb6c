"""The words of ``sdz watch``."""

from __future__ import annotations

import argparse

from sdz.commands.config import add_settings_argument
from sdz.commands.daemon_choice import add_no_daemon
from sdz.commands.encode import add_effort
from sdz.units import parse_duration
from sdz.wish import PRESETS


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
    parser.add_argument("--model", default="lite-1", help="autoencoder (default: lite-1)")
    wish = parser.add_mutually_exclusive_group()
    wish.add_argument("--preset", choices=list(PRESETS), help="default: standard")
    wish.add_argument("--quality", type=float, metavar="1..100")
    wish.add_argument("--target-bytes", type=int, metavar="N", help="largest size of each file")
    wish.add_argument(
        "--min-score", type=float, metavar="S", help="least SSIMULACRA2 (90 cannot be told apart)"
    )
    add_effort(parser)
    parser.add_argument("--keep-metadata", action="store_true", help="keep EXIF and XMP, not GPS")
    parser.add_argument("--keep-location", action="store_true", help="with the former: GPS too")
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
