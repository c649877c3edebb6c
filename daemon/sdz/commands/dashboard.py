"""``sdz dashboard``: open the running daemon's dashboard in the browser, by a one-time address."""

from __future__ import annotations

import argparse
import sys
import threading

from sdz.client import Client
from sdz.commands.console import DONE, SOME_FAILED, say
from sdz.commands.waiting import resting
from sdz.errors import DaemonError


def run(args: argparse.Namespace) -> int:
    """Open it, or print its address; exit code 1 where no daemon runs, or no browser was found."""
    with Client.find() as client:
        url, page = client.dashboard_address(), client.url
    if args.print:
        say(url, sys.stdout)
        return DONE
    if not _open(url):
        say("sdz: no browser was found; open this address within a minute:", sys.stderr)
        say(url, sys.stdout)
        return SOME_FAILED
    say(f"the dashboard is opened at {page}", sys.stdout)
    return DONE


def open_soon() -> None:
    """Have the browser open the dashboard of the daemon that runs, without waiting for either."""
    threading.Thread(target=_find_and_open, daemon=True).start()


def open_now() -> None:
    """As ``open_soon``, for a process that is about to end."""
    _find_and_open()


def _find_and_open() -> None:
    try:
        with Client.find() as client:
            url = client.dashboard_address()
    except DaemonError as error:
        say(f"sdz: the dashboard could not be opened: {error}", sys.stderr)
        return
    if not _open(url):
        say("sdz: no browser was found; see: sdz dashboard --print", sys.stderr)


def _open(url: str) -> bool:
    import webbrowser

    with resting():
        return webbrowser.open(url)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz dashboard``."""
    parser.add_argument(
        "--print",
        action="store_true",
        help="print the address instead: good once, for a minute, in a browser on this machine",
    )
