"""What can be done with a model, told by its name alone: no torch, and no picture is read."""

from __future__ import annotations

from sdz.errors import BuiltInModel, UnknownModel
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


def require_pullable(name: str) -> None:
    """Raise BadModelName, BuiltInModel or UnknownModel for what is not on the hub."""
    check_name(name)
    if name == BUILT_IN:
        raise BuiltInModel(name)
    if name not in KNOWN:
        raise UnknownModel(name, known_names())
