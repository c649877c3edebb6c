"""The manual page, from the parsers that --help comes from: python scripts/man.py > docs/sdz.1

Written by hand rather than by argparse's own formatter, whose lines differ from one Python to the
next and with the terminal's width.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from sdz.cli import whole_parser
from sdz.version import __version__

ABOUT = """\
keeps pictures as the latents of an image autoencoder, at a fraction of a JPEG's size, in
files that are called *.sdz*. A small autoencoder, lite-1, is built in; others are used where they
are installed. A decoded picture is a reconstruction: every file says what its encoder measured.
"""
EXIT = (
    ("0", "Done."),
    ("1", "Some inputs failed, each named on standard error; the others were done."),
    ("2", "The command line was not understood; nothing was done."),
    ("130", "Ended by Ctrl-C, as the daemon and sdz watch are too. What was written is whole."),
    ("143", "Ended by SIGTERM, likewise."),
)
ENVIRONMENT = (
    ("SDZ_HOME", "The folder for models, settings and the daemon's state, instead of the user's."),
    ("SDZ_SECTION_KEY", "A setting, such as SDZ_ENGINE_KEEP_ALIVE=10m; see sdz config show."),
)


def main() -> None:
    print(page(), end="")


def page() -> str:
    """The page as troff, without a date: it changes with the program and not with the day."""
    parser = whole_parser()
    lines = [f'.TH SDZ 1 "" "sdz {__version__}" "User Commands"', ".SH NAME"]
    lines += [f"sdz \\- {text(parser.description or '')}", ".SH SYNOPSIS"]
    lines += [".B sdz", ".I COMMAND", ".RI [ OPTION ...]", ".SH DESCRIPTION", ".B sdz"]
    lines += [text(line).replace("*.sdz*", "\\fI*.sdz\\fR") for line in ABOUT.splitlines()]
    lines += [".SH COMMANDS"]
    for name, command, summary in commands(parser):
        lines += section(name, command, summary)
    for title, rows in (("EXIT STATUS", EXIT), ("ENVIRONMENT", ENVIRONMENT)):
        lines += [f".SH {title}"]
        for word, meaning in rows:
            lines += [".TP", f".B {text(word)}", text(meaning)]
    return "\n".join([*lines, ""])


def commands(
    parser: argparse.ArgumentParser, before: str = "sdz"
) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """(name, parser, summary) of every command, those below others too."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for word, command in action.choices.items():
                name = f"{before} {word}"
                yield name, command, told.get(word, "")
                yield from commands(command, name)


def section(name: str, command: argparse.ArgumentParser, summary: str) -> list[str]:
    words = [synopsis(action) for action in positionals(command)]
    options = [action for action in command._actions if action.option_strings]
    shown = [action for action in options if not isinstance(action, argparse._HelpAction)]
    usage = f"\\fB{text(name)}\\fR" + (" [\\fIOPTION\\fR...]" if shown else "")
    lines = [f".SS {text(name)}", f"{text(summary)[:1].upper()}{text(summary)[1:]}.", ".PP"]
    lines += [" ".join([usage, *words])]
    for action in [*positionals(command), *shown]:
        if action.help:
            lines += [".TP", heading(action), text(action.help.replace("%%", "%"))]
        elif action.option_strings:
            lines += [".TP", heading(action), f"{text(value_of(action))}."]
    return lines


def positionals(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return [
        action
        for action in command._actions
        if not action.option_strings and not isinstance(action, argparse._SubParsersAction)
    ]


def synopsis(action: argparse.Action) -> str:
    word = f"\\fI{text(value_of(action))}\\fR"
    return {"+": f"{word}...", "*": f"[{word}...]", "?": f"[{word}]"}.get(str(action.nargs), word)


def heading(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"\\fI{text(value_of(action))}\\fR"
    value = "" if action.nargs == 0 else f" \\fI{text(value_of(action))}\\fR"
    return ", ".join(f"\\fB{text(word)}\\fR{value}" for word in action.option_strings)


def value_of(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def text(words: str) -> str:
    """Escaped for troff: backslashes, hyphens that may be copied, a dot or quote at a beginning."""
    escaped = words.replace("\\", "\\e").replace("-", "\\-").replace("—", "\\(em")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


if __name__ == "__main__":
    main()
