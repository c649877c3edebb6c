"""``sdz completion``: what a shell needs to complete ``sdz`` and its options.

Made from the same parsers as --help, by shtab.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from sdz.commands.console import DONE
from sdz.commands.waiting import resting
from sdz.media import SDZ_SUFFIX
from sdz.models import BUILT_IN, KNOWN

SHELLS = ("bash", "zsh", "fish")
_PATHS = ("SRC", "DST", "FILE", "OUT", "DIR", "FOLDER")
_FOLDERS = ("DST", "DIR", "FOLDER")
_PACKED = "FILE"
"""What a ``.sdz`` file is called in the help of the commands that read one."""
_CLIENTS = {
    "bash": "_sdz_clients",
    "zsh": "_sdz_clients",
    "fish": "(sdz clients --names 2>/dev/null)",
    "preamble": {
        "bash": """
# The names of clients, which have blanks: one a line, quoted; $1 is what was typed of one.
_sdz_clients() {
  local name quoted
  while IFS= read -r name; do
    printf -v quoted '%q' "$name"
    if [[ $name == "$1"* || $quoted == "$1"* ]]; then printf '%s\\n' "$quoted"; fi
  done < <(sdz clients --names 2>/dev/null)
}""",
        "zsh": """
_sdz_clients() {
  local -a names
  names=("${(@f)$(sdz clients --names 2>/dev/null)}")
  compadd -a names
}""",
    },
}
"""Who may be revoked, asked for when Tab is pressed."""


def run(args: argparse.Namespace) -> int:
    """Print the script for ``args.shell``."""
    import shtab

    parser = args.whole_parser()
    for one in parsers_of(parser):
        for action in one._actions:
            _say_what_it_takes(one.prog, action)
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


def _say_what_it_takes(prog: str, action: argparse.Action) -> None:
    """Have paths and names completed as such: argparse knows but the word in the help."""
    import shtab

    if action.dest == "model" or (prog.startswith("sdz models") and action.dest == "names"):
        # For the script alone, which asks nobody: a name that is not among them may be typed.
        action.choices = (BUILT_IN, *KNOWN)
        return
    word = action.metavar or action.dest.upper()
    if prog == "sdz revoke" and action.dest == "sources":
        action.complete = _CLIENTS  # type: ignore[attr-defined]
    elif word == _PACKED and not action.option_strings:
        # zsh takes shtab's (*.sdz) for qualifiers of a pattern, and finds nothing.
        zsh = f"_files -g '*{SDZ_SUFFIX}'"
        packed = {**shtab.glob(f"*{SDZ_SUFFIX}"), "zsh": zsh}
        action.complete = packed  # type: ignore[attr-defined]
    elif isinstance(word, str) and word in _PATHS:
        kind = shtab.DIRECTORY if word in _FOLDERS else shtab.FILE
        action.complete = kind  # type: ignore[attr-defined]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz completion``."""
    parser.add_argument("shell", choices=SHELLS)
