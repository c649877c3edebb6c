"""The parser of the command line, which says what was probably meant.

A word that is not known is answered with the nearest that is, and with the usage of the command it
was given to: argparse itself would show the first level's, which says nothing of the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from sdz.commands.waiting import resting
from sdz.printable import printable

_ALIKE = 0.6
_SURELY = 0.8
"""How alike two words are of which one may, and one must, be a slip of the other (difflib)."""


class Parser(argparse.ArgumentParser):
    """Says what words it cannot take, among which are names of files."""

    def error(self, message: str) -> NoReturn:
        """End with the usage and a message, escaped."""
        super().error(printable(message))

    def _print_message(self, message: str, file: Any = None) -> None:
        with resting():
            super()._print_message(message, file)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            error.message += meant(str(value), map(str, action.choices or ()))
            raise


def read(parser: Parser, words: Sequence[str], names: Sequence[str]) -> argparse.Namespace:
    """What the words say. Ends the process, with what was probably meant, where they say nothing.

    names: of all commands, of one word or two.
    """
    first = words[0] if words else ""
    if first and not first.startswith("-") and first not in names:
        guess = meant(first, names) or "; all there are: sdz --help"
        parser.error(f"no command is called {first!r}{guess}")
    if len(words) > 1 and not Path(words[1]).exists():
        two = get_close_matches(f"{first} {words[1]}", _below(first, names), 1, _SURELY)
        if two:
            parser.error(f"{words[1]!r} is not there; did you mean sdz {two[0]}?")
    for word in words[1 : words.index("--") if "--" in words else None]:
        if word.startswith("-") and word != "-" and Path(word).is_file():
            parser.error(f"{word!r} is a file, and begins as options do: write ./{word}")
    args, unknown = parser.parse_known_args(words)
    if unknown:
        innermost = _innermost(parser, args)
        options = list(_options(innermost))
        said = ", ".join(f"{word}{meant(word.partition('=')[0], options)}" for word in unknown)
        innermost.error(f"not known here: {said}")
    return args


def meant(word: str, known: Iterable[str]) -> str:
    """A question to add to a message, where one of the known words is much like ``word``."""
    near = get_close_matches(word, list(known), 1, _ALIKE)
    return f"; did you mean {near[0]}?" if near else ""


def _below(first: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith(f"{first} ")]


def _innermost(parser: argparse.ArgumentParser, args: argparse.Namespace) -> Any:
    """The parser of the command, or of the action, that was named."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            name = getattr(args, action.dest, None)
            if name in action.choices:
                return _innermost(action.choices[name], args)
    return parser


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
