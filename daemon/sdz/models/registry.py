"""Names to autoencoders: describing, loading and listing them.

``describe`` and ``list_models`` need no torch; ``load`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from sdz.container import Header
from sdz.errors import BadModel, UnknownModel
from sdz.extras import need
from sdz.models import editions, lite, lite_tables, preview_tables, records, store
from sdz.models.able import require_reader
from sdz.models.description import Description, PreviewTable
from sdz.models.known import BUILT_IN, KNOWN, Family, family_of
from sdz.models.quantiser import UniformQuantiser
from sdz.models.records import Installed

if TYPE_CHECKING:
    from sdz.codec.autoencoder import Autoencoder

State = Literal["built-in", "installed", "missing", "damaged"]

_TABLES: dict[Family, preview_tables.Rows] = {
    "sd1": preview_tables.SD1,
    "sdxl": preview_tables.SDXL,
    "sd3": preview_tables.SD3,
    "flux": preview_tables.FLUX,
}


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A line of ``sdz models``. ``size`` in bytes; ``weights_hash`` 16 hex digits, or None."""

    name: str
    state: State
    size: int
    repo: str | None
    weights_hash: str | None


def describe(name: str) -> Description:
    """What is known of a model, installed or not. Raises UnknownModel, or BadModel if damaged."""
    weights = editions.weights_of(name)
    if weights is not None:
        return _describe_built_in(name, weights)
    known, installed = KNOWN.get(name), records.find(name)
    found = installed or known
    if found is None:
        raise UnknownModel(name, records.known_names())
    return Description(
        name=name,
        kind=found.kind,
        factor=found.factor,
        quantiser=UniformQuantiser(found.channels),
        preview=_preview(known.family if known else _family(installed)),
        weights_hash=installed.weights_hash if installed else None,
        size=installed.size if installed else 0,
        repo=found.repo,
    )


def _describe_built_in(name: str, weights: Path) -> Description:
    tables = lite_tables.tables(weights)
    return Description(
        name=name,
        kind="lite",
        factor=lite_tables.FACTOR,
        quantiser=tables.quantiser,
        preview=PreviewTable(tables.preview, side=2),
        weights_hash=editions.hash_of(name),
        size=weights.stat().st_size,
    )


def _family(installed: Installed | None) -> Family | None:
    """That of a model which was added, by its latent space."""
    if installed is None:
        return None
    return family_of(installed.channels, installed.scaling, installed.shift)


def _preview(family: Family | None) -> PreviewTable | None:
    return PreviewTable(np.array(_TABLES[family], np.float32)) if family else None


def load(name: str, device: str = "cpu") -> Autoencoder:
    """Load a model's network: lite-1 on the processor in integers, all else onto a torch device,
    in float32.

    Raises ExtraMissing, UnknownModel, ModelMissing, BadModel, or WeightsMismatch if the files are
    no longer those that were installed.
    """
    weights = editions.weights_of(name)
    if weights is not None:
        if device == "cpu":
            return lite.load(weights, editions.hash_of(name))
        need("torch")
        from sdz.models import lite_torch

        return lite_torch.load(device, weights, editions.hash_of(name))
    installed = records.require(name)
    if not records.untouched(installed):
        records.verify(installed)
    need("torch", "diffusers")
    from sdz.models.diffusers_adapter import open_installed

    return open_installed(installed, describe(name), device)


def describe_reader(header: Header) -> Description:
    """What is known of the model that reads files with this header. See ``require_reader``."""
    return describe(require_reader(header))


def add(folder: Path, name: str) -> ModelRow:
    """Install a local folder in diffusers layout; see ``store.add``."""
    store.add(folder, name)
    return row(name)


def list_models() -> list[ModelRow]:
    """Every model there is or could be: built in, known on the hub, added."""
    return [row(name) for name in records.known_names()]


def row(name: str) -> ModelRow:
    """The line of one model. Looks at sizes only; ``verify`` hashes. May raise UnknownModel."""
    try:
        installed = records.find(name)
        if name == BUILT_IN or installed is None:
            description = describe(name)
            state: State = "built-in" if name == BUILT_IN else "missing"
            digest = description.weights_hash.hex() if description.weights_hash else None
            return ModelRow(name, state, description.size, description.repo, digest)
    except BadModel:
        return ModelRow(name, "damaged", 0, None, None)
    sizes = {file: record.size for file, record in installed.files.items()}
    found = {file: _size(installed, file) for file in sizes}
    state = "installed" if sizes == found else "damaged"
    digest = installed.weights_hash.hex()
    return ModelRow(name, state, installed.size, installed.repo, digest)


def _size(installed: Installed, file: str) -> int | None:
    try:
        return (installed.folder / file).stat().st_size
    except OSError:
        return None


def verify(name: str) -> ModelRow:
    """Hash an installed model's files again and compare with what was installed.

    Raises WeightsMismatch or BadModel if they differ, ModelMissing or UnknownModel if there are
    none. What is built in has no files of its own to compare.
    """
    if name != BUILT_IN:
        records.verify(records.require(name))
    return row(name)
