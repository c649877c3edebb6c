"""The one option that ``sdz encode`` and ``sdz decode`` share: to do without a running daemon."""

from __future__ import annotations

import argparse


def add_no_daemon(parser: argparse.ArgumentParser) -> None:
    """Add ``--no-daemon``."""
    parser.add_argument(
        "--no-daemon",
        action="store_true",
        help="work in this process even if a daemon is running (its limits do not apply then)",
    )
