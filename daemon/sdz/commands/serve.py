"""``sdz serve``: start the daemon, or say where it is."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from sdz.client import Client
from sdz.commands import dashboard
from sdz.commands.config import add_settings_argument, parse_flags
from sdz.commands.console import DONE, say
from sdz.commands.waiting import resting
from sdz.config import WatchSettings, load_settings
from sdz.discovery import Discovery, discover
from sdz.home import service_folder
from sdz.service.process.instance import Instance
from sdz.service.watches.shapes import WatchRequest, folder_options
from sdz.watch.claim import fit_root

_STARTING_S = 3.0  # how long another one that has just begun may take to say where it is


def run(args: argparse.Namespace) -> int:
    """Serve until stopped. Where one is running already, print its address; that is no error."""
    flags = parse_flags(args.settings)
    for word, key in (("port", "service.port"), ("device", "engine.device")):
        if getattr(args, word) is not None:
            flags[key] = str(getattr(args, word))
    settings = load_settings(flags).settings
    folders = [_fit(folder, settings.watch) for folder in args.watch or ()]
    instance = Instance(service_folder())
    if not instance.acquire():
        other = _wait_for_other(instance.folder)
        if folders:
            _hand_over(folders)
        return _point_to_other(other, open_page=args.open)
    from sdz.service.process.run import run_daemon

    served = ExitStack()

    def ready(url: str) -> None:
        served.enter_context(resting())
        say(_greeting(url) if sys.stdout.isatty() else url, sys.stdout)
        if args.open:
            # A browser may take its time to come back; the daemon's loop must not wait for it.
            dashboard.open_soon()

    with served:
        return 128 + run_daemon(settings, instance, ready, folders)


def _greeting(url: str) -> str:
    """What a person reads; programs read the address alone."""
    return (
        f"sdz is running at {url}, for this user alone. Ctrl-C ends it. In another terminal: "
        "sdz dashboard, sdz pair for a browser, sdz doctor"
    )


def _wait_for_other(folder: Path) -> Discovery | None:
    until = time.monotonic() + _STARTING_S
    while (found := discover(folder)) is None and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _point_to_other(other: Discovery | None, *, open_page: bool) -> int:
    if other is None:
        say("sdz: the daemon is running, but does not say where", sys.stderr)
        return DONE
    say(other.url, sys.stdout)
    say(f"sdz: the daemon is running already (process {other.pid})", sys.stderr)
    if open_page:
        dashboard.open_now()
    return DONE


def _fit(folder: str, settings: WatchSettings) -> Path:
    """A folder that can be watched. Raises FolderUnfit: said now, not in the daemon's log."""
    root = fit_root(folder)
    return folder_options(WatchRequest(str(root)), root, settings).root


def _hand_over(folders: list[Path]) -> None:
    """Have the daemon that is running watch the folders."""
    with Client.find() as client:
        for folder in folders:
            client.watch(str(folder))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz serve``."""
    parser.add_argument("--port", metavar="N", help="port on 127.0.0.1 (default: 7390)")
    parser.add_argument("--device", help="auto, cuda, mps or cpu (default: auto)")
    parser.add_argument("--open", action="store_true", help="open the dashboard in a browser")
    parser.add_argument(
        "--watch",
        action="append",
        metavar="DIR",
        help="keep the pictures of this folder as .sdz files; may be repeated; see: sdz watch",
    )
    add_settings_argument(parser)
