"""``sdz models``: the autoencoders that are here, and getting others."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdz import models
from sdz.commands.console import DONE, say
from sdz.commands.many import run_many

if TYPE_CHECKING:
    from sdz.models import ModelRow


def run(args: argparse.Namespace) -> int:
    """Run ``sdz models ACTION``; without one, list."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "pull": _each(_pull),
        "add": _each(_add),
        "remove": _each(_remove),
        "verify": _each(_verify),
    }
    return actions[args.action or "list"](args)


def _list(args: argparse.Namespace) -> int:
    rows = models.list_models()
    if args.json:
        for row in rows:
            say(json.dumps(asdict(row)), sys.stdout)
        return DONE
    say(f"{'NAME':<16}{'STATE':<12}{'SIZE':>9}  {'WEIGHTS':<18}FROM", sys.stdout)
    for row in rows:
        size = f"{row.size / 1e6:.1f} MB" if row.size else "-"
        say(
            f"{row.name:<16}{row.state:<12}{size:>9}  {row.weights_hash or '-':<18}"
            f"{row.repo or ('this package' if row.state == 'built-in' else 'a local folder')}",
            sys.stdout,
        )
    return DONE


def _each(
    act: Callable[[str, argparse.Namespace], ModelRow | None],
) -> Callable[[argparse.Namespace], int]:
    """A command that does ``act`` to each of the names, failures named one by one."""

    def run_all(args: argparse.Namespace) -> int:
        def work(name: str) -> dict[str, Any]:
            row = act(name, args)
            return asdict(row) if row else {"name": name, "state": "removed"}

        def show(row: Any) -> str:
            digest = row.get("weights_hash")
            return f"{row['name']}: {row['state']}" + (f", weights {digest}" if digest else "")

        names = _names(args)
        if not names:
            say("no models are installed besides the built-in one", sys.stderr)
        return run_many(names, work, show, as_json=args.json)

    return run_all


def _names(args: argparse.Namespace) -> list[str]:
    if args.action == "add":
        return [args.name]
    if args.action == "verify" and not args.names:
        return models.installed_names()
    return list(args.names)


def _pull(name: str, args: argparse.Namespace) -> ModelRow:  # noqa: ARG001 - one shape for all
    with models.progress_bar(name) as progress:
        models.pull(name, progress)
    return models.row(name)


def _add(name: str, args: argparse.Namespace) -> ModelRow:
    return models.add(Path(args.folder), name)


def _remove(name: str, args: argparse.Namespace) -> None:  # noqa: ARG001 - one shape for all
    models.remove(name)


def _verify(name: str, args: argparse.Namespace) -> ModelRow:  # noqa: ARG001 - one shape for all
    return models.verify(name)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz models``."""
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object a line"
    )
    parser.set_defaults(json=False)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    actions = parser.add_subparsers(dest="action", metavar="list|pull|add|remove|verify")

    def action(name: str, summary: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, parents=[as_json], help=summary, description=summary)

    action("list", "what is here and what can be had")
    pull = action("pull", "fetch models from the hub; goes on where it was cut off")
    pull.add_argument("names", nargs="+", metavar="NAME")
    add = action("add", "install a folder in diffusers layout (it is copied)")
    add.add_argument("folder", metavar="DIR")
    add.add_argument("--name", required=True, help="what to call it")
    remove = action("remove", "delete installed models")
    remove.add_argument("names", nargs="+", metavar="NAME")
    verify = action("verify", "hash installed models again (default: all)")
    verify.add_argument("names", nargs="*", metavar="NAME")
