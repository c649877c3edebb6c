"""What is installed: the record that lies with each model, read and compared with its files.

    <home>/models/<name>/config.json
                         diffusion_pytorch_model.safetensors
                         model.json        the record: class, channels, hashes, origin

``home``: see ``sdz.home``. ``store.py`` puts models there. Needs neither torch nor numpy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdz.container import is_model_name
from sdz.errors import BadModel, BadModelName, ModelMissing, UnknownModel, WeightsMismatch
from sdz.home import models_folder
from sdz.models.known import BUILT_IN, KNOWN, DiffusersKind
from sdz.models.weights import file_sha256

RECORD_FILE = "model.json"


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


def installed_names() -> list[str]:
    """Names of the models that are installed, sorted; without looking into them."""
    folder = models_folder()
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if (entry / RECORD_FILE).is_file())


def check_name(name: str) -> None:
    """Raise BadModelName if a model may not have that name."""
    if not is_model_name(name):
        raise BadModelName(name)


def find(name: str) -> Installed | None:
    """The record of a model, or None if it is not installed. Raises BadModel if it is damaged."""
    if not is_model_name(name):
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
    return (BUILT_IN, *KNOWN, *(name for name in installed_names() if name not in KNOWN))


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
