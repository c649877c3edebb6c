"""``sdz open``: a picture in the viewer that shows the user's other pictures.

Viewers do not know ``.sdz``, so they are handed a PNG of it in the user's cache. It can only be
read: who changes it in the viewer is asked for another name, and loses nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from sdz.commands.console import DONE, reason_of
from sdz.commands.daemon_choice import add_no_daemon
from sdz.commands.waiting import at_work, resting
from sdz.errors import OutputError, SdzError
from sdz.home import cache_folder
from sdz.names import output_names
from sdz.progress import part

KEPT_S = 24 * 3600.0
"""How long a decoded picture is kept; a viewer may read it again."""

_PREFIX = "sdz-"
_LINUX = (("xdg-open",), ("gio", "open"))
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def run(args: argparse.Namespace) -> int:
    """Decode one file and hand it to the viewer; see ``sdz open --help``."""
    try:
        with at_work(args.source):
            picture = _as_png(Path(args.source), no_daemon=args.no_daemon)
        with resting():  # a viewer may be as long in coming back as it is open
            view(picture)
    except (SdzError, OSError) as error:
        _notify(f"{Path(args.source).name} could not be opened", reason_of(error))
        raise
    return DONE


def _as_png(source: Path, *, no_daemon: bool) -> Path:
    """Where a PNG of the picture is now."""
    from sdz.commands.decode import decoded, save_as

    image = decoded(source.read_bytes(), no_daemon=no_daemon)
    with part("writing"):
        picture = save_as(image, "png")
    folder = cache_folder("opened")
    prune(folder, time.time())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A folder of its own, so that the viewer's title has the picture's name.
    name = next(output_names(source.name or "picture", ".png"))
    place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder)) / name
    place.write_bytes(picture)
    place.chmod(0o400)
    return place


def prune(folder: Path, now: float) -> None:
    """Delete what was opened more than a day ago."""
    for old in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another sdz open deletes them too
            if old.lstat().st_mtime < now - KEPT_S:
                shutil.rmtree(old)


def view(picture: Path) -> None:
    """Show a picture file in its usual viewer. Raises OutputError where there is none."""
    if sys.platform == "win32":
        os.startfile(picture)
        return
    commands = (("open",),) if sys.platform == "darwin" else _LINUX
    # Without a screen xdg-open tries one browser after the other and then says that it did well.
    if sys.platform.startswith("linux") and not any(os.environ.get(word) for word in _SCREENS):
        reason = f"there is no screen ({' and '.join(_SCREENS)} are not set)"
        raise OutputError("to a viewer", f"{reason}; the picture is {picture}")
    said = ""
    for command in commands:
        if shutil.which(command[0]) is None:
            continue
        with tempfile.TemporaryFile() as words:  # no pipe: the viewer may keep it open
            done = subprocess.run([*command, str(picture)], check=False, stderr=words)
            if done.returncode == 0:
                return
            words.seek(0)
            said = said or _last_line(words.read(1 << 16))
    names = " and ".join(" ".join(command) for command in commands)
    raise OutputError("to a viewer", f"{names} did not open one{said}; the picture is {picture}")


def _last_line(words: bytes) -> str:
    """What a program ended with, in brackets; nothing where it said nothing."""
    lines = words.decode(errors="replace").split("\n")
    return next((f" ({line.strip()[:200]})" for line in reversed(lines) if line.strip()), "")


def _notify(title: str, reason: str) -> None:
    """Say it on the desktop too, where nobody sees standard error."""
    if sys.stderr.isatty() or shutil.which("notify-send") is None:
        return
    command = ["notify-send", "--app-name=sdz", "--icon=image-x-sdz", "--", title, reason]
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz open``."""
    parser.add_argument("source", metavar="FILE", help="a .sdz file")
    add_no_daemon(parser)
