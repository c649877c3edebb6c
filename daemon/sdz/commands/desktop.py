"""``sdz desktop install|remove``: file types, icon, thumbnails and opening, for file managers."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from sdz.commands.console import DONE, SOME_FAILED, say
from sdz.desktop.entries import places_of
from sdz.desktop.install import Step, install, remove
from sdz.errors import BadOption

_SAID = {"write": "wrote", "remove": "removed", "run": "ran"}
_OTHERS = {"darwin": "macOS", "win32": "Windows"}


def run(args: argparse.Namespace) -> int:
    """Install or remove; 1 where something was left undone, each thing named."""
    if sys.platform in _OTHERS:
        expected = "a desktop of freedesktop.org (Linux, BSD); see docs/desktop.md"
        raise BadOption("sdz desktop", expected, _OTHERS[sys.platform])
    places = places_of(os.environ, Path.home())
    if args.action == "install":
        steps = install(places, sys.executable, dry_run=args.dry_run)
    else:
        steps = remove(places, dry_run=args.dry_run)
    if not steps:
        say("nothing is installed", sys.stdout)
    for step in steps:
        say(_line(step, dry_run=args.dry_run), sys.stderr if step.undone else sys.stdout)
    if args.action == "install" and (note := sandbox_note()):
        say(note, sys.stderr)
    return SOME_FAILED if any(step.undone for step in steps) else DONE


def _line(step: Step, *, dry_run: bool) -> str:
    if step.undone:
        return (
            f"sdz: {step.what}: {'left as it is' if step.verb == 'keep' else 'not run'}: {step.why}"
        )
    verb = f"would {step.verb}" if dry_run else _SAID.get(step.verb, step.verb)
    return f"{verb} {step.what}" + (f" ({step.why})" if step.why else "")


def sandbox_note() -> str | None:
    """What to know where GNOME's file manager cannot see this installation; else None.

    It runs thumbnailers in bubblewrap with nothing but /usr and the picture in sight.
    """
    parts = (sys.prefix, sys.base_prefix, __file__)
    seen = all(Path(part).resolve().is_relative_to("/usr") for part in parts)
    if seen or shutil.which("bwrap") is None:
        return None
    return (
        "sdz: note: GNOME Files makes thumbnails only with programs below /usr, and this sdz is in "
        f"{sys.prefix}; docs/desktop.md says how to install it there. Other file managers are fine."
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz desktop``."""
    parser.add_argument("action", choices=("install", "remove"))
    parser.add_argument("--dry-run", action="store_true", help="print what would be done")
