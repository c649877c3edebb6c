"""Names to autoencoders: describing, loading and listing them.

``describe`` and ``list_models`` need no torch; ``load`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sdz.errors import BadModel, UnknownModel
from sdz.models import lite, preview_tables, store
from sdz.models.description import Description, PreviewTable
from sdz.models.known import BUILT_IN, KNOWN, Family, family_of
from sdz.models.quantiser import UniformQuantiser

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
    if name == BUILT_IN or lite.is_edition(name):
        return _describe_built_in(name)
    known, installed = KNOWN.get(name), store.find(name)
    if installed is not None:
        family = (
            known.family
            if known
            else family_of(installed.channels, installed.scaling, installed.shift)
        )
        return Description(
            name=name,
            kind=installed.kind,
            factor=installed.factor,
            quantiser=UniformQuantiser(installed.channels),
            preview=_table(family),
            weights_hash=installed.weights_hash,
            size=installed.size,
            repo=installed.repo,
            subfolder=installed.subfolder,
            revision=installed.revision,
        )
    if known is None:
        raise UnknownModel(name, store.known_names())
    return Description(
        name=name,
        kind=known.kind,
        factor=known.factor,
        quantiser=UniformQuantiser(known.channels),
        preview=_table(known.family),
        repo=known.repo,
        subfolder=known.subfolder,
        revision=known.revision,
    )


def reader_of(name: str, weights: bytes) -> str:
    """The model that reads files of model ``name`` whose header has this hash: itself, but for the
    earlier editions of the built-in one, which have names of their own."""
    return lite.edition_of(weights) if name == BUILT_IN else name


def _describe_built_in(name: str) -> Description:
    path = lite.weights_of(name)
    tables = lite.tables(path)
    return Description(
        name=name,
        kind="lite",
        factor=lite.FACTOR,
        quantiser=tables.quantiser,
        preview=PreviewTable(tables.preview, side=2),
        weights_hash=lite.weights_hash(path),
        size=path.stat().st_size,
    )


def _table(family: Family | None) -> PreviewTable | None:
    return PreviewTable(np.array(_TABLES[family], np.float32)) if family else None


def load(name: str, device: str = "cpu") -> Autoencoder:
    """Load a model's network onto a torch device, in float32.

    Raises UnknownModel, ModelMissing, BadModel, or WeightsMismatch if the files are no longer
    those that were installed.
    """
    if name == BUILT_IN or lite.is_edition(name):
        return lite.load(device, lite.weights_of(name))
    installed = store.require(name)
    if not store.untouched(installed):
        store.verify(installed)
    from sdz.models.diffusers_adapter import open_installed

    return open_installed(installed, describe(name), device)


def list_models() -> list[ModelRow]:
    """Every model there is or could be: built in, known on the hub, added."""
    return [row(name) for name in store.known_names()]


def row(name: str) -> ModelRow:
    """The line of one model. Looks at sizes only; ``verify`` hashes. May raise UnknownModel."""
    try:
        installed = store.find(name)
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


def _size(installed: store.Installed, file: str) -> int | None:
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
        store.verify(store.require(name))
    return row(name)
