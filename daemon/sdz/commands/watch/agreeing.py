"""Asking before originals go to the trash: once for each folder, where a person answers."""

from __future__ import annotations

import sys

from sdz.commands.console import say
from sdz.commands.waiting import resting
from sdz.home import watch_folder
from sdz.watch.claim import folder_id
from sdz.watch.folder import FolderOptions, Originals


def agreed(options: FolderOptions) -> bool:
    """Whether the originals of a folder may go where its options say."""
    mark = watch_folder() / folder_id(options.root) / "trash-agreed"
    if options.originals is not Originals.TRASH or mark.exists():
        return True
    kept = _kept(options)
    say(
        f"sdz: {options.root}: each picture goes to the trash once its .sdz is written and has "
        f"been decoded again; {kept}. sdz watch undo brings pictures back as long as the trash is "
        "not emptied.",
        sys.stderr,
    )
    if sys.stdin.isatty() and sys.stderr.isatty():
        say("sdz: move the originals to the trash? [y/N]", sys.stderr)
        with resting():
            answer = sys.stdin.readline()
        if answer.strip().lower() not in ("y", "yes"):
            return False
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch()
    return True


def _kept(options: FolderOptions) -> str:
    if not options.wish.keep_metadata:
        return "EXIF and XMP are in the trash then, too (--keep-metadata keeps them)"
    if not options.wish.keep_location:
        return "EXIF and XMP are kept, the place is not (--keep-location keeps it)"
    return "EXIF and XMP are kept, with the place"
