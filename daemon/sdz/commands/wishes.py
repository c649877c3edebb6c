"""The words that say what is to be made of a picture, from the rows of a wish."""

from __future__ import annotations

import argparse
from typing import Any

from sdz.units import parse_bytes
from sdz.wish import ROWS, Row, Wish


def add_wishes(parser: argparse.ArgumentParser, *, watched: bool = False) -> None:
    """Add a word for every field. watched: as a watched folder has them."""
    one_of = parser.add_mutually_exclusive_group()
    for row in ROWS:
        if row.watched or not watched:
            (one_of if row.goal else parser).add_argument(
                f"--{row.name.replace('_', '-')}",
                help=_help(row, watched=watched),
                **_kind(row, watched=watched),
            )


def _help(row: Row, *, watched: bool) -> str | None:
    if watched and row.watch_help != "":
        return row.watch_help
    return row.help or row.about


def _kind(row: Row, *, watched: bool) -> dict[str, Any]:
    if row.kind is bool and row.unasked(watched=watched):
        return {"action": argparse.BooleanOptionalAction, "default": True}
    if row.kind is bool:
        return {"action": "store_true"}
    if row.choices:
        return {"choices": list(row.choices), "default": row.default}
    if row.kind is str:
        return {"default": row.default}
    return {"type": _size if row.size else row.kind, "default": row.default, "metavar": row.metavar}


def _size(text: str) -> int:
    try:
        return parse_bytes(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected bytes, or a size such as 20KB, 1.5MB or 100KiB, found {text!r}"
        ) from None


def asked_of(args: argparse.Namespace) -> dict[str, Any]:
    """What the words of ``add_wishes`` said, field by field."""
    return {row.name: getattr(args, row.name) for row in ROWS if hasattr(args, row.name)}


def wish_of(args: argparse.Namespace) -> Wish:
    """What the words of ``add_wishes`` ask for. Raises BadOption."""
    return Wish(**asked_of(args))
