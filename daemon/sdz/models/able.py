"""What can be done with a model, told by its name alone: no torch, and no picture is read."""

from __future__ import annotations

from sdz.codec.matching import check_latents, check_weights
from sdz.container import WELL_KNOWN, Header
from sdz.errors import BuiltInModel, UnknownModel
from sdz.models import editions
from sdz.models.known import BUILT_IN, KNOWN
from sdz.models.records import check_name, known_names, require
from sdz.wish import cannot_search


def require_able(name: str, effort: str = "normal") -> None:
    """Raise UnknownModel for a name that means nothing, BadOption for an effort beyond it."""
    known = known_names()
    if name not in known:
        raise UnknownModel(name, known)
    if effort == "high" and name != BUILT_IN:
        raise cannot_search(name)


def require_loadable(name: str) -> None:
    """Raise BadModelName, UnknownModel or ModelMissing where there is nothing to load."""
    check_name(name)
    if name != BUILT_IN:
        require(name)


def require_reader(header: Header) -> str:
    """The model that reads files with this header, by the name it goes by within sdz.

    Raises UnknownModel, ModelMissing, BadModel, WeightsMismatch or BadField where nothing here can:
    48 bytes can ask for 10 GB on behalf of a model that nobody has.
    """
    name = editions.reader_of(header.model.name, header.weights)
    weights = editions.weights_of(name)
    if weights is not None:
        (built_in,) = (model for model in WELL_KNOWN if model.name == BUILT_IN)
        channels, factor, known = built_in.channels, built_in.factor, editions.hash_of(name)
    else:
        found = require(name)
        channels, factor, known = found.channels, found.factor, found.weights_hash
    check_weights(header, known)
    check_latents(header, channels, factor)
    return name


def require_pullable(name: str) -> None:
    """Raise BadModelName, BuiltInModel or UnknownModel for what is not on the hub."""
    check_name(name)
    if name == BUILT_IN:
        raise BuiltInModel(name)
    if name not in KNOWN:
        raise UnknownModel(name, known_names())
