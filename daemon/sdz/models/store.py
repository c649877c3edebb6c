"""The autoencoders on this machine: a folder for each, with a record of what was put there.

    <home>/models/<name>/config.json
                         diffusion_pytorch_model.safetensors
                         model.json        the record: class, channels, hashes, origin
    <home>/models/.partial/<name>@<revision>/   a pull that is not finished

``home``: see ``sdz.home``. A model is put together beside its place and
moved there with its record inside, so that it is there whole or not at all, and two programs
never edit the same record. Folders that are added are copied: pictures depend on these very
weights, and a folder elsewhere may be edited or moved. Needs neither torch nor numpy.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sdz.errors import (
    BadModel,
    BadModelName,
    BuiltInModel,
    ModelExists,
    ModelMissing,
    OutputError,
    UnknownModel,
    WeightsMismatch,
)
from sdz.home import models_folder
from sdz.models.known import BUILT_IN, CONFIG_FILE, KNOWN, WEIGHTS_FILE, Known
from sdz.models.layout import DiffusersKind, Layout, read_layout
from sdz.models.weights import decoder_sha256, file_sha256

RECORD_FILE = "model.json"
PARTIAL = ".partial"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it was installed. Size and time tell cheaply that it has not been touched."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A model's record. Latents are stored as (z - shift) * scaling; hashes are hex."""

    name: str
    kind: DiffusersKind
    channels: int
    factor: int
    scaling: float
    shift: float
    repo: str | None
    subfolder: str
    revision: str | None
    decoder_sha256: str
    files: dict[str, FileRecord]

    @property
    def folder(self) -> Path:
        """Where the model lies."""
        return models_folder() / self.name

    @property
    def weights_hash(self) -> bytes:
        """First 8 bytes of the decoder hash, as a picture's header has them."""
        return bytes.fromhex(self.decoder_sha256)[:8]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files.values())


def names() -> list[str]:
    """Names of the models that are installed, sorted; without looking into them."""
    folder = models_folder()
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if (entry / RECORD_FILE).is_file())


def check_name(name: str) -> None:
    """Raise BadModelName if a model may not have that name."""
    if not _NAME.fullmatch(name):
        raise BadModelName(name)


def find(name: str) -> Installed | None:
    """The record of a model, or None if it is not installed. Raises BadModel if it is damaged."""
    if not _NAME.fullmatch(name):
        return None
    path = models_folder() / name / RECORD_FILE
    try:
        fields = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise BadModel(str(path), f"its record cannot be read ({error})") from error
    return _parse(path, fields)


def _parse(path: Path, fields: Any) -> Installed:
    try:
        files = {key: FileRecord(**value) for key, value in fields.pop("files").items()}
        installed = Installed(files=files, **fields)
        bytes.fromhex(installed.decoder_sha256)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadModel(str(path), f"its record is incomplete ({error})") from error
    return installed


def require(name: str) -> Installed:
    """The record of a model that must be there. Raises ModelMissing or UnknownModel if not."""
    installed = find(name)
    if installed is not None:
        return installed
    if name in KNOWN:
        raise ModelMissing(name, f"sdz models pull {name}")
    raise UnknownModel(name, known_names())


def known_names() -> tuple[str, ...]:
    """Every name that can be used or pulled: built in, on the hub, installed."""
    return (BUILT_IN, *KNOWN, *(name for name in names() if name not in KNOWN))


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


def untouched(installed: Installed) -> bool:
    """True if every file has the size and time it was installed with."""
    for file, record in installed.files.items():
        try:
            status = (installed.folder / file).stat()
        except OSError:
            return False
        if (status.st_size, status.st_mtime_ns) != (record.size, record.mtime_ns):
            return False
    return True


def verify(installed: Installed) -> None:
    """Hash all files again. Raises WeightsMismatch if one is not what was installed."""
    for file, record in installed.files.items():
        path = installed.folder / file
        try:
            found = file_sha256(path)
        except OSError as error:
            raise BadModel(str(installed.folder), f"{file} cannot be read ({error})") from error
        if found != record.sha256:
            raise WeightsMismatch(installed.name, record.sha256, found)
