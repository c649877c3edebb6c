"""Putting autoencoders on this machine, a folder for each, and taking them away.

    <home>/models/<name>/                       see ``records.py``
    <home>/models/.partial/<name>@<revision>/   a pull that is not finished

A model is put together beside its place and moved there with its record inside, so that it is
there whole or not at all, and two programs never edit the same record. Folders that are added are
copied: pictures depend on these very weights, and a folder elsewhere may be edited or moved. Needs
neither torch nor numpy.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from sdz.errors import (
    BadModel,
    BuiltInModel,
    ModelExists,
    OutputError,
    WeightsMismatch,
)
from sdz.home import models_folder
from sdz.models.known import BUILT_IN, CONFIG_FILE, KNOWN, WEIGHTS_FILE, Known
from sdz.models.layout import Layout, read_layout
from sdz.models.records import RECORD_FILE, FileRecord, Installed, check_name, find, require
from sdz.models.weights import decoder_sha256, file_sha256

PARTIAL = ".partial"


def add(folder: Path, name: str) -> Installed:
    """Install a local folder in diffusers layout under ``name``; it is copied.

    The name of a known model may be given to a copy of it, for machines without a connection: it
    is then held to what is pinned of that model. Raises BadModel, BadModelName, ModelExists,
    BuiltInModel, WeightsMismatch, or OutputError if it cannot be written.
    """
    check_name(name)
    if name == BUILT_IN:
        raise BuiltInModel(name)
    if (models_folder() / name).exists():
        raise ModelExists(name)
    layout = read_layout(folder)
    try:
        models_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".add-", dir=models_folder()) as beside:
            staged = Path(beside) / name
            staged.mkdir()
            shutil.copyfile(layout.folder / CONFIG_FILE, staged / CONFIG_FILE)
            shutil.copyfile(layout.weights, staged / WEIGHTS_FILE)
            return install(staged, name)
    except OSError as error:
        where = str(error.filename or models_folder())
        raise OutputError(where, error.strerror or str(error)) from error


def install(staged: Path, name: str, revision: str | None = None) -> Installed:
    """Move a folder in diffusers layout, on the store's own disk, into its place.

    Replaces an older copy. ``revision``: the hub's, for a model that was pulled.
    Raises BadModel, or WeightsMismatch if the weights are not those that are pinned, or not those
    of the older copy of the same revision where none are pinned (trust on first use).
    """
    layout = read_layout(staged)
    files = {file: _record(staged / file) for file in (CONFIG_FILE, WEIGHTS_FILE)}
    known = KNOWN.get(name)
    if known is not None:
        _check_pins(known, layout, files[WEIGHTS_FILE].sha256)
        _check_first_use(known, revision, files[WEIGHTS_FILE].sha256)
    installed = Installed(
        name=name,
        kind=layout.kind,
        channels=layout.channels,
        factor=layout.factor,
        scaling=layout.scaling,
        shift=layout.shift,
        repo=known.repo if known else None,
        subfolder=known.subfolder if known else "",
        revision=revision,
        decoder_sha256=decoder_sha256(layout.weights).hex(),
        files=files,
    )
    record = json.dumps(asdict(installed), indent=1) + "\n"
    (staged / RECORD_FILE).write_text(record, encoding="utf-8")
    _move_into_place(staged, models_folder() / name)
    return installed


def _record(path: Path) -> FileRecord:
    status = path.stat()
    return FileRecord(status.st_size, status.st_mtime_ns, file_sha256(path))


def _check_pins(known: Known, layout: Layout, sha256: str) -> None:
    wanted = (known.kind, known.channels, known.factor)
    found = (layout.kind, layout.channels, layout.factor)
    if wanted != found:
        raise BadModel(
            str(layout.folder),
            f"{known.name} is class {wanted[0]} with {wanted[1]} channels at 1/{wanted[2]}, "
            f"found {found[0]} with {found[1]} at 1/{found[2]}",
        )
    if known.weights_sha256 not in (None, sha256):
        raise WeightsMismatch(known.name, str(known.weights_sha256), sha256)


def _check_first_use(known: Known, revision: str | None, sha256: str) -> None:
    """Hold weights without a pinned hash to those of the same revision that came first."""
    try:
        earlier = find(known.name)
    except BadModel:
        return
    if known.weights_sha256 is None and earlier is not None and earlier.revision == revision:
        expected = earlier.files[WEIGHTS_FILE].sha256
        if expected != sha256:
            raise WeightsMismatch(known.name, expected, sha256)


def _move_into_place(staged: Path, place: Path) -> None:
    """Rename, after moving aside what may be there (a folder cannot be replaced at once)."""
    aside = Path(tempfile.mkdtemp(prefix=".old-", dir=place.parent))
    try:
        if place.exists():
            place.rename(aside / place.name)
        staged.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def remove(name: str) -> None:
    """Delete an installed model and what is left of unfinished pulls of it."""
    if name == BUILT_IN:
        raise BuiltInModel(name)
    check_name(name)
    place = models_folder() / name
    partial = list((models_folder() / PARTIAL).glob(f"{name}@*"))
    if not place.exists() and not partial:
        require(name)  # names the reason
    for folder in partial:
        shutil.rmtree(folder)
    if place.exists():
        aside = Path(tempfile.mkdtemp(prefix=".old-", dir=place.parent))
        place.rename(aside / name)
        shutil.rmtree(aside)
