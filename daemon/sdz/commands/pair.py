"""``sdz pair``, ``sdz clients`` and ``sdz revoke``: who the daemon lets in."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sdz.client import Client
from sdz.commands.console import DONE, SOME_FAILED, say, say_block
from sdz.commands.many import run_many
from sdz.commands.waiting import resting
from sdz.errors import DaemonError, DaemonNotRunning
from sdz.home import service_folder
from sdz.service.process.instance import Instance

if TYPE_CHECKING:
    from sdz.service.access.clients import Clients

_LOOK_S = 0.5


def run_pair(args: argparse.Namespace) -> int:
    """Show a code and, unless told not to, wait until it was used; stopped, the code is void."""
    with Client.find() as client:
        offer = client.open_pairing()
        try:
            _show(offer, as_json=args.json)
            if args.no_wait:
                return DONE
            with resting():
                while (state := client.pairing_state())["state"] == "open":
                    time.sleep(_LOOK_S)
        except KeyboardInterrupt:  # a code that nobody waits for lets nobody in
            # By another connection: on this one an answer may be under way.
            with suppress(DaemonError), Client.find() as other:
                other.close_pairing()
            raise
    if args.json:
        say(json.dumps(state), sys.stdout)
    elif state["state"] == "paired":
        say(f"let in: {state['name']}", sys.stdout)
    else:
        say(f"sdz: nobody came in; the code is {state['state']}", sys.stderr)
    return DONE if state["state"] == "paired" else SOME_FAILED


def _show(offer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(offer), sys.stdout)
        return
    code = f"{offer['code'][:4]} {offer['code'][4:]}"
    say_block(f"code  {code}\nport  {offer['port']}", sys.stdout)
    say(f"Type both into what is to be let in, within {offer['valid_s']:.0f} seconds.", sys.stdout)


def run_clients(args: argparse.Namespace) -> int:
    """List who is let in."""
    rows = _list_clients()
    for row in rows:
        if args.names:
            say(row["name"], sys.stdout)
        elif args.json:
            say(json.dumps(row), sys.stdout)
        else:
            say(f"{row['name']:<24}{row['created']:<27}{row['origin'] or 'a program'}", sys.stdout)
    if not rows and not args.json and not args.names:
        say("nobody is let in yet; let something in by: sdz pair", sys.stdout)
    return DONE


def run_revoke(args: argparse.Namespace) -> int:
    """End clients; the daemon refuses them from their next request on."""

    def show(row: Any) -> str:
        return f"revoked: {row['name']}"

    return run_many(args.sources, _revoke, show, as_json=args.json)


def _list_clients() -> list[dict[str, Any]]:
    try:
        with Client.find() as client:
            return client.clients()
    except DaemonNotRunning:
        return [_row(client) for client in _from_file().active()]


def _revoke(name: str) -> dict[str, Any]:
    try:
        with Client.find() as client:
            return client.revoke(name)
    except DaemonNotRunning:
        instance = Instance(service_folder())
        if not instance.acquire():  # it has begun this very moment
            with Client.find() as client:
                return client.revoke(name)
        try:
            return _row(_from_file().revoke(name))
        finally:
            instance.release()


def _from_file() -> Clients:
    from sdz.service.access.clients import Clients  # aiohttp comes with it

    return Clients(service_folder() / "clients.json")


def _row(client: Any) -> dict[str, Any]:
    return {name: getattr(client, name) for name in ("id", "name", "origin", "created")}


def add_pair_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz pair``."""
    parser.add_argument("--no-wait", action="store_true", help="show the code and be done")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def add_clients_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz clients``."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="one JSON object a line")
    how.add_argument("--names", action="store_true", help="the names alone, one a line")


def add_revoke_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz revoke``."""
    parser.add_argument("sources", nargs="+", metavar="NAME", help="name or id of a client")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
