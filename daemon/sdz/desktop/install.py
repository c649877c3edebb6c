"""Installing and removing: nothing that a person changed is overwritten or taken away.

Both give the steps that they did, for people to read. With ``dry_run`` nothing is done, and the
steps are what would be.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sdz.desktop import databases
from sdz.desktop.databases import DATABASES, RunTool
from sdz.desktop.entries import Entry, Places, entries_for, magic_block
from sdz.desktop.magic import find_block, with_block, without_block
from sdz.desktop.manifest import Manifest, load, sha256
from sdz.files import write_aside


@dataclass(frozen=True, slots=True)
class Step:
    """``verb``: write, remove, run, gone; or keep and fail, where something was left undone.

    ``what``: a path or a command.
    """

    verb: str
    what: str
    why: str = ""

    @property
    def undone(self) -> bool:
        """Whether a person has to do something for this to be done."""
        return self.verb in ("keep", "fail")


CHANGED = "it was changed since it was installed"


def install(
    places: Places, python: str, *, run: RunTool = databases.run_tool, dry_run: bool = False
) -> list[Step]:
    """Write all entries and have the desktop take note; again does no harm."""
    manifest = load(places.manifest) or Manifest()
    wanted, steps = _settle(entries_for(places, python), manifest)
    magic, magic_steps = _settle_magic(places, manifest)
    steps += magic_steps
    if dry_run:
        steps += [Step("run", f"{base.tool} {places.data / base.folder}") for base in DATABASES]
        return steps
    for path in (places.manifest, *(entry.path for entry in wanted)):
        _note_folders(path.parent, manifest)
    manifest.files.update({str(entry.path): sha256(entry.content) for entry in wanted})
    if magic is not None:
        manifest.magic_sha256 = sha256(magic_block())
        manifest.magic_created |= not places.magic.exists()
    manifest.save(places.manifest)
    for entry in wanted:
        entry.path.parent.mkdir(parents=True, exist_ok=True)
        write_over(entry.path, entry.content)
    if magic is not None:
        write_over(places.magic, magic)
    for base in DATABASES:
        failure, made = databases.refresh(base, places.data, run)
        manifest.generated += [path for path in made if path not in manifest.generated]
        steps.append(_ran(base.tool, failure, base.package))
    manifest.save(places.manifest)
    return [*steps, *_icons(places, run)]


def remove(
    places: Places, *, run: RunTool = databases.run_tool, dry_run: bool = False
) -> list[Step]:
    """Take away what ``install`` wrote, where it still is as it was written."""
    manifest = load(places.manifest)
    if manifest is None:
        return []
    steps = [_removal(Path(path), digest) for path, digest in manifest.files.items()]
    gone = [Path(step.what) for step in steps if step.verb == "remove"]
    magic, magic_steps = _magic_removal(places, manifest)
    if dry_run:
        return [*steps, *magic_steps, Step("remove", str(places.manifest))]
    for path in gone:
        path.unlink(missing_ok=True)
    if magic is not None:
        if not magic and manifest.magic_created:
            places.magic.resolve().unlink()
        else:
            write_over(places.magic, magic)
    for base in DATABASES:
        if databases.is_all_ours(base, places.data, manifest.generated):
            _clear(base.folder, places, manifest)
        else:
            failure, _ = databases.refresh(base, places.data, run)
            steps.append(_ran(base.tool, failure, base.package))
            _clear(base.folder, places, manifest, files=False)  # it leaves its folders behind
    places.manifest.unlink()
    for folder in sorted(manifest.folders, key=len, reverse=True):
        with contextlib.suppress(OSError):  # not empty: others use it by now
            Path(folder).rmdir()
    return [*steps, *magic_steps, *_icons(places, run)]


def write_over(path: Path, content: bytes) -> None:
    """Replace a file's content at once, through a link if it is one, with its mode kept."""
    real = path.resolve()
    mode = real.stat().st_mode & 0o7777 if real.exists() else None
    write_aside(real, content, durable="no", mode=mode)


# --- what is to be done -------------------------------------------------------------------------


def _settle(entries: Iterable[Entry], manifest: Manifest) -> tuple[list[Entry], list[Step]]:
    """The entries that may be written, and what is to be said of all."""
    wanted, steps = [], []
    for entry in entries:
        found = _content(entry.path)
        ours = found in (None, entry.content) or (
            found is not None and manifest.files.get(str(entry.path)) == sha256(found)
        )
        if not ours:
            why = "it is there already and not ours; delete it to have it written"
            steps.append(Step("keep", str(entry.path), why))
            continue
        wanted.append(entry)
        steps.append(Step("write", str(entry.path)))
    return wanted, steps


def _settle_magic(places: Places, manifest: Manifest) -> tuple[bytes | None, list[Step]]:
    """The new text of ``~/.magic``, or None where it stays as it is."""
    path = places.magic
    if path.is_dir() or path.with_name(".magic.mgc").exists():
        what = "a folder" if path.is_dir() else "not read beside .magic.mgc"
        why = f"it is {what}; add the lines of docs/desktop.md to yours by hand"
        return None, [Step("keep", str(path), why)]
    text = _content(path) or b""
    block = find_block(text)
    if block not in (None, magic_block()) and sha256(block or b"") != manifest.magic_sha256:
        return None, [Step("keep", str(path), "its lines for sdz were changed by hand")]
    return with_block(text, magic_block()), [Step("write", str(path), "the lines for sdz")]


def _removal(path: Path, digest: str) -> Step:
    found = _content(path)
    if found is None:
        return Step("gone", str(path), "already")
    if sha256(found) != digest:
        return Step("keep", str(path), CHANGED)
    return Step("remove", str(path))


def _magic_removal(places: Places, manifest: Manifest) -> tuple[bytes | None, list[Step]]:
    """The text of ``~/.magic`` without our lines, or None where it stays as it is."""
    text = _content(places.magic) if manifest.magic_sha256 else None
    block = find_block(text or b"")
    if text is None or block is None:
        return None, []
    if sha256(block) != manifest.magic_sha256:
        return None, [Step("keep", str(places.magic), CHANGED)]
    return without_block(text), [Step("remove", str(places.magic), "the lines for sdz")]


def _content(path: Path) -> bytes | None:
    """What a file holds; None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _note_folders(folder: Path, manifest: Manifest) -> None:
    """Put the folders that must be made for this one on the list, outermost first."""
    missing: list[str] = []
    while not folder.exists():
        missing.append(str(folder))
        folder = folder.parent
    manifest.folders += [path for path in reversed(missing) if path not in manifest.folders]


# --- databases ----------------------------------------------------------------------------------


def _clear(folder: str, places: Places, manifest: Manifest, *, files: bool = True) -> None:
    """Delete what a tool had made: its files, and the folders that are empty then."""
    root = places.data / folder
    made = [path for path in map(Path, manifest.generated) if path.is_relative_to(root)]
    for path in sorted(made, key=lambda path: len(path.parts), reverse=True):
        with contextlib.suppress(OSError):
            if path.is_dir():
                path.rmdir()
            elif files:
                path.unlink()


def _ran(tool: str, failure: str | None, package: str) -> Step:
    if failure is None:
        return Step("run", tool)
    return Step("fail", tool, f"{failure}; install {package} and repeat this")


def _icons(places: Places, run: RunTool) -> list[Step]:
    done = databases.refresh_icons(places.data, run)
    return [_ran(done[0], done[1], "gtk-update-icon-cache")] if done else []
