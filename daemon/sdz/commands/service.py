"""``sdz service install|remove``: have the system start the daemon with the user's session."""

from __future__ import annotations

import argparse
import getpass
import os
import subprocess
import sys
from pathlib import Path

from sdz import children
from sdz.commands.console import DONE, SOME_FAILED, say, say_block
from sdz.files import write_private
from sdz.service.process.service_units import Unit, launchd_agent, systemd_unit, windows_task


def run(args: argparse.Namespace) -> int:
    """Write the unit and tell the system, or undo it; ``--dry-run`` only prints."""
    unit = unit_for(sys.platform)
    commands = unit.install if args.action == "install" else unit.remove
    if args.dry_run:
        say_block(f"# {unit.path}\n{unit.text}", sys.stdout)
        for command in commands:
            say(f"# {' '.join(command)}", sys.stdout)
        return DONE
    path = Path(unit.path)
    if args.action == "install":
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, unit.text)
    done = [_tell(command) for command in commands]
    if args.action == "remove":
        path.unlink(missing_ok=True)
    elif not all(done):
        say(f"sdz: wrote {path}, but the system did not take it", sys.stderr)
    return DONE if all(done) else SOME_FAILED


def unit_for(platform: str) -> Unit:
    """The unit for a platform (as ``sys.platform`` names it) and this user."""
    command = [*children.program("sdz"), "serve"]
    names = sorted(name for name in os.environ if name.startswith("SDZ_"))
    environment = {name: os.environ[name] for name in names}
    home = Path.home()
    if platform == "darwin":
        return launchd_agent(command, home, environment, os.getuid())
    if platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", home)) / "sdz"
        return windows_task(command, folder, getpass.getuser())
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return systemd_unit(command, config, environment)


def _tell(command: tuple[str, ...]) -> bool:
    try:
        return subprocess.run(command, check=False).returncode == 0
    except FileNotFoundError:
        say(f"sdz: {command[0]} was not found", sys.stderr)
        return False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz service``."""
    parser.add_argument("action", choices=("install", "remove"))
    parser.add_argument("--dry-run", action="store_true", help="print what would be done")
