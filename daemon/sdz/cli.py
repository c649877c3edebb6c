"""The command line: which words there are, and which command they call.

Nothing heavy is imported before a command needs it, so that ``sdz info`` answers at once.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from sdz.commands.console import (
    SOME_FAILED,
    USAGE,
    ended_by_signals,
    exit_code_of,
    have_streams,
    reason_of,
    say,
)
from sdz.commands.parser import Parser, read
from sdz.commands.waiting import waiting
from sdz.errors import BadOption, SdzError, UnknownModel
from sdz.version import __version__


class Command(NamedTuple):
    """A command: its words, one line of help, and its module in ``sdz.commands``.

    The module fills the parser with ``add_arguments`` and has ``run``; where it has several
    commands, ``part`` is in these names: ``add_PART_arguments``, ``run_PART``.
    """

    name: str
    about: str
    module: str = ""
    part: str = ""

    def fill(self, parser: argparse.ArgumentParser) -> None:
        """Read the command's own words in, which loads its module."""
        module = import_module(f"sdz.commands.{self.module or self.name}")
        part = f"{self.part}_" if self.part else ""
        getattr(module, f"add_{part}arguments")(parser)
        run = getattr(module, f"run_{self.part}" if self.part else "run")
        parser.set_defaults(run=run, whole_parser=whole_parser)


_NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC)

COMMANDS = (
    Command("encode", "compress pictures to .sdz files"),
    Command("batch", "compress a folder or bucket of pictures on a Ray cluster"),
    Command("decode", "turn .sdz files back into pictures", "decode", "decode"),
    Command("export", "a folder of .sdz files as pictures that other programs read"),
    Command("preview", "a small picture at once, without any weights", "decode", "preview"),
    Command("open", "show a .sdz file in the usual picture viewer"),
    Command("info", "what a .sdz file says of itself"),
    Command("watch", "keep the pictures of folders as .sdz files", "watch.watch"),
    Command("watch status", "the watched folders, and how far each is", "watch.status"),
    Command("watch retry", "try files of a watched folder again", "watch.amend", "retry"),
    Command("watch undo", "bring the last originals back from the trash", "watch.amend", "undo"),
    Command("watch report", "what a folder has saved: a page and a table", "watch.report"),
    Command("watch pause", "have watched folders wait", "watch.amend", "pause"),
    Command("watch resume", "have folders go on that wait", "watch.amend", "resume"),
    Command("models", "the autoencoders: list, pull, add, remove, verify"),
    Command("publish", "make pictures or pages ready for the web, for every visitor"),
    Command("bench", "how fast this machine encodes and decodes"),
    Command("serve", "start the daemon"),
    Command("status", "whether the daemon runs, and how it is doing"),
    Command("dashboard", "open the daemon's dashboard in the browser"),
    Command("pair", "let a browser extension or a program use the daemon", "pair", "pair"),
    Command("clients", "who may use the daemon", "pair", "clients"),
    Command("revoke", "end what sdz pair began", "pair", "revoke"),
    Command("doctor", "what works here, and what to do about the rest", "doctor.doctor"),
    Command("config", "the settings, and where they came from"),
    Command("service", "have the system start the daemon at login"),
    Command("desktop", "file types, thumbnails and opening, for file managers"),
    Command("completion", "print what a shell needs to complete sdz"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``sdz`` with these words (default: the process's own); the exit code.

    0 done; 1 some inputs failed, each named on standard error; 2 usage; 130 stopped by Ctrl-C,
    143 by SIGTERM.
    """
    try:
        have_streams()
        with ended_by_signals():
            return _run(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt as stop:
        say("sdz: stopped", sys.stderr)
        return exit_code_of(stop)


def _run(words: list[str]) -> int:
    # Threads of torch that wait by spinning take the processor from those that work: on two busy
    # cores a decode of 768x512 took 468 ms with the default and 117 ms with this.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if " ".join(words[:2]) in [
        command.name for command in COMMANDS
    ]:  # one of two words, such as watch status
        words[:2] = [" ".join(words[:2])]
    try:
        with waiting(words[0] if words else "sdz"):
            parser = _parser(words[0] if words else "")
            args = read(parser, words, [command.name for command in COMMANDS])
            _check(parser, args)
            return int(args.run(args))
    except (BadOption, UnknownModel) as error:
        say(f"sdz: {error}", sys.stderr)
        return USAGE
    except (
        BrokenPipeError
    ):  # as in `sdz info *.sdz | head`: what is left in the buffer goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except (SdzError, OSError) as error:
        say(f"sdz: {_words_of(error)}", sys.stderr)
        return SOME_FAILED


def _words_of(error: SdzError | OSError) -> str:
    """What is wrong with the whole command: where, and the way out where it is our own folder."""
    if not isinstance(error, OSError) or error.filename is None:
        return reason_of(error)
    from sdz.home import home

    where = os.fsdecode(error.filename)
    words = f"{where}: {reason_of(error)}"
    at, ours = Path(where).absolute(), home().absolute()
    on_the_way = at.is_relative_to(ours) or ours.is_relative_to(at)
    if error.errno in _NOT_WRITABLE and on_the_way:
        words += "; set SDZ_HOME to a folder of your own that can be written to"
    return words


def _parser(wanted: str) -> Parser:
    """The parser; only the wanted command's own words are read in (the others' modules wait)."""
    parser, commands = _bare_parser()
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.about, description=command.about)
        if command.name == wanted:
            command.fill(sub)
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """All words of all commands in one parser: what completions and the manual page are made from.

    A command of two words is put below its first one.
    """
    parser, commands = _bare_parser()
    below: dict[str, Any] = {}
    for command in COMMANDS:
        first, _, second = command.name.partition(" ")
        if second and first not in below:
            below[first] = commands.choices[first].add_subparsers(dest="action", metavar="COMMAND")
        group = below[first] if second else commands
        command.fill(
            group.add_parser(second or first, help=command.about, description=command.about)
        )
    return parser


def _bare_parser() -> tuple[Parser, Any]:
    parser = Parser(prog="sdz", description="Pictures as the latents of an image autoencoder.")
    parser.add_argument("--version", action="version", version=f"sdz {__version__}")
    return parser, parser.add_subparsers(dest="command", required=True, metavar="COMMAND")


def _check(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    several = len(getattr(args, "sources", ())) > 1
    if several and getattr(args, "out", None) is not None:
        parser.error("--out is for one source; use --out-dir for several")
