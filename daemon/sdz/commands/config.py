"""``sdz config show``: the settings, and with ``--origin`` where each of them came from."""

from __future__ import annotations

import argparse
import json
import sys

from sdz.commands.console import DONE, say, say_block
from sdz.config import load_settings
from sdz.home import config_path


def run(args: argparse.Namespace) -> int:
    """Print every setting as a line of TOML, part by part, or as JSON."""
    rows = load_settings(parse_flags(args.settings)).rows
    if args.json:
        for row in rows:
            say(json.dumps({"key": row.key, "value": row.text, "origin": row.origin}), sys.stdout)
        return DONE
    say(f"# file: {config_path()}", sys.stdout)
    part = ""
    width = max(len(_assignment(row.key, row.text)) for row in rows)
    for row in rows:
        if row.key.partition(".")[0] != part:
            part = row.key.partition(".")[0]
            say_block(f"\n[{part}]", sys.stdout)
        comment = f"{row.origin}: {row.about}" if args.origin else row.about
        say(f"{_assignment(row.key, row.text):<{width}}  # {comment}", sys.stdout)
    return DONE


def parse_flags(words: list[str] | None) -> dict[str, str]:
    """``SECTION.KEY=VALUE`` words of ``--set`` as settings. Raises BadOption."""
    from sdz.errors import BadOption

    flags = {}
    for word in words or ():
        key, equals, value = word.partition("=")
        if not equals:
            raise BadOption("--set", "SECTION.KEY=VALUE", word)
        flags[key.strip()] = value.strip()
    return flags


def _assignment(key: str, text: str) -> str:
    plain = text in ("true", "false") or text.isdigit()
    return f"{key.partition('.')[2]} = {text if plain else json.dumps(text)}"


def add_settings_argument(parser: argparse.ArgumentParser) -> None:
    """``--set``, for every command that reads the settings."""
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        metavar="SECTION.KEY=VALUE",
        help="a setting for this once; may be repeated; see: sdz config show",
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz config``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="show")
    show = actions.add_parser("show", help="print the settings as they stand")
    show.add_argument("--origin", action="store_true", help="say where each came from")
    show.add_argument("--json", action="store_true", help="one JSON object a line")
    add_settings_argument(show)
