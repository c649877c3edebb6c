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
from sdz.commands.console import DONE, SOME_FAILED, say, say_block
from sdz.commands.many import run_many
from sdz.commands.waiting import resting
from sdz.progress import Progress, hand_on

if TYPE_CHECKING:
    from sdz.models import ModelRow

ASKED_ABOVE = 500_000_000
"""Bytes above which a pull asks, where somebody can answer."""


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
            say(json.dumps({**asdict(row), **_facts(row.name)}), sys.stdout)
        return DONE
    say(f"{'NAME':<12}{'STATE':<11}{'SIZE':>9}  LICENCE", sys.stdout)
    for row in rows:
        known = models.about(row.name)
        size = row.size or known.bytes
        shown = f"{'' if row.size else '~'}{size / 1e6:.0f} MB" if size else "-"
        page = models.page(row.name)
        say_block(
            f"{row.name:<12}{row.state:<11}{shown:>9}  {known.licence}\n    {known.purpose}"
            + (f"\n    {page}" if page else ""),
            sys.stdout,
        )
    if any(not row.size for row in rows):
        say(
            "Sizes of those that are not here are about right; what a page says now is its licence",
            sys.stdout,
        )
    needed = sorted({models.about(row.name).needs for row in rows} - {""})
    for extra in needed:
        say(f"All but {models.BUILT_IN} need: pip install '{extra}'", sys.stdout)
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
        if args.action == "pull" and not _wanted(names, yes=args.yes):
            say("sdz: nothing was fetched", sys.stderr)
            return SOME_FAILED
        if not names:
            say("no models are installed besides the built-in one", sys.stderr)
        return run_many(names, work, show, as_json=args.json)

    return run_all


def _facts(name: str) -> dict[str, Any]:
    """What a person asks of a model, as JSON values."""
    known = models.about(name)
    return {
        "purpose": known.purpose,
        "licence": known.licence,
        "page": models.page(name),
        "download_bytes": known.bytes,
        "needs": known.needs,
    }


def _wanted(names: list[str], *, yes: bool) -> bool:
    """Say what a pull takes; whether it is wanted, which a person is asked where it is much."""
    missing = [row for row in models.list_models() if row.name in names and row.state == "missing"]
    for row in missing:
        known = models.about(row.name)
        needs = f"; to be used it needs: pip install '{known.needs}'" if known.needs else ""
        say(
            f"sdz: {row.name}: about {known.bytes / 1e6:.0f} MB from {models.page(row.name)}, "
            f"licence: {known.licence}{needs}",
            sys.stderr,
        )
    total = sum(models.about(row.name).bytes for row in missing)
    if total <= ASKED_ABOVE or yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    say(f"sdz: fetch {total / 1e6:,.0f} MB? [y/N]", sys.stderr)
    with resting():
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def _names(args: argparse.Namespace) -> list[str]:
    if args.action == "add":
        return [args.name]
    if args.action == "verify" and not args.names:
        return models.installed_names()
    return list(args.names)


def _pull(name: str, args: argparse.Namespace) -> ModelRow:  # noqa: ARG001 - one shape for all
    def fetched(done: int, total: int) -> None:
        doing = f"fetching, {done / 1e6:,.1f} of {total / 1e6:,.1f} MB"
        hand_on(Progress(doing, done / max(total, 1)))

    models.pull(name, fetched)
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
    pull.add_argument("-y", "--yes", action="store_true", help="do not ask, however much it is")
    add = action("add", "install a folder in diffusers layout (it is copied)")
    add.add_argument("folder", metavar="DIR")
    add.add_argument("--name", required=True, help="what to call it")
    remove = action("remove", "delete installed models")
    remove.add_argument("names", nargs="+", metavar="NAME")
    verify = action("verify", "hash installed models again (default: all)")
    verify.add_argument("names", nargs="*", metavar="NAME")
