"""``sdz completion``: what a shell needs to complete ``sdz`` and its options.

Made from the same parsers as --help, by shtab.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from sdz.commands.console import DONE
from sdz.commands.waiting import resting
from sdz.models import BUILT_IN, KNOWN

SHELLS = ("bash", "zsh", "fish")
_FILES = ("SRC", "DST", "FILE", "OUT", "DIR", "FOLDER")
_FOLDERS = ("DST", "DIR", "FOLDER")


def run(args: argparse.Namespace) -> int:
    """Print the script for ``args.shell``."""
    import shtab

    parser = args.whole_parser()
    for one in parsers_of(parser):
        for action in one._actions:
            _say_what_it_takes(action)
    script = shtab.complete(parser, args.shell)
    with resting():
        sys.stdout.write(f"{script}\n")
    return DONE


def parsers_of(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser and those of all its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers_of(below)


def _say_what_it_takes(action: argparse.Action) -> None:
    """Have paths completed as such. argparse knows no better than the word in the help."""
    import shtab

    if action.dest == "model" or action.dest == "names":
        # For the script alone, which asks nobody: a name that is not among them may be typed.
        action.choices = (BUILT_IN, *KNOWN)
        return
    word = action.metavar or action.dest.upper()
    if isinstance(word, str) and word in _FILES:
        kind = shtab.DIRECTORY if word in _FOLDERS else shtab.FILE
        action.complete = kind  # type: ignore[attr-defined]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz completion``."""
    parser.add_argument("shell", choices=SHELLS)
